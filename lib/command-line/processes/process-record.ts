import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** What identifies a process in a file that it leaves if it is killed. */
export interface ProcessRecord {
  readonly host: string;
  readonly pid: number;
  /** The boot of the host; known on Linux only, like the rest. */
  readonly boot?: string;
  /** The PID namespace. Those of containers that share a folder may have the host's name. */
  readonly namespace?: string;
  /** The start of the process, as the kernel counts it: another process may have the same id later. */
  readonly started?: string;
}

/** The record of this process. */
export function thisProcess(): ProcessRecord {
  const boot = unlessMissing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = unlessMissing(() => readlinkSync('/proc/self/ns/pid'));
  const started = statusOf(process.pid)?.started;
  return {
    host: hostname(),
    pid: process.pid,
    ...(boot === undefined ? {} : { boot }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(started === undefined ? {} : { started }),
  };
}

/**
 * Whether the process of a record has certainly ended. One on another host or in another PID namespace cannot be seen
 * from here, and may run.
 */
export function hasEnded(record: Partial<ProcessRecord>, here: ProcessRecord = thisProcess()): boolean {
  const { host, pid, boot, namespace, started } = record;
  if (host !== here.host || pid === undefined) return false;
  if (boot !== here.boot) return boot !== undefined && here.boot !== undefined;
  if (namespace !== here.namespace) return false;
  if (!exists(pid)) return true;
  const current = statusOf(pid);
  if (current === undefined) return false;
  // One that was killed keeps its id until its parent, such as the first process of a container, asks how it ended.
  return current.isZombie || (started !== undefined && started !== current.started);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user exists, too.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** The state and the start of a process, which are the third and the 22nd field of its status. */
function statusOf(pid: number): { readonly isZombie: boolean; readonly started: string | undefined } | undefined {
  const status = unlessMissing(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The second field is the name of the program, which may contain spaces and parentheses.
  const fields = status?.slice(status.lastIndexOf(')') + 2).split(' ');
  return fields && { isZombie: fields[0] === 'Z', started: fields[19] };
}

/** `undefined` on systems without /proc, and for files of other users that it hides. */
function unlessMissing(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
