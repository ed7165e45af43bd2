import type { TradingStack } from '../../index';
import { type RegisteredWorkload, serviceIdOf } from '../../internal';
import { CommandError, ExitCode } from '../output/output';

/**
 * The services and jobs with these names, which may be their ids, or the names of their containers with or without the
 * prefix of the stack; all of them without a name. Replicas that are containers of their own share an id.
 * @throws CommandError `unknown-service` for a name that none of them has
 */
export function workloadsNamed(stack: TradingStack, names: readonly string[]): RegisteredWorkload[] {
  const { workloads } = stack.platform;
  if (names.length === 0) return [...workloads];
  const found = names.map((name) => workloads.filter((workload) => namesOf(workload, stack).includes(hostForm(name))));
  const unknown = names.filter((_, index) => found[index]?.length === 0);
  if (unknown.length > 0) {
    const [what, verb] = unknown.length === 1 ? ['The service', 'does'] : ['The services', 'do'];
    const known = serviceNames(workloads).join(', ');
    const fix = known === '' ? 'It has no services.' : `Pass the name of one that does: ${known}.`;
    throw new CommandError(
      'unknown-service',
      `${what} ${unknown.map((name) => `'${name}'`).join(', ')} ${verb} not exist in ${stack.node.id}. ${fix}`,
      ExitCode.REFUSED,
    );
  }
  const wanted = new Set(found.flat());
  return workloads.filter((workload) => wanted.has(workload));
}

/** Their ids, each once. */
export function serviceNames(workloads: readonly RegisteredWorkload[]): string[] {
  return [...new Set(workloads.map(({ spec }) => serviceIdOf(spec)))];
}

function namesOf(workload: RegisteredWorkload, { platform: { prefix } }: TradingStack): string[] {
  const { name } = workload.spec;
  const withoutPrefix = name.startsWith(`${prefix}-`) ? [name.slice(prefix.length + 1)] : [];
  return [name, serviceIdOf(workload.spec), ...withoutPrefix].map(hostForm);
}

/** An id and the name of its container differ in these signs. */
function hostForm(name: string): string {
  return name.replace(/_/g, '-');
}
