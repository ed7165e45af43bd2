import type { IConstruct } from 'constructs';
import { type Backup, Secret, type TradingStack, Workload } from '../../index';
import type { RegisteredWorkload } from '../../internal';
import { declaredBackups } from './repository';

/**
 * The services that use a server or a volume: those that start after it or its jobs, those that have one of its secrets,
 * which includes the ones that do not wait for it, and those that mount a volume; and the server itself, first, if it has to
 * be stopped too.
 */
export function usersOf({ server, restoredStopped, volumes }: Backup, stack: TradingStack): RegisteredWorkload[] {
  const parts = server.node.findAll();
  const addresses = addressesUnder(server);
  const files = new Set(parts.flatMap((part) => (part instanceof Secret ? [part.handle.file] : [])));
  const backups = new Set(declaredBackups(stack).flatMap(({ workload }) => workload.addresses));
  return stack.platform.workloads.filter(
    ({ spec, address }) =>
      spec.kind === 'service' &&
      !backups.has(address) &&
      (addresses.has(address)
        ? restoredStopped
        : spec.dependsOn.some((needed) => addresses.has(needed)) ||
          spec.volumes.some(({ volume }) => volumes.includes(volume)) ||
          spec.secrets.some(({ secret }) => files.has(secret.file))),
  );
}

/** The addresses of the workloads that belong to a construct. */
export function addressesUnder(construct: IConstruct): ReadonlySet<string> {
  return new Set(construct.node.findAll().flatMap((part) => (part instanceof Workload ? part.addresses : [])));
}
