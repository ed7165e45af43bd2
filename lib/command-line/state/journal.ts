import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backupOf } from '../../internal';
import type { TradingStack } from '../../index';
import type { Change } from '../plan/changes';
import { engineObjectOf, type ObjectName } from '../plan/resources';

/** The version of a local state: Terraform counts its changes, and never reuses a lineage. */
interface StateVersion {
  readonly lineage: string;
  readonly serial: number;
}

interface Content {
  readonly written: string;
  /** The local state before the apply; `null` without one. */
  readonly state: StateVersion | null;
  readonly creates: readonly ObjectName[];
}

/**
 * A file about the apply that is under way, next to the local state. It stays if the apply does not succeed: what was
 * created but not recorded, because Terraform was killed or the engine stopped answering, is then known to be a left-over
 * of this stack. It has its place in the project even if the state is in another backend.
 */
export class Journal {
  private readonly state: string;
  private readonly file: string;

  /** @param folder the stack's output folder */
  constructor(folder: string, stack: TradingStack) {
    this.state = join(folder, stack.stateFile);
    this.file = `${this.state}.unfinished`;
  }

  /** Whether the last apply did not succeed. */
  get exists(): boolean {
    return existsSync(this.file);
  }

  /** What the last apply was to create, if it did not succeed. */
  unfinished(): readonly ObjectName[] {
    return this.content()?.creates ?? [];
  }

  /** Called before an apply. */
  write(changes: readonly Change[]): void {
    const creates = changes
      .filter(({ action }) => action === 'create' || action === 'replace')
      .flatMap(({ type, after }) => engineObjectOf(type, after ?? {}) ?? []);
    const content: Content = { written: new Date().toISOString(), state: versionOf(this.state) ?? null, creates };
    writeFileSync(this.file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  }

  /** Called when everything that the last apply was to create is recorded or has been removed. */
  remove(): void {
    rmSync(this.file, { force: true });
  }

  /**
   * Restores a local state that Terraform had begun to write when it was killed: it empties the file first. The backup
   * that it makes at the start of an apply has everything but what the apply changed.
   * @returns whether the state was damaged
   */
  restoreState(): boolean {
    const content = this.content();
    if (content === undefined || !existsSync(this.state) || versionOf(this.state) !== undefined) return false;
    const backup = backupOf(this.state);
    const { lineage, serial } = versionOf(backup) ?? {};
    // The file stays, because Terraform would create one that every user could read.
    if (content.state === null) writeFileSync(this.state, '');
    else if (lineage === content.state.lineage && serial === content.state.serial) copyFileSync(backup, this.state);
    else return false;
    return true;
  }

  private content(): Content | undefined {
    return read(this.file) as Content | undefined;
  }
}

function versionOf(file: string): StateVersion | undefined {
  const state = read(file) as StateVersion | undefined;
  return state && { lineage: state.lineage, serial: state.serial };
}

/** `undefined` for a file that does not exist, or was cut off while it was written. */
function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
