import { documentIn, terraformBinary } from '../../../lib/command-line/terraform/program';

test.each([
  [{ TERRAFORM_BINARY_NAME: 'tofu' }, 'tofu'],
  [{ TERRAFORM_BINARY_NAME: '' }, 'terraform'],
  [{}, 'terraform'],
])('With the environment %j the program is %s', (environment, program) => {
  expect(terraformBinary({ environment })).toBe(program);
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
