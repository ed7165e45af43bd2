import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { writeTo } from '../output/write';
import type { DockerApi } from './docker-api';
import { FrameReader } from './streams';

/** Where the input of a command comes from, and its output goes to. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

const EXIT_CODE_ATTEMPTS = 20;

/**
 * Runs a command in a container, with a terminal of its own if this process has one.
 * @returns its exit code
 * @throws DockerApiError if the engine does not run it
 */
export async function execute(
  container: string,
  command: readonly string[],
  docker: DockerApi,
  terminal: Terminal,
): Promise<number> {
  const { stdin, stdout } = terminal;
  // Without a terminal a stream does not have the property.
  const Tty = [stdin, stdout].every(({ isTTY }) => isTTY);
  const attached = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty };
  const id = await createExec(container, { ...attached, Cmd: command }, docker);
  const stream = await docker.stream(`/exec/${id}/start`, { Detach: false, Tty });
  if (Tty) await withRawTerminal(id, docker, terminal, () => transfer(stream, true, terminal));
  else await transfer(stream, false, terminal);
  return exitCodeOf(id, docker);
}

/** Prepares a command in a container, and returns the id with which it is started. */
export async function createExec(
  container: string,
  body: object,
  docker: DockerApi,
  signal?: AbortSignal,
): Promise<string> {
  const created = await docker.send('POST', `/containers/${container}/exec`, { body, signal });
  return (JSON.parse(created.toString('utf8')) as { readonly Id: string }).Id;
}

/** Passes every key on, also Ctrl-C, and the size of the terminal. */
async function withRawTerminal(
  id: string,
  docker: DockerApi,
  { stdin, stdout }: Terminal,
  work: () => Promise<void>,
): Promise<void> {
  const resize = (): void => {
    const query = { h: String(stdout.rows), w: String(stdout.columns) };
    // A command that has ended has no terminal any more.
    docker.send('POST', `/exec/${id}/resize`, { query }).catch(() => undefined);
  };
  stdin.setRawMode(true);
  stdout.on('resize', resize);
  resize();
  try {
    await work();
  } finally {
    stdout.off('resize', resize);
    stdin.setRawMode(false);
  }
}

/** Ends when the command has closed its output, or nothing reads it any more. */
async function transfer(stream: Duplex, isTerminal: boolean, { stdin, stdout, stderr }: Terminal): Promise<void> {
  const frames = new FrameReader(isTerminal);
  // A command may end without reading its input.
  stream.on('error', () => undefined);
  stdin.pipe(stream);
  try {
    for await (const chunk of stream) {
      for (const { stream: name, content } of frames.add(chunk as Buffer)) {
        const target = name === 'stderr' ? stderr : stdout;
        await writeTo(target, content);
        // As in `exec desk db -- journal | head`.
        if (target.destroyed) return;
      }
    }
  } finally {
    stdin.unpipe(stream);
    // Otherwise this process would wait for more.
    stdin.pause();
    stream.destroy();
  }
}

/** The exit code of a command in a container, which the engine may take a moment to know. */
export async function exitCodeOf(id: string, docker: DockerApi): Promise<number> {
  for (let attempt = 0; attempt < EXIT_CODE_ATTEMPTS; attempt += 1) {
    const answer = await docker.send('GET', `/exec/${id}/json`);
    const { Running, ExitCode } = JSON.parse(answer.toString('utf8')) as { Running: boolean; ExitCode: number | null };
    if (!Running && ExitCode !== null) return ExitCode;
    await setTimeout(100);
  }
  return 1;
}
