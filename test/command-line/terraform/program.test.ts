import type { CommandContext } from '../../../lib/command-line/context';
import type { ProgramEnd } from '../../../lib/command-line/terraform/process';
import { documentIn, terraformBinary, terraformVersion } from '../../../lib/command-line/terraform/program';

test.each([
  [{ TERRAFORM_BINARY_NAME: 'tofu' }, 'tofu'],
  [{ TERRAFORM_BINARY_NAME: '' }, 'terraform'],
  [{}, 'terraform'],
])('With the environment %j the program is %s', (environment, program) => {
  expect(terraformBinary({ environment })).toBe(program);
});

const CONTEXT = { environment: {} } as CommandContext;

test('The question for the version is interrupted like everything else', async () => {
  const runProgram = (): Promise<ProgramEnd> => Promise.resolve({ exitCode: null, isInterrupted: true });
  await expect(terraformVersion({ ...CONTEXT, runProgram })).rejects.toMatchObject({ code: 'interrupted' });
});

test('A program that cannot be started has no version', async () => {
  const runProgram = (): Promise<ProgramEnd> => Promise.reject(new Error('spawn terraform ENOENT'));
  expect(await terraformVersion({ ...CONTEXT, runProgram })).toBeUndefined();
});

test.each([
  [['{', '  "terraform_version": "1.12.6"', '}']],
  [['', 'Warning: Unable to open CLI configuration file', '', '{', '  "terraform_version": "1.12.6"', '}']],
])('The document in the lines %j is found', (lines) => {
  expect(JSON.parse(documentIn(lines))).toEqual({ terraform_version: '1.12.6' });
});

test('Lines without a document are no JSON', () => {
  expect(() => JSON.parse(documentIn(['flag provided but not defined: -json'])) as unknown).toThrow(SyntaxError);
});
