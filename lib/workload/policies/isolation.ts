import type { WarningCode } from '../../errors';
import { bindAddress, isEveryAddress } from '../../platform/ports';
import type { WorkloadSpec } from '../../platform/spec';
import { ALL_CAPABILITIES } from './capabilities';

/**
 * What an attacker of the program would have beyond its container, or what reaches it from outside.
 * @param holdsData whether it is a server that many trust, and that is not made for clients outside of the stack
 */
export function isolationWarnings(
  { security, user, ports }: Pick<WorkloadSpec, 'security' | 'user' | 'ports'>,
  holdsData: boolean,
): { readonly code: WarningCode; readonly about: string }[] {
  const { privileged, options, addCapabilities } = security;
  const everywhere = holdsData ? ports.filter((port) => isEveryAddress(bindAddress(port))) : [];
  return [
    ...everywhere.map((port) => ({ code: 'data-port-public', about: `${bindAddress(port)}:${port.host}` }) as const),
    ...(privileged ? [{ code: 'privileged', about: '`privileged`' } as const] : []),
    ...(addCapabilities.includes(ALL_CAPABILITIES)
      ? [{ code: 'privileged', about: 'the capability ALL' } as const]
      : []),
    ...options
      .filter((option) => TURNED_OFF.test(option))
      .map((about) => ({ code: 'security-profile-off', about }) as const),
    ...(user !== null && runsAsRoot(user) ? [{ code: 'runs-as-root', about: `runs as ${user}` } as const] : []),
  ];
}

const TURNED_OFF = /^((seccomp|apparmor|systempaths)[=:]unconfined|label[=:]disable)$/;

/** Whether a user of a container is root. */
export function runsAsRoot(user: string): boolean {
  return /^(0|root)(:|$)/.test(user);
}
