import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { TradingStackError } from '../../index';
import { sentencesOf } from '../../internal';
import { CommandError, ExitCode } from './output';

const LIBRARY = resolve(__dirname, '../..') + sep;

/** The error to show to the user; `undefined` for an unexpected error, whose stack trace is needed. */
export function failureOf(error: unknown): CommandError | undefined {
  if (error instanceof CommandError) return error;
  if (error instanceof CommanderError) return new CommandError('usage', error.message, ExitCode.REFUSED);
  if (!(error instanceof Error)) return undefined;
  const at = userFrame(error);
  if (error instanceof TradingStackError) {
    return CommandError.fromProblems([{ code: error.code, message: sentencesOf(error), at }]);
  }
  const [, id, scope] = DUPLICATE_ID.exec(error.message) ?? [];
  if (id === undefined) return undefined;
  const where = scope === undefined ? '' : `${scope}: `;
  const message = `${where}two constructs have the id '${id}'. Choose an id for each that is unique in its scope.`;
  return CommandError.fromProblems([{ code: 'duplicate-id', message, at }]);
}

// https://github.com/aws/constructs/blob/10.x/src/construct.ts
const DUPLICATE_ID = /^There is already a Construct with name '(.*)' in \S+?(?: \[(.*)\])?$/;

/** The line of the user's own code that an error comes from: `desk.ts:42:17`. */
export function userFrame(error: Error): string | undefined {
  for (const frame of (error.stack ?? '').split('\n')) {
    const [, file = '', line = '', column = ''] = /^\s+at (?:.*\()?([^()]+):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    const isForeign = path.startsWith(LIBRARY) || path.includes(`${sep}node_modules${sep}`);
    if (path.startsWith(sep) && !isForeign) return `${relative(process.cwd(), path)}:${line}:${column}`;
  }
  return undefined;
}
