import { distance } from 'fastest-levenshtein';
import { invalidValue } from '../../errors';

/** The capabilities of Linux, in the order of their numbers: https://man7.org/linux/man-pages/man7/capabilities.7.html */
const CAPABILITIES = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...['LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP'],
  ...['MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF'],
  'CHECKPOINT_RESTORE',
];

/** Every capability. */
export const ALL_CAPABILITIES = 'ALL';

/** @throws TradingStackError for a name that Docker would refuse in the middle of a deploy */
export function checkCapabilities(names: readonly string[], where: string): void {
  for (const [index, given] of names.entries()) {
    const name = plainCapability(given);
    if (name === ALL_CAPABILITIES || CAPABILITIES.includes(name)) continue;
    const [nearest = ''] = [...CAPABILITIES].sort((one, other) => distance(one, name) - distance(other, name));
    const allowed = `a capability of Linux, such as '${nearest}', or '${ALL_CAPABILITIES}'`;
    throw invalidValue(where, `capabilities[${index}]`, given, allowed);
  }
}

/** Capabilities as Docker reports them, without `CAP_`, each once and sorted, so that plans do not differ. */
export function resolveCapabilities(names: readonly string[]): string[] {
  return [...new Set(names.map(plainCapability))].sort();
}

function plainCapability(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}
