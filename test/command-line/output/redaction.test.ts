import { App } from 'cdktf';
import { Engine, Secret, TradingStack } from '../../../lib';
import { redaction } from '../../../lib/command-line/output/redaction';
import { createDesk } from '../desk/desk';
import { DeskProject } from '../desk/project';

const VALUE = 'pa"ss\\wo<rd${1}%{2}&';

let project: DeskProject;
let folder: string;

beforeEach(() => {
  folder = process.cwd();
  project = new DeskProject();
  process.chdir(project.folder);
});

afterEach(() => {
  process.chdir(folder);
  project.remove();
});

/** The text after redaction, for a desk whose key has the value. */
function shown(text: string, value = VALUE): string {
  project.write('.secrets/desk/broker_key', `${value}\n`);
  return redaction(createDesk())(text);
}

test.each([
  ['plain', VALUE],
  ['quoted in a Terraform plan', 'pa\\"ss\\\\wo<rd${1}%{2}&'],
  ['quoted in the Terraform language', 'pa\\"ss\\\\wo<rd$${1}%%{2}&'],
  ['in JSON of Terraform', 'pa\\"ss\\\\wo\\u003crd${1}%{2}\\u0026'],
  ['in a URL', encodeURIComponent(VALUE)],
])('The value of a secret is redacted: %s', (_, form) => {
  expect(shown(`key = "${form}" # replaced`)).toBe('key = "***" # replaced');
});

test('Every line of a secret is redacted, except short ones', () => {
  expect(shown('first line, second line, end', 'first line\nsecond line\nend')).toBe('***, ***, end');
});

test('A secret of another stack of the app is redacted', () => {
  project.write('.secrets/desk/broker_key', VALUE);
  const other = new TradingStack(App.of(createDesk()), 'night', { engine: Engine.docker() });
  expect(redaction(other)(`key ${VALUE}`)).toBe('key ***');
});

test('A derived secret is redacted in its own form', () => {
  const stack = createDesk();
  const key = Secret.provided(stack, 'user_key', { description: 'a key' });
  Secret.derived(stack, 'basic', { parts: { key }, compose: ({ key: text }) => Buffer.from(text).toString('base64') });
  project.write('.secrets/desk/user_key', 'verysecret');
  project.write('.secrets/desk/basic', 'dmVyeXNlY3JldA==');
  expect(redaction(stack)('verysecret, Basic dmVyeXNlY3JldA==')).toBe('***, Basic ***');
});
