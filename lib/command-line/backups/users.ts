import type { IConstruct } from 'constructs';
import { type Backup, Secret, type TradingStack, Workload } from '../../index';
import type { RegisteredWorkload } from '../../internal';
import { getsSecret, usesWorkload } from '../services/usage';
import { declaredBackups } from './repository';

/**
 * The services that a restore stops: those that use a server or one of its jobs, get one of its secrets, or mount a volume;
 * and the server itself, first, if it has to be stopped too.
 */
export function usersOf({ server, restoredStopped, volumes }: Backup, stack: TradingStack): RegisteredWorkload[] {
  const { workloads } = stack.platform;
  const addresses = addressesUnder(server);
  const own = workloads.filter(({ address }) => addresses.has(address));
  const secrets = server.node.findAll().filter((part) => part instanceof Secret);
  const files = new Set(secrets.map(({ file }) => file));
  const backups = new Set(declaredBackups(stack).flatMap(({ workload }) => workload.addresses));
  const isUser = (workload: RegisteredWorkload): boolean =>
    own.some((one) => usesWorkload(workload, one)) ||
    getsSecret(workload, files) ||
    workload.spec.volumes.some(({ volume }) => volumes.includes(volume));
  return workloads.filter(
    (workload) =>
      workload.spec.kind === 'service' &&
      !backups.has(workload.address) &&
      (addresses.has(workload.address) ? restoredStopped : isUser(workload)),
  );
}

/** The names of the services that a server consists of, without the one that backs it up. */
export function namesOfServer({ server, workload: { addresses } }: Backup, stack: TradingStack): string[] {
  const own = addressesUnder(server);
  return stack.platform.workloads
    .filter(({ spec, address }) => spec.kind === 'service' && own.has(address) && !addresses.includes(address))
    .map(({ spec }) => spec.name);
}

/** The addresses of the workloads that belong to a construct. */
export function addressesUnder(construct: IConstruct): ReadonlySet<string> {
  return new Set(construct.node.findAll().flatMap((part) => (part instanceof Workload ? part.addresses : [])));
}
