import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CommandError } from '../../../lib/command-line/output/output';
import { naming } from '../../../lib/internal';
import { failureOf, userFrame } from '../../../lib/command-line/output/failure';
import { Engine, Image, PublishedPort, TradingStack, TradingStackError, Workload } from '../../../lib';
import { createApp } from '../../setup/synthesize';

const HERE = relative(process.cwd(), __filename);

/** The error of a mistake in this file. */
function mistake(): Error {
  return errorOf(() => PublishedPort.loopback(70_000));
}

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('userFrame finds the line of the user that caused an error of the library', () => {
  expect(mistake()).toBeInstanceOf(TradingStackError);
  expect(userFrame(mistake())).toMatch(new RegExp(`^${HERE}:\\d+:\\d+$`));
});

test.each([
  ['    at Object.<anonymous> (/desk/desk.ts:4:2)', '/desk/desk.ts:4:2'],
  ['    at /desk/my desk.ts:4:2', '/desk/my desk.ts:4:2'],
  ['    at file:///desk/desk.mjs:4:2', '/desk/desk.mjs:4:2'],
])('userFrame finds the line in %j', (frame, place) => {
  const error = new Error('no');
  error.stack = `Error: no\n    at node:internal/main:1:1\n    at f (/desk/node_modules/cdktf/lib/app.js:1:1)\n${frame}`;
  expect(userFrame(error)).toBe(relative(process.cwd(), '/') + place);
});

test('userFrame returns nothing if the stack has no line of the user', () => {
  const error = new Error('no');
  error.stack = `Error: no\n    at new Workload (${join(__dirname, '../../../lib/workload/workload.ts')}:1:1)`;
  expect(userFrame(error)).toBeUndefined();
});

test('failureOf reports an error of the library with its code, its place and a message without the code', () => {
  const failure = failureOf(mistake());
  expect(failure?.problems).toEqual([
    {
      code: 'invalid-value',
      message: expect.stringMatching(/^(?!.*\[invalid-value\]).*70000/) as unknown,
      at: expect.stringContaining(HERE) as unknown,
    },
  ]);
});

test('failureOf explains a duplicate construct id with the line of the user', () => {
  const stack = new TradingStack(createApp(), 'desk', { engine: Engine.docker() });
  const create = (): unknown => new Workload(stack, 'bot', { image: Image.fromRegistry('node:24-slim') });
  create();
  const failure = failureOf(errorOf(create));
  expect(failure?.problems).toEqual([
    {
      code: 'duplicate-id',
      message: expect.stringMatching(/^desk: .*'bot'/) as unknown,
      at: expect.stringMatching(new RegExp(`^${HERE}:\\d+:\\d+$`)) as unknown,
    },
  ]);
});

test('failureOf leaves an error of a command as it is', () => {
  const error = new CommandError('terraform-failed', 'terraform plan failed.');
  expect(failureOf(error)).toBe(error);
});

test('failureOf has no explanation for a bug', () => {
  expect(failureOf(new TypeError('undefined is not a function'))).toBeUndefined();
  expect(failureOf('text')).toBeUndefined();
});

describe('a file that cannot be written', () => {
  const systemError = (code: string, syscall: string, path?: string): Error =>
    Object.assign(new Error(`${code}: ${syscall}`), { code, syscall, path });

  test.each([
    ['ENOSPC', 'write', 'the disk is full. Free some space on it: df -h desk'],
    ['EDQUOT', 'write', 'the quota of this user is used up. Remove files, or raise it: du -sh desk'],
    ['EROFS', 'open', 'the file system is read-only. Mount it writable: findmnt --target desk'],
    ['EACCES', 'mkdir', 'this user may not write there. Run the command as the owner, or change it: ls -ld desk'],
  ])('is named with the reason and what to do about it: %s', (code, syscall, reason) => {
    const failure = failureOf(systemError(code, syscall, join(process.cwd(), 'desk/state.lock')));

    expect(failure?.code).toBe('file-not-written');
    expect(failure?.message).toBe(`desk/state.lock cannot be written (${code}): ${reason}`);
  });

  test('is found in the errors of Node itself', () => {
    const failure = failureOf(
      errorOf(() => {
        naming('/dev/full', () => {
          writeFileSync('/dev/full', 'x');
        });
      }),
    );

    expect(failure?.code).toBe('file-not-written');
    expect(failure?.message).toContain('/dev/full cannot be written (ENOSPC): ');
  });

  test.each([
    ['ENOENT', 'open'],
    ['EACCES', 'connect'],
    ['EACCES', 'spawn terraform'],
  ])('is not the cause of %s in %s', (code, syscall) => {
    expect(failureOf(systemError(code, syscall, '/desk'))).toBeUndefined();
  });
});
