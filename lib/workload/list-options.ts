import { invalidValue } from '../errors';
import type { WorkloadOptions } from './workload-options';

const LISTS = [
  'uses',
  'aliases',
  'command',
  'entrypoint',
  'files',
  'mounts',
  'volumes',
  'temporaryFileSystems',
  'publish',
  'groups',
  'capabilities',
  'securityOptions',
  'extraHosts',
  'dns',
  'devices',
  'ulimits',
] as const satisfies readonly (keyof WorkloadOptions)[];

/**
 * Plain JavaScript and scripts that run without a look at their types may give anything.
 * @throws TradingStackError for a list that is none, and for a word of a command line without a value
 */
export function checkLists(options: WorkloadOptions, where: string): void {
  for (const option of LISTS) {
    const given: unknown = options[option];
    if (given === undefined || given === null || Array.isArray(given)) continue;
    throw invalidValue(where, option, given, `a list${typeof given === 'string' ? `: ${wordsOf(given)}` : ', in [ ]'}`);
  }
  checkWords('command', options.command, where);
  checkWords('entrypoint', options.entrypoint, where);
}

function wordsOf(line: string): string {
  const words = line.split(/\s+/).filter((word) => word !== '');
  return `[${words.map((word) => `'${word}'`).join(', ')}]`;
}

function checkWords(option: string, words: readonly (string | undefined | null)[] | undefined, where: string): void {
  words?.forEach((word, index) => {
    if (word === undefined || word === null) throw invalidValue(where, `${option}[${index}]`, word, 'a text');
  });
}
