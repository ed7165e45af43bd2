import type { App } from 'cdktf';
import type { CommandContext } from '../../context';
import { BackupContainer, backupsOf, type MadeBackup } from '../../backups/repository';
import { CommandError, ExitCode } from '../../output/output';
import { secondsOf, shownSize } from '../../output/quantities';
import { printTable } from '../../output/table';
import { deployedEngine } from '../../state/deployed-engine';
import { stackNamed } from '../../synthesis/stacks';

/** Makes a backup of one service, or of all that have one, now. */
export async function backup(
  app: App,
  name: string | undefined,
  service: string | undefined,
  context: CommandContext,
): Promise<ExitCode> {
  const stack = stackNamed(app, name);
  const docker = await deployedEngine(app, stack, context.environment);
  const declared = backupsOf(stack, service);
  const failed: string[] = [];
  for (const one of declared) {
    const container = await BackupContainer.of(one, stack, docker);
    if ((await container.run(['run'], context)) !== 0) failed.push(one.server.node.id);
  }
  if (failed.length === 0) return ExitCode.DONE;
  throw new CommandError(
    'backup-failed',
    `The backup of ${failed.join(', ')} failed; the lines above say why. Older backups are untouched.`,
  );
}

/** Lists the backups of one service, or of all that have one. */
export async function backups(
  app: App,
  name: string | undefined,
  service: string | undefined,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  const stack = stackNamed(app, name);
  const docker = await deployedEngine(app, stack, context.environment);
  const found: (MadeBackup & { readonly service: string })[] = [];
  for (const one of backupsOf(stack, service)) {
    const container = await BackupContainer.of(one, stack, docker);
    found.push(...(await container.list()).map((made) => ({ service: one.server.node.id, ...made })));
  }
  if (output.isJson) {
    output.document({ stack: stack.node.id, backups: found });
    return ExitCode.DONE;
  }
  if (found.length === 0) {
    output.say('There is no backup yet.');
    return ExitCode.DONE;
  }
  const hasPoints = found.some(({ points }) => points !== null);
  const rows = found.map(({ points, ...made }) => [
    made.service,
    made.id,
    made.madeAt,
    made.size === null ? '' : shownSize(made.size),
    ...(hasPoints ? [points === null ? '' : `${secondsOf(points.from)} to ${secondsOf(points.until)}`] : []),
  ]);
  const titles = ['SERVICE', 'BACKUP', 'MADE AT', 'SIZE', ...(hasPoints ? ['RESTORES TO ANY TIME FROM'] : [])];
  printTable(output, titles, rows);
  return ExitCode.DONE;
}
