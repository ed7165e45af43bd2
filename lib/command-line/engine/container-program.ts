import type { DockerApi } from './docker-api';

/** How a program in a container ended. */
export interface ProgramOutcome {
  readonly exitCode: number;
  /** What it printed to stdout. */
  readonly stdout: string;
}

const FRAME_HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Runs a program in a container that runs, with the variables and the user of the container.
 * @param onLine gets each line of stderr, and each line of stdout too if it is to be shown
 * @throws DockerApiError also if the container does not run
 */
export async function runInContainer(
  docker: DockerApi,
  container: string,
  command: readonly string[],
  { onLine, showsStdout }: { readonly onLine: (line: string) => void; readonly showsStdout: boolean },
): Promise<ProgramOutcome> {
  const body = { AttachStdout: true, AttachStderr: true, Cmd: command };
  const created = await docker.send('POST', `/containers/${container}/exec`, { body });
  const { Id } = JSON.parse(created.toString('utf8')) as { readonly Id: string };
  const response = await docker.open('POST', `/exec/${Id}/start`, { body: { Detach: false, Tty: false } });
  const lines = new LineSplitter(onLine);
  const stdout: Buffer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of response) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    while (rest.length >= FRAME_HEADER_BYTES && rest.length >= FRAME_HEADER_BYTES + rest.readUInt32BE(4)) {
      const end = FRAME_HEADER_BYTES + rest.readUInt32BE(4);
      const content = rest.subarray(FRAME_HEADER_BYTES, end);
      if (rest[0] !== STDERR) stdout.push(content);
      if (rest[0] === STDERR || showsStdout) lines.add(content);
      rest = rest.subarray(end);
    }
  }
  lines.end();
  const ended = await docker.send('GET', `/exec/${Id}/json`);
  const { ExitCode } = JSON.parse(ended.toString('utf8')) as { readonly ExitCode: number | null };
  // Without an exit code the engine lost the program, for example because the container stopped.
  return { exitCode: ExitCode ?? 1, stdout: Buffer.concat(stdout).toString('utf8') };
}

/** Lines of a stream that arrives in pieces. */
class LineSplitter {
  private rest = '';

  constructor(private readonly onLine: (line: string) => void) {}

  add(chunk: Buffer): void {
    const lines = (this.rest + chunk.toString('utf8')).split('\n');
    this.rest = lines.pop() ?? '';
    lines.forEach(this.onLine);
  }

  end(): void {
    if (this.rest !== '') this.onLine(this.rest);
  }
}
