import type { TradingStack } from '../../index';
import { declaredBackups } from './repository';

/** The retained volumes that backups are in, with the ids of the servers whose backups these are. */
export function backupVolumes(stack: TradingStack): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { server, workload, targetVolumes } of declaredBackups(stack)) {
    for (const { volume, lifetime } of workload.spec.volumes) {
      if (lifetime !== 'retained' || !targetVolumes.includes(volume)) continue;
      found.set(volume, [...(found.get(volume) ?? []), server.node.id]);
    }
  }
  return found;
}

/** A line for each of the volumes that backups are in, which are lost with it. */
export function describeBackupVolumes(volumes: readonly string[], stack: TradingStack): string[] {
  return [...backupVolumes(stack)]
    .filter(([volume]) => volumes.includes(volume))
    .map(([volume, servers]) => `${volume} contains the backups of ${servers.join(', ')}.`);
}
