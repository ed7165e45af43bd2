import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { withoutControls } from '../output/control-sequences';
import { type DockerApi, DockerApiError } from './docker-api';
import { createExec, exitCodeOf } from './exec';
import { FrameReader } from './streams';

/** How a program in a container ended. */
export interface ProgramOutcome {
  readonly exitCode: number;
  /** What it printed to stdout. */
  readonly stdout: string;
}

/** Where the input of a program comes from, and its output goes to. */
export interface ProgramStreams {
  /**
   * What it reads from its input.
   * @default - it has no input
   */
  readonly input?: string;
  /** Gets each line of stderr, and with `showsStdout` each line of stdout too. */
  readonly onLine: (line: string) => void;
  readonly showsStdout: boolean;
  /**
   * Stops waiting for a program without input, which goes on in its container.
   * @default - it may run for any time
   */
  readonly signal?: AbortSignal;
}

/**
 * Runs a program in a running container, with the variables and the user of the container.
 * @throws DockerApiError also if the container does not run, the connection is lost, and after the signal
 */
export async function runInContainer(
  docker: DockerApi,
  container: string,
  command: readonly string[],
  { input, onLine, showsStdout, signal }: ProgramStreams,
): Promise<ProgramOutcome> {
  const body = { AttachStdin: input !== undefined, AttachStdout: true, AttachStderr: true, Cmd: command };
  const id = await createExec(container, body, docker, signal);
  const path = `/exec/${id}/start`;
  const response = await start(path, { input, signal }, docker);
  const lines = { stdout: new LineSplitter(onLine), stderr: new LineSplitter(onLine) };
  const frames = new FrameReader(false);
  const stdout: Buffer[] = [];
  try {
    for await (const chunk of response) {
      for (const { stream, content } of frames.add(chunk as Buffer)) {
        if (stream === 'stdout') stdout.push(content);
        if (stream === 'stderr' || showsStdout) lines[stream].add(content);
      }
    }
    // The answer ends with its connection, so one that was cut off looks complete.
    signal?.throwIfAborted();
  } catch (error) {
    throw DockerApiError.unanswered(docker.address, `POST ${path}`, error as Error);
  }
  for (const splitter of Object.values(lines)) splitter.end();
  return { exitCode: await exitCodeOf(id, docker), stdout: Buffer.concat(stdout).toString('utf8') };
}

/** Begins the program, whose output can then be read. */
async function start(
  path: string,
  { input, signal }: { readonly input: string | undefined; readonly signal: AbortSignal | undefined },
  docker: DockerApi,
): Promise<Readable> {
  const body = { Detach: false, Tty: false };
  if (input === undefined) return docker.open('POST', path, { body, signal });
  const stream = await docker.stream(path, body);
  stream.end(input);
  return stream;
}

/** Lines of a stream that arrives in pieces. */
class LineSplitter {
  private rest = '';
  /** A character may arrive in two pieces. */
  private readonly decoder = new StringDecoder('utf8');

  constructor(private readonly onLine: (line: string) => void) {}

  add(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.onLine(withoutControls(line));
  }

  end(): void {
    if (this.rest !== '') this.onLine(withoutControls(this.rest));
  }
}
