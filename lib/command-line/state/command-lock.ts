import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, relative } from 'node:path';
import type { TradingStack } from '../../index';
import { naming } from '../../internal';
import { CommandError } from '../output/output';
import { quoted } from '../output/quoted';
import { cleaningUp } from '../processes/clean-up';
import { hasEnded, type ProcessRecord, thisProcess } from '../processes/process-record';

/** A command that changes a stack. */
type Command = 'deploy' | 'destroy' | 'images' | 'restore' | 'rollback' | 'rotate' | 'scale';

interface Holder extends ProcessRecord {
  readonly command: Command;
  readonly user: string;
  readonly since: string;
}

/**
 * A file next to the local state that exists while a command changes the stack. Terraform locks the state for one
 * step at a time, and a deploy has many: another command between two of them would take what it finds for what a killed
 * deploy has left.
 */
export class CommandLock {
  private readonly file: string;
  /** Exists while a process replaces a lock that was left behind. */
  private readonly takeover: string;

  /** @param folder the stack's output folder */
  constructor(
    folder: string,
    private readonly stack: TradingStack,
  ) {
    this.file = `${join(folder, stack.stateFile)}.lock`;
    this.takeover = `${this.file}.takeover`;
  }

  /**
   * Does the work of a command unless another one runs.
   * @throws CommandError `state-locked` if another one runs
   */
  async during<Result>(command: Command, work: () => Promise<Result>): Promise<Result> {
    const holder: Holder = { command, user: userName(), ...thisProcess(), since: new Date().toISOString() };
    const content = `${JSON.stringify(holder, null, 2)}\n`;
    const release = (): void => {
      // Without the lock, or if it was removed by hand, the file may belong to another command.
      if (this.read() === content) rmSync(this.file);
    };
    return cleaningUp(release, () => {
      this.acquire(content);
      return work();
    });
  }

  /** @throws CommandError `state-locked` if a command runs that changes the stack */
  check(): void {
    const content = this.read();
    if (content !== undefined && !isLeftBehind(content)) throw this.refusal();
  }

  /** The command that runs in another process; `undefined` for none. */
  running(): { readonly command: string; readonly since: string } | undefined {
    const content = this.read();
    if (content === undefined || isLeftBehind(content)) return undefined;
    const { command = 'deploy', since = '', pid, host, started } = parse(content);
    const own = thisProcess();
    return pid === own.pid && host === own.host && started === own.started ? undefined : { command, since };
  }

  /** The command that was killed while it had the lock; `undefined` for none, and after another one took the lock. */
  killed(): { readonly command: string; readonly since: string } | undefined {
    const content = this.read();
    const { command, since } = parse(content);
    return isLeftBehind(content) && command !== undefined && since !== undefined ? { command, since } : undefined;
  }

  private acquire(content: string): void {
    if (create(this.file, content)) return;
    this.removeLeftBehind();
    if (!create(this.file, content)) throw this.refusal();
  }

  /** A file that is read, found to be left behind and then removed may be the lock of another process by now. */
  private removeLeftBehind(): void {
    if (!isLeftBehind(this.read()) || !create(this.takeover, '')) return;
    try {
      if (isLeftBehind(this.read())) rmSync(this.file);
    } finally {
      rmSync(this.takeover);
    }
  }

  private read(): string | undefined {
    try {
      return readFileSync(this.file, 'utf8');
    } catch {
      return undefined;
    }
  }

  private refusal(): CommandError {
    const { command, user, host, pid, since } = parse(this.read());
    const start =
      user === undefined ? '' : `, started by ${user}@${host ?? ''} (process ${pid ?? ''}) at ${since ?? ''},`;
    const files = [this.file, ...(existsSync(this.takeover) ? [this.takeover] : [])];
    return new CommandError(
      'state-locked',
      `Another command${command === undefined ? '' : ` (\`${command}\`)`} of ${this.stack.node.id}${start} holds the lock. Run the command again when it has finished. If it is ` +
        `no longer running, remove its lock: rm ${files.map((file) => quoted(relative('', file))).join(' ')}\n` +
        'Nothing was changed.',
    );
  }
}

/** Whether the process of a lock was killed. */
function isLeftBehind(content: string | undefined): boolean {
  return hasEnded(parse(content));
}

/** Nothing is known of the holder while the file is written. */
function parse(content = ''): Partial<Holder> {
  try {
    return (JSON.parse(content) as Partial<Holder> | null) ?? {};
  } catch {
    return {};
  }
}

/** Whether there was none. */
function create(file: string, content: string): boolean {
  try {
    closeSync(openSync(file, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    naming(file, () => {
      writeFileSync(file, content);
    });
  } catch (error) {
    // Without its holder it would count as long as it exists.
    rmSync(file);
    throw error;
  }
  return true;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // The user of a container may have no name.
    return String(process.getuid?.());
  }
}
