import type { Secret, TradingStack } from '../../index';
import type { RegisteredWorkload } from '../../internal';
import { getsSecret } from '../services/usage';

/** The services and jobs of a stack that get one of these secrets. */
export function consumersOf(secrets: readonly Secret[], { platform }: TradingStack): RegisteredWorkload[] {
  const files = filesOf(secrets);
  return platform.workloads.filter((workload) => getsSecret(workload, files));
}

/** Those of them that a deploy replaces after a rotation: all but servers that were told the new content while they ran. */
export function replacedByRotation(secrets: readonly Secret[], stack: TradingStack): RegisteredWorkload[] {
  const files = filesOf(secrets);
  return consumersOf(secrets, stack).filter(({ spec }) => {
    // The secrets of a Swarm cannot be changed.
    const isReplaced = stack.engine.secretTransport(spec) === 'object';
    const mounted = spec.secrets.map(({ secret }) => secret).filter(({ file }) => files.has(file));
    return isReplaced || mounted.length === 0 || mounted.some(({ versionKind }) => versionKind === 'version');
  });
}

function filesOf(secrets: readonly Secret[]): ReadonlySet<string> {
  return new Set(secrets.map(({ file }) => file));
}
