import type { TradingStack } from '../../index';
import type { DockerApi } from './docker-api';
import { lastWordsOf, printLastWords } from './log-tail';
import type { Output } from '../output/output';
import { redaction } from '../output/redaction';
import type { WorkloadState } from './workload-state';

/** Shows the logs of stopped services while they exist: planning makes the provider remove the containers. */
export async function showStopped(
  stopped: readonly WorkloadState[],
  stack: TradingStack,
  docker: DockerApi,
  output: Output,
): Promise<void> {
  if (stopped.length === 0) return;
  printLastWords(await lastWordsOf(stopped, docker, redaction(stack)), output);
  output.say('\nPlanning removes stopped containers with their logs; the deploy recreates them.');
}

/** What planning changed, if nothing was applied: the provider may have removed stopped containers. */
export async function changedByPlan(
  stopped: readonly WorkloadState[],
  docker: DockerApi | undefined,
): Promise<string | undefined> {
  const gone: string[] = [];
  for (const { workload, container } of stopped) {
    if (container === null || docker === undefined) continue;
    // If the engine does not answer, the container may be gone.
    if ((await docker.inspect(container).catch(() => undefined)) === undefined) gone.push(workload.spec.name);
  }
  if (gone.length === 0) return undefined;
  const what = gone.length === 1 ? 'the stopped container' : 'the stopped containers';
  return `Nothing was changed, except that planning removed ${what} ${gone.join(', ')}. Run deploy to recreate what is missing.`;
}
