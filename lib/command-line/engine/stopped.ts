import type { TradingStack } from '../../index';
import type { DockerApi } from './docker-api';
import { lastWordsOf, printLastWords } from './log-tail';
import type { Output } from '../output/output';
import { redaction } from '../output/redaction';
import type { WorkloadState } from './workload-state';

/** What has ended, as long as its log is there: the plan makes the provider remove it. */
export async function showStopped(
  stopped: readonly WorkloadState[],
  stack: TradingStack,
  docker: DockerApi,
  output: Output,
): Promise<void> {
  if (stopped.length === 0) return;
  printLastWords(await lastWordsOf(stopped, docker, redaction(stack)), output);
  output.say('\nWhat is not running is removed when the plan is made, its log too, and the deploy starts it anew.');
}

/** What to say where nothing was applied: making a plan is no change, unless it made the provider remove something. */
export async function changedByPlan(
  stopped: readonly WorkloadState[],
  docker: DockerApi | undefined,
): Promise<string | undefined> {
  const gone: string[] = [];
  for (const { workload, container } of stopped) {
    if (container === null || docker === undefined) continue;
    // Where the engine does not answer, rather one too many.
    if ((await docker.inspect(container).catch(() => undefined)) === undefined) gone.push(workload.spec.name);
  }
  if (gone.length === 0) return undefined;
  return `Nothing was changed, but for what was not running: ${gone.join(', ')} was removed when the plan was made. Deploy starts it anew.`;
}
