import { symlinkSync } from 'node:fs';
import { parsePlan } from '../../../lib/command-line/plan/changes';
import { secretValuesOf, secretVariables } from '../../../lib/command-line/plan/secret-values';
import { Image, Secret, SecretDelivery, Workload } from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { TemporaryProject } from '../../workload/temporary-project';

const stack = createStack((scope) => {
  const pin = Secret.generated(scope, 'pin').deliveredAs(SecretDelivery.ENVIRONMENT);
  new Workload(scope, 'bot', { image: Image.fromRegistry('node:24-slim'), secrets: { PIN: pin } });
});

function valuesIn(type: string, values: object): string[] {
  const prior_state = { values: { root_module: { resources: [{ type, values }] } } };
  return secretValuesOf(stack, parsePlan(JSON.stringify({ prior_state })));
}

test('Secrets in the state are found through the code and through variables that look like secrets', () => {
  const env = [
    'PIN=rotated-pin',
    'OLD_API_KEY=removed-key',
    'DB=amqp://u:pw@broker',
    'KEY_FILE=/run/secrets/key',
    'PCT=0.2',
  ];
  expect(valuesIn('docker_container', { env })).toEqual(['rotated-pin', 'removed-key', 'amqp://u:pw@broker']);
});

test('Secrets in build arguments and labels are found by their names', () => {
  const build = [{ build_args: { PIP_TOKEN: 'removed-token', VERSION: '2.4.17' } }];
  expect(valuesIn('docker_image', { build })).toEqual(['removed-token']);
  const labels = [
    { label: 'proxy.password', value: 'removed-password' },
    { label: 'team', value: 'trading-desk' },
  ];
  expect(valuesIn('docker_container', { labels })).toEqual(['removed-password']);
});

test('Secrets of a Swarm are found in services and in secret objects', () => {
  const task_spec = [{ container_spec: [{ env: { TOKEN: 'old-token', PCT: '0.2' } }] }];
  expect(valuesIn('docker_service', { task_spec })).toEqual(['old-token']);
  expect(valuesIn('docker_secret', { data: Buffer.from('old-password').toString('base64') })).toEqual(['old-password']);
});

test('Ordinary lines of a secret file are not secret', () => {
  const data = Buffer.from('{\n  "users": [\n  ]\nc2VjcmV0LWtleS1vZi1hbm5h\n').toString('base64');
  expect(valuesIn('docker_secret', { data })).toEqual(['c2VjcmV0LWtleS1vZi1hbm5h']);
});

test('Secrets of planned changes are found in the old and the new values', () => {
  const change = { actions: ['delete', 'create'], before: { env: ['PIN=before'] }, after: { env: ['PIN=after'] } };
  const resource_changes = [{ address: 'docker_container.desk-bot', type: 'docker_container', change }];
  expect(secretValuesOf(stack, parsePlan(JSON.stringify({ resource_changes })))).toEqual(['before', 'after']);
});

describe('a secret that the code no longer uses', () => {
  const project = TemporaryProject.forEveryTest();

  test('is hidden while its file exists, whatever its variable is called', () => {
    project.write('.secrets/desk/broker_login', 'canary-login\n');
    symlinkSync('/nowhere', project.locate('.secrets/desk/dangling'));
    const isSecret = secretVariables(createStack());

    expect(isSecret('BROKER_LOGIN', 'canary-login')).toBe(true);
    expect(isSecret('BROKER_LOGIN', 'desk-1')).toBe(false);
  });
});

test.each([
  ['WALLET_MNEMONIC', 'legal winner thank year wave'],
  ['TOTP_SEED', 'JBSWY3DPEHPK3PXP'],
  ['SESSION_COOKIE', 'c00kie'],
  ['VAULT_SECRET_ID', '7f2e9c1a'],
  ['ALERT_WEBHOOK_URL', 'https://hooks.example.com/T0/abcdefghij0123456789xyz'],
])('a variable %s is hidden, as the library warns about it', (name, value) => {
  expect(secretVariables(createStack())(name, value)).toBe(true);
});
