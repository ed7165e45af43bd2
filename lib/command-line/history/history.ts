import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TradingStack } from '../../index';
import { replaceFile } from '../../internal';
import type { Attempt, DeployRecord } from './deploy-record';
import { type Line, parseLine } from './recorded-line';

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
  /** What is missing because its lines are damaged, as a warning; `undefined` if none is. */
  readonly damage: string | undefined;
}

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
    const { lines, damaged } = this.lines();
    const deploys = lines.flatMap((line) => ('deploy' in line ? [line.deploy] : []));
    const attempt = lines.flatMap((line) => ('attempt' in line ? [line.attempt] : [])).at(-1);
    const current = attempt === undefined ? deploys.at(-1) : undefined;
    return { deploys, attempt, current, damage: damaged.length === 0 ? undefined : this.describe(damaged) };
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

  private lines(): { readonly lines: readonly Line[]; readonly damaged: readonly number[] } {
    const lines: Line[] = [];
    const damaged: number[] = [];
    const content = existsSync(this.file) ? readFileSync(this.file, 'utf8') : '';
    for (const [index, text] of content.split('\n').entries()) {
      if (text === '') continue;
      const line = parseLine(text);
      if (line === undefined) damaged.push(index + 1);
      else lines.push(line);
    }
    return { lines, damaged };
  }

  private describe(damaged: readonly number[]): string {
    const isOne = damaged.length === 1;
    const file = relative('', this.file);
    return (
      `Warning: ${isOne ? 'Line' : 'Lines'} ${damaged.join(', ')} of ${file} ${isOne ? 'is' : 'are'} damaged and left out: ` +
      `no rollback can go back to what ${isOne ? 'it has' : 'they have'} recorded. The next deploy removes ` +
      `${isOne ? 'it' : 'them'}. If you have a copy of the file, restore it before that.`
    );
  }

  private write(lines: readonly Line[]): void {
    replaceFile(this.file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
}

/** The second in which it ended, or the next free one. */
function idAfter(last: string | undefined, time: number): string {
  const earliest = last === undefined ? 0 : parseInt(last, 36) + 1;
  return Math.max(earliest, Math.floor(time / 1000)).toString(36);
}
