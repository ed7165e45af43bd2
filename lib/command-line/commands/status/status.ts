import type { App } from 'cdktf';
import type { CommandContext } from '../../context';
import { rolledBackAdvice } from '../../history/rolled-back';
import { ExitCode } from '../../output/output';
import { CommandLock } from '../../state/command-lock';
import { deployedEngine } from '../../state/deployed-engine';
import { outputOf, stackNamed } from '../../synthesis/stacks';
import { alertsOf, printAlerts } from './alerts';
import { backupStatusesOf, printBackups } from './backups';
import { printServices, servicesOf } from './services';

/**
 * Shows what runs, the alerts that fire and the newest backups. The exit code is 0 only if everything that should run does;
 * alerts and backups do not change it.
 */
export async function status(
  app: App,
  name: string | undefined,
  { output, environment }: CommandContext,
): Promise<ExitCode> {
  const stack = stackNamed(app, name);
  const docker = await deployedEngine(app, stack, environment);
  const rolledBack = rolledBackAdvice(app, stack);
  const remedy = rolledBack === undefined ? `Create it: npm run deploy -- ${stack.node.id}` : `${rolledBack}.`;
  const [containers, now] = await Promise.all([docker.containers(), docker.now()]);
  const [services, alerts, backups] = await Promise.all([
    servicesOf(stack, { docker, containers, now, remedy }),
    alertsOf(stack, docker),
    backupStatusesOf(stack, docker),
  ]);
  const killed = new CommandLock(outputOf(app, stack), stack).killed();
  const unfinishedRestore = killed?.command === 'restore' ? { beganAt: killed.since } : null;
  if (unfinishedRestore !== null) {
    output.warn(
      `A restore that began at ${unfinishedRestore.beganAt} was killed: what it had stopped stays stopped. Start everything: ` +
        `npm run deploy -- ${stack.node.id}. It waits for the restore, if that still runs.`,
    );
  }
  const everythingIsUp = services.every((service) => service.isUp);
  if (output.isJson) {
    const document = { stack: stack.node.id, engine: docker.address.text, isUp: everythingIsUp, services };
    output.document({ ...document, alerts, backups, unfinishedRestore });
  } else {
    printServices(stack.node.id, services, now, output);
    // Otherwise nothing can be known of the rest, and one line has said why.
    if (services.some((service) => service.status !== 'missing')) {
      printAlerts(alerts, now, output);
      printBackups(backups, now, output);
    }
  }
  return everythingIsUp ? ExitCode.DONE : ExitCode.FAILED;
}
