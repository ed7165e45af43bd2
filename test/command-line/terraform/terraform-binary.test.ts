import { terraformBinary } from '../../../lib/command-line/terraform/terraform';

const { TERRAFORM_BINARY_NAME } = process.env;

afterEach(() => {
  if (TERRAFORM_BINARY_NAME === undefined) delete process.env.TERRAFORM_BINARY_NAME;
  else process.env.TERRAFORM_BINARY_NAME = TERRAFORM_BINARY_NAME;
});

test.each([
  ['tofu', 'tofu'],
  ['', 'terraform'],
])("With TERRAFORM_BINARY_NAME='%s' the program is %s", (name, program) => {
  process.env.TERRAFORM_BINARY_NAME = name;
  expect(terraformBinary()).toBe(program);
});
