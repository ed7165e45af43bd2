import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TradingStack } from '../../index';
import type { Attempt, DeployRecord } from './deploy-record';

/** How many deploys are kept. */
export const KEPT_DEPLOYS = 10;

/** What is known of the deploys of a stack at one moment. */
export interface HistoryContent {
  /** The deploys that succeeded, the last one at the end. */
  readonly deploys: readonly DeployRecord[];
  /** What has begun and has not succeeded; `undefined` if the last deploy has. */
  readonly attempt: Attempt | undefined;
  /** The deploy that runs; `undefined` after one that has not succeeded. */
  readonly current: DeployRecord | undefined;
}

type Line = { readonly deploy: DeployRecord } | { readonly attempt: Attempt };

/**
 * A file about the last deploys of a stack, next to the local state. Each line is a JSON document, so that damage to one
 * leaves the others.
 */
export class History {
  private readonly file: string;

  /** @param folder the stack's output folder */
  constructor(folder: string, stack: Pick<TradingStack, 'stateFile'>) {
    this.file = `${join(folder, stack.stateFile)}.history`;
  }

  /** Reads everything at once: the file may have the configurations of many services. */
  read(): HistoryContent {
    const lines = this.lines();
    const deploys = lines.flatMap((line) => ('deploy' in line ? [line.deploy] : []));
    const attempt = lines.flatMap((line) => ('attempt' in line ? [line.attempt] : [])).at(-1);
    return { deploys, attempt, current: attempt === undefined ? deploys.at(-1) : undefined };
  }

  get deploys(): HistoryContent['deploys'] {
    return this.read().deploys;
  }

  /** Called before the first change. */
  begin(attempt: Attempt): void {
    this.write([...this.deploys.map((deploy) => ({ deploy })), { attempt }]);
  }

  /** Called when everything runs. */
  add(deploy: Omit<DeployRecord, 'id'>): void {
    const { deploys } = this;
    const id = idAfter(deploys.at(-1)?.id, Date.parse(deploy.time));
    this.write([...deploys, { id, ...deploy }].slice(-KEPT_DEPLOYS).map((one) => ({ deploy: one })));
  }

  /**
   * Called when what began has led to what the last deploy had led to.
   * @param now what is different about the last deploy since
   */
  keep(now: Partial<Pick<DeployRecord, 'reason' | 'restores'>>): void {
    const { deploys } = this;
    const last = deploys.at(-1);
    if (last === undefined) return;
    this.write([...deploys.slice(0, -1), { ...last, ...now }].map((deploy) => ({ deploy })));
  }

  /** Called when nothing is deployed any more. */
  remove(): void {
    rmSync(this.file, { force: true });
  }

  private lines(): Line[] {
    if (!existsSync(this.file)) return [];
    return readFileSync(this.file, 'utf8').split('\n').flatMap(parseLine);
  }

  /** In two steps: a process that is killed leaves the old file. */
  private write(lines: readonly Line[]): void {
    const next = `${this.file}.next`;
    rmSync(next, { force: true });
    writeFileSync(next, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 });
    renameSync(next, this.file);
  }
}

/** None for a line that was cut off or is damaged otherwise. */
function parseLine(text: string): Line[] {
  try {
    const line = JSON.parse(text) as { deploy?: Partial<DeployRecord>; attempt?: Partial<Attempt> } | null;
    const isComplete = typeof line?.deploy?.id === 'string' && typeof line.deploy.content === 'object';
    return isComplete || typeof line?.attempt?.time === 'string' ? [line as Line] : [];
  } catch {
    return [];
  }
}

/** The second in which it ended, or the next free one. */
function idAfter(last: string | undefined, time: number): string {
  const earliest = last === undefined ? 0 : parseInt(last, 36) + 1;
  return Math.max(earliest, Math.floor(time / 1000)).toString(36);
}
