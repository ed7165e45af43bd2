import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the program does: connects to a socket, or prints an error and ends. */
export type SshBehavior =
  | {
      readonly socket: string;
      /** Whether it only ends when it is killed. */
      readonly lingers?: boolean;
    }
  | { readonly prints: string; readonly exitCode: number };

const ENDS = "socket.on('close', () => process.exit(0)).on('error', () => process.exit(1));";

/** A program `ssh` in a folder of its own, which stands in for the real one. */
export class FakeSsh {
  private readonly folder = mkdtempSync(join(tmpdir(), 'ssh-'));

  constructor(behavior: SshBehavior) {
    const work =
      'socket' in behavior
        ? `const socket = require('node:net').connect(${JSON.stringify(behavior.socket)});
           process.stdin.pipe(socket).pipe(process.stdout);
           ${behavior.lingers === true ? 'setInterval(() => undefined, 1000);' : ENDS}`
        : `process.stderr.write(${JSON.stringify(behavior.prints)}); process.exitCode = ${behavior.exitCode};`;
    const script = `#!${process.execPath}
      require('node:fs').appendFileSync(${JSON.stringify(this.trace)}, process.argv.slice(2).join(' ') + '\\n');
      require('node:fs').appendFileSync(${JSON.stringify(this.processes)}, process.pid + '\\n');
      ${work}`;
    writeFileSync(join(this.folder, 'ssh'), script);
    chmodSync(join(this.folder, 'ssh'), 0o755);
  }

  /** The PATH of a process that uses it. */
  get path(): string {
    return `${this.folder}:${process.env.PATH ?? ''}`;
  }

  /** The arguments of every start. */
  get starts(): string[] {
    return readFileSync(this.trace, 'utf8').trimEnd().split('\n');
  }

  /** The processes that have not ended. */
  get running(): number[] {
    return readFileSync(this.processes, 'utf8')
      .trimEnd()
      .split('\n')
      .map(Number)
      .filter((pid) => isRunning(pid));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private get trace(): string {
    return join(this.folder, 'trace');
  }

  private get processes(): string {
    return join(this.folder, 'processes');
  }
}

/** A process that has ended may wait for a parent that asks for its exit code. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}
