import { terraformBinary } from '../../../lib/command-line/terraform/program';

test.each([
  [{ TERRAFORM_BINARY_NAME: 'tofu' }, 'tofu'],
  [{ TERRAFORM_BINARY_NAME: '' }, 'terraform'],
  [{}, 'terraform'],
])('With the environment %j the program is %s', (environment, program) => {
  expect(terraformBinary({ environment })).toBe(program);
});
