import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { TradingStackError } from '../../index';
import { sentencesOf } from '../../internal';
import { CommandError, ExitCode } from './output';
import { quoted } from './quoted';

const LIBRARY = resolve(__dirname, '../..') + sep;

/** The error to show to the user; `undefined` for an unexpected error, whose stack trace is needed. */
export function failureOf(error: unknown): CommandError | undefined {
  if (error instanceof CommandError) return error;
  if (error instanceof CommanderError) return new CommandError('usage', error.message, ExitCode.REFUSED);
  const unwritten = unwrittenFile((error ?? {}) as NodeJS.ErrnoException);
  if (unwritten !== undefined) return unwritten;
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

/** Why a file cannot be written, and how to find out more, by the code of the error. */
const WRITE_ERRORS: Readonly<Record<string, (folder: string) => string>> = {
  ENOSPC: (folder) => `the disk is full. Free some space on it: df -h ${folder}`,
  EDQUOT: (folder) => `the quota of this user is used up. Remove files, or raise it: du -sh ${folder}`,
  EROFS: (folder) => `the file system is read-only. Mount it writable: findmnt --target ${folder}`,
  EACCES: (folder) => `this user may not write there. Run the command as the owner, or change it: ls -ld ${folder}`,
};

/** What a process does when it writes, creates or removes a file. Others with these errors are about sockets and programs. */
const WRITING = /^(open|write|close|fsync|mkdir|mkdtemp|rename|copyfile|chmod|ftruncate|unlink|rm|rmdir)$/;

/** The error for a file that could not be written; `undefined` for any other error. */
function unwrittenFile(error: NodeJS.ErrnoException): CommandError | undefined {
  const { code = '', syscall = '', path } = error;
  const reason = WRITE_ERRORS[code];
  if (reason === undefined || !WRITING.test(syscall) || (code === 'EACCES' && isUnreadable(path))) return undefined;
  const what = path === undefined ? 'A file' : shownPath(path);
  const folder = quoted(path === undefined ? '.' : shownPath(dirname(path)));
  return new CommandError('file-not-written', `${what} cannot be written (${code}): ${reason(folder)}`);
}

/** Whether it exists and may not even be read, so that the error may be about that. */
function isUnreadable(path: string | undefined): boolean {
  if (path === undefined || !existsSync(path)) return false;
  try {
    accessSync(path, constants.R_OK);
    return false;
  } catch {
    return true;
  }
}

/** From here, unless it is elsewhere. */
function shownPath(path: string): string {
  const fromHere = relative('', path);
  return fromHere.startsWith('..') ? path : fromHere === '' ? '.' : fromHere;
}

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
