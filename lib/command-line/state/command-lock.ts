import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join, relative } from 'node:path';
import type { TradingStack } from '../../index';
import { CommandError } from '../output/output';
import { quoted } from '../output/quoted';

/** A command that changes a stack. */
type Command = 'deploy' | 'destroy';

interface Holder {
  readonly command: Command;
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  readonly since: string;
}

/**
 * A file next to the local state that exists while a deploy or destroy of the stack runs. Terraform locks the state for one
 * step at a time, and a deploy has many: another command between two of them would take what it finds for what a killed
 * deploy has left.
 */
export class CommandLock {
  private readonly file: string;

  /** @param folder the stack's output folder */
  constructor(
    folder: string,
    private readonly stack: TradingStack,
  ) {
    this.file = `${join(folder, stack.stateFile)}.lock`;
  }

  /**
   * Does the work of a command unless another one runs.
   * @throws CommandError `state-locked` if another one runs
   */
  async during<Result>(command: Command, work: () => Promise<Result>): Promise<Result> {
    const content = this.acquire(command);
    try {
      return await work();
    } finally {
      // Someone may have removed it, and another command may have it now.
      if (this.read() === content) rmSync(this.file);
    }
  }

  /** @throws CommandError `state-locked` if a deploy or destroy runs */
  check(): void {
    const content = this.read();
    if (content !== undefined && !isLeftBehind(content)) throw this.refusal(content);
  }

  private acquire(command: Command): string {
    const since = new Date().toISOString();
    const holder: Holder = { command, user: userName(), host: hostname(), pid: process.pid, since };
    const content = `${JSON.stringify(holder, null, 2)}\n`;
    if (this.create(content)) return content;
    const existing = this.read();
    if (existing !== undefined && isLeftBehind(existing)) this.removeLeftBehind(existing);
    if (this.create(content)) return content;
    throw this.refusal(this.read() ?? '');
  }

  /** Whether there was none. */
  private create(content: string): boolean {
    try {
      writeFileSync(this.file, content, { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** Of several processes that find the same file, only one can rename it. */
  private removeLeftBehind(content: string): void {
    const aside = `${this.file}.${process.pid}`;
    try {
      renameSync(this.file, aside);
    } catch {
      return;
    }
    // Another process was faster, and this is the lock that it has now.
    if (readFileSync(aside, 'utf8') !== content) renameSync(aside, this.file);
    else rmSync(aside);
  }

  private read(): string | undefined {
    try {
      return readFileSync(this.file, 'utf8');
    } catch {
      return undefined;
    }
  }

  private refusal(content: string): CommandError {
    const { command = 'deploy', user, host, pid, since } = parse(content) ?? {};
    const who = user === undefined ? '' : ` by ${user}@${host ?? ''} (process ${pid ?? ''}), since ${since ?? ''}`;
    return new CommandError(
      'state-locked',
      `A ${command} of ${this.stack.node.id} is running${who}. Run the command again when it has finished. If it is no longer ` +
        `running, remove its lock: rm ${quoted(relative('', this.file))}\nNothing was changed.`,
    );
  }
}

/** Whether the process was killed. That of another machine may run. */
function isLeftBehind(content: string): boolean {
  const { host, pid } = parse(content) ?? {};
  if (host !== hostname() || pid === undefined) return false;
  // In containers, each process may have the same id.
  return pid === process.pid || !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** `undefined` while it is written. */
function parse(content: string): Partial<Holder> | undefined {
  try {
    return JSON.parse(content) as Partial<Holder>;
  } catch {
    return undefined;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // The user of a container may have no name.
    return String(process.getuid?.());
  }
}
