import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';

/** Tests that need a program, which are skipped with a warning where it does not run. */
export function describeWith(program: string, args: readonly string[], define: () => void): void {
  if (spawnSync(program, args).status === 0) {
    describe(program, define);
    return;
  }
  console.warn(`SKIPPED: \`${[program, ...args].join(' ')}\` does not run on this machine`);
  describe.skip(program, define);
}

/** A folder for the tests of a file, removed after them. */
export function temporaryFolder(): { locate: (path: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'parser-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  return { locate: (path) => join(folder, path) };
}

/** Characters that at least one of the formats reads as something else than themselves. */
const AWKWARD = Array.from('0123456789-+.:_eExXoOnNyYaif~=<>&*!%@|"\'#?,[]{}()$`\\/; \té€🚀');
const WORDS = ['ON', 'off', 'NO', 'y', '=', '<<', '~', 'null', '10:30', '1_000', '2026-01-02', '012', '1e3', '.inf'];
const MORE_WORDS = ['0x1f', '--port', '-c', '$HOME', '${a}', '%{b}', '$(id)', '# a', "'a'", '"a"', ' a ', '\\n', 'a;b'];

/** A string on one line, of characters that Terraform and processes can carry. */
export const line: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(...AWKWARD), maxLength: 12 }),
    fc.constantFrom(...WORDS, ...MORE_WORDS),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
  )
  .map((text) => text.replace(/[\0\r\n]/g, '').normalize('NFC'));

/** The same with line breaks. */
export const text: fc.Arbitrary<string> = fc
  .array(line, { maxLength: 3 })
  .chain((lines) => fc.constantFrom('\n', '\r\n', '\n\n').map((end) => lines.join(end)));
