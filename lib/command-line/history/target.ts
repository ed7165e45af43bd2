import { CommandError, ExitCode } from '../output/output';
import type { DeployRecord } from './deploy-record';
import type { HistoryContent } from './history';

/**
 * The deploy that a rollback goes back to. Without an id that is the last one that succeeded and differs from what is
 * deployed. A second rollback goes further back, and one that was interrupted is continued.
 * @throws CommandError `unknown-deploy` if there is none
 */
export function targetOf(history: HistoryContent, id: string | undefined, stack: string): DeployRecord {
  const { deploys } = history;
  const found = id === undefined ? before(history) : deploys.find((deploy) => deploy.id === id);
  if (found !== undefined) return found;
  const list = `npm run deploys -- ${stack}`;
  const message =
    id !== undefined
      ? `${stack} has no deploy ${id}. To see those that it has: ${list}`
      : deploys.length === 0
        ? `${stack} has no deploy that a rollback could go back to: each one that succeeds is recorded from now on. Check out the ` +
          `commit of the earlier one, and deploy: npm run deploy -- ${stack}`
        : deploys.length === 1
          ? `${stack} has only one deploy on record, the one that is running, so there is no earlier one to go back to`
          : `There is no earlier deploy of ${stack} that differs from what is deployed. Choose one with --to: ${list}`;
  throw new CommandError('unknown-deploy', message, ExitCode.REFUSED);
}

function before({ deploys, attempt, current }: HistoryContent): DeployRecord | undefined {
  if (current === undefined) {
    const unfinished = deploys.find(({ id }) => id === attempt?.restores);
    return unfinished ?? deploys.at(-1);
  }
  // Ids are in the order of time.
  const origin = current.restores ?? current.id;
  return deploys.filter(({ id, fingerprint }) => id < origin && fingerprint !== current.fingerprint).at(-1);
}
