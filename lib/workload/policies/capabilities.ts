import { invalidValue } from '../../errors';

/** The kernel's capabilities, as of Linux 5.9 and later: https://man7.org/linux/man-pages/man7/capabilities.7.html */
const CAPABILITIES: ReadonlySet<string> = new Set([
  'ALL',
  ...['AUDIT_CONTROL', 'AUDIT_READ', 'AUDIT_WRITE', 'BLOCK_SUSPEND', 'BPF', 'CHECKPOINT_RESTORE', 'CHOWN'],
  ...['DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'IPC_LOCK', 'IPC_OWNER', 'KILL', 'LEASE'],
  ...['LINUX_IMMUTABLE', 'MAC_ADMIN', 'MAC_OVERRIDE', 'MKNOD', 'NET_ADMIN', 'NET_BIND_SERVICE', 'NET_BROADCAST'],
  ...['NET_RAW', 'PERFMON', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYSLOG', 'SYS_ADMIN', 'SYS_BOOT'],
  ...['SYS_CHROOT', 'SYS_MODULE', 'SYS_NICE', 'SYS_PACCT', 'SYS_PTRACE', 'SYS_RAWIO', 'SYS_RESOURCE', 'SYS_TIME'],
  ...['SYS_TTY_CONFIG', 'WAKE_ALARM'],
]);

/**
 * Capabilities in Docker's spelling, without the prefix, each once and in one order.
 * @throws TradingStackError for one that the kernel does not have
 */
export function resolveCapabilities(names: readonly string[], where: string): string[] {
  const spelled = names.map((name) => {
    const capability = name.toUpperCase().replace(/^CAP_/, '');
    if (CAPABILITIES.has(capability)) return capability;
    const allowed = "one that capabilities(7) names, such as 'NET_ADMIN', or 'ALL'";
    throw invalidValue(where, 'a capability', name, allowed);
  });
  return [...new Set(spelled)].sort();
}
