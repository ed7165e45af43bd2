import type { Endpoint, TradingStack, Workload } from '../../../index';
import { runInContainer } from '../../engine/container-program';
import type { DockerApi } from '../../engine/docker-api';
import { CommandError } from '../../output/output';
import { runningContainer } from '../../services/containers';

/** How long a container may take to answer. `status` is about the services, and does not wait longer for anything else. */
const PATIENCE_SECONDS = 5;

/** An answer, or why there is none. */
export type Asked<Answer> = { readonly answer: Answer } | { readonly unknown: string };

/** What a program prints in the container of a service. */
export async function askProgram(
  { spec: { name } }: Workload,
  command: readonly string[],
  stack: TradingStack,
  docker: DockerApi,
): Promise<Asked<string>> {
  const signal = AbortSignal.timeout(PATIENCE_SECONDS * 1000);
  const complaints: string[] = [];
  const onLine = (line: string): void => {
    complaints.push(line);
  };
  try {
    const container = await runningContainer(stack, name, docker);
    const { exitCode, stdout } = await runInContainer(docker, container, command, {
      onLine,
      showsStdout: false,
      signal,
    });
    if (exitCode === 0) return { answer: stdout };
    return {
      unknown: complaints.at(-1) ?? `${command[0] ?? ''} exited with ${exitCode} in ${name} and printed nothing`,
    };
  } catch (error) {
    if (signal.aborted) return { unknown: `${name} did not answer within ${PATIENCE_SECONDS} s` };
    if (error instanceof CommandError) return { unknown: error.message };
    throw error;
  }
}

/** A server with an HTTP API. */
interface Api {
  readonly workload: Workload;
  readonly endpoint: Endpoint;
}

/**
 * What a server answers in JSON, asked in its own container: its port may not be published. Its image has wget, which is
 * also its health check.
 */
export async function askPage<Page>(
  { workload, endpoint: { port } }: Api,
  path: string,
  stack: TradingStack,
  docker: DockerApi,
): Promise<Asked<Page>> {
  const url = `http://127.0.0.1:${port}${path}`;
  const command = ['wget', '-q', '-T', String(PATIENCE_SECONDS), '-O', '-', url];
  const asked = await askProgram(workload, command, stack, docker);
  if ('unknown' in asked) return asked;
  try {
    return { answer: JSON.parse(asked.answer) as Page };
  } catch {
    return { unknown: `the answer to ${url} is not JSON` };
  }
}
