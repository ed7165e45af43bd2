import { renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Replaces a file that only its owner can read, in two steps: another process may read it at the same time, and a process
 * that is killed must not leave half of it. After a failure, the file is as it was.
 */
export function replaceFile(file: string, content: string, { flush = false } = {}): void {
  const next = `${file}.${process.pid}`;
  // One that a killed process left may be readable by others.
  rmSync(next, { force: true });
  try {
    writeFileSync(next, content, { mode: 0o600, flush });
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    // The one that the reader of the message knows.
    throw Object.assign(error as NodeJS.ErrnoException, { path: file });
  }
}

/** Does work that writes a file. Node does not name it in an error of writing to it when it is open. */
export function naming<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const { syscall, path = file } = error as NodeJS.ErrnoException;
    throw syscall === undefined ? error : Object.assign(error as NodeJS.ErrnoException, { path });
  }
}
