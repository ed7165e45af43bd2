import { App, Testing } from 'cdktf';
import {
  BindMount,
  ConfigFile,
  Engine,
  Image,
  RedisCache,
  Secret,
  SecretDelivery,
  TradingStack,
  Volume,
  Workload,
  type WorkloadProps,
} from '../../../lib';
import { carrierName, isCarrierName } from '../../../lib/platform/secrets/secret-carrier';
import { containerNamed, synthesizeStack, type Terraform, type TerraformBlock } from '../../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
const REMOTE = 'ssh://desk@trading-1';

function botOn(host: string, options: Partial<WorkloadProps> = {}, delivery = SecretDelivery.FILE): Terraform {
  return synthesizeStack(
    (stack) => {
      const secrets = { API_KEY: Secret.generated(stack, 'api_key').deliveredAs(delivery) };
      new Workload(stack, 'bot', { image, command: ['/bot'], secrets, ...options });
    },
    { engine: Engine.docker({ host }) },
  );
}

function preconditions(container: TerraformBlock): { condition: string; error_message: string }[] {
  return (container.lifecycle as { precondition: { condition: string; error_message: string }[] }).precondition;
}

describe('secrets on a remote engine', () => {
  test.each([REMOTE, 'tcp://10.0.0.2:2376', 'https://10.0.0.2:2376', 'tcp://127.0.0.1:2375'])(
    'come from another container on the engine at %s, which may be on another machine',
    (host) => {
      const bot = containerNamed(botOn(host), 'desk-bot');
      const version =
        'try(jsondecode(file(abspath("${path.root}/../../../.secrets/desk/.versions.json")))["api_key"].version, "")';
      expect(bot.volumes).toEqual([
        { from_container: `desk-bot-secrets-\${substr(sha256(join(".", [${version}])), 0, 12)}:ro` },
      ]);
      expect(bot).not.toHaveProperty('mounts');
    },
  );

  test.each(['unix:///run/user/1000/docker.sock', 'npipe:////./pipe/docker_engine'])(
    'are mounted from their files on the local engine at %s',
    (host) => {
      expect(containerNamed(botOn(host), 'desk-bot').mounts).toMatchObject([{ target: '/run/secrets/api_key' }]);
    },
  );

  test('have to be delivered before Terraform changes anything, unless the command line does it', () => {
    const terraform = botOn(REMOTE) as Terraform & { variable: Record<string, TerraformBlock> };
    expect(terraform.variable).toMatchObject({
      cdktf_trading_stack_delivers_secrets: { type: 'bool', default: false },
    });
    const conditions = preconditions(containerNamed(terraform, 'desk-bot'));
    expect(conditions.map(({ error_message: message }) => message)).toEqual([
      expect.stringMatching(/api_key is missing/) as string,
      expect.stringMatching(/api_key has changed, but its version has not/) as string,
      expect.stringMatching(/\(api_key\) have not been delivered .*`npm run secrets -- desk`/) as string,
    ]);
    expect(conditions[2]?.condition).toMatch(
      /^\$\{var\.cdktf_trading_stack_delivers_secrets \|\| contains\(try\(jsondecode\(file\(abspath\("\$\{path\.root\}\/\.\.\/\.\.\/\.\.\/\.secrets\/desk\/\.delivered\.json"\)\)\)\["ssh:\/\/desk@trading-1"\], \[\]\), "desk-bot-secrets-\$\{substr/,
    );
  });

  test('need no delivery if Terraform passes them in variables, or there are none', () => {
    const inVariable = containerNamed(botOn(REMOTE, {}, SecretDelivery.ENVIRONMENT), 'desk-bot');
    expect(inVariable.volumes).toEqual([]);
    expect(preconditions(inVariable)).toHaveLength(1);
    expect(containerNamed(botOn(REMOTE, { secrets: {} }), 'desk-bot')).not.toHaveProperty('lifecycle');
  });

  test.each<[string, Partial<WorkloadProps>]>([
    ['a volume', { volumes: [Volume.retained('keys').mountAt('/run/secrets')] }],
    ['a bind mount', { bindMounts: [BindMount.readOnly('/srv/keys', '/run/secrets/keys')] }],
    ['a file', { files: [ConfigFile.fromText('/run/secrets/note', 'none')] }],
  ])('reject %s in their folder, which the volume hides', (_what, options) => {
    expect(() => botOn(REMOTE, options)).toThrowCode('mount-conflict', 'desk/bot', '/run/secrets');
    expect(() => botOn('unix:///var/run/docker.sock', { ...options, bindMounts: [] })).not.toThrow();
  });
});

describe('the name of the carrier of secrets', () => {
  test('ends with a hash of the versions, as the expression of the output computes it', () => {
    // printf a1.b2 | sha256sum
    expect(carrierName('desk-bot', ['a1', 'b2'])).toBe('desk-bot-secrets-46fe42f7e918');
  });

  test('is one that no container, service or volume of a stack can have', () => {
    const name = carrierName('desk-bot', ['a1']);
    expect(isCarrierName(name)).toBe(true);
    expect(() => synthesizeStack((stack) => new Workload(stack, 'bot', { image, name }))).toThrowCode(
      'invalid-name',
      'desk/bot',
      name,
    );
    expect(() => Volume.retained(name)).toThrowCode('invalid-name', name);
    expect(() => synthesizeStack((stack) => new Workload(stack, 'bot', { image, name: 'my-secrets' }))).not.toThrow();
  });
});

describe('bind mounts on a remote engine', () => {
  const withMount = (mount: BindMount): TerraformBlock =>
    containerNamed(botOn(REMOTE, { bindMounts: [mount], secrets: {} }), 'desk-bot');

  test('are paths of its machine, which this machine does not check', () => {
    const bot = withMount(BindMount.readOnly('/srv/models//', '/models'));
    // Docker creates an empty folder for a missing source of a volume, and refuses one of a mount.
    expect(bot.mounts).toEqual([{ type: 'bind', source: '/srv/models', target: '/models', read_only: true }]);
    expect(bot.volumes).toEqual([]);
  });

  test('replace the container when their source changes, which the provider does not apply', () => {
    const before = withMount(BindMount.readOnly('/srv/models', '/models')).labels;
    expect(withMount(BindMount.readOnly('/srv/models-2', '/models')).labels).not.toEqual(before);
  });

  test('cannot be relative to the folder of the project, which its machine does not have', () => {
    expect(() => withMount(BindMount.readOnly('config/risk.yaml', '/app/risk.yaml'))).toThrowCode(
      'invalid-path',
      'desk/bot',
      REMOTE,
      "ConfigFile.fromFile('/app/risk.yaml', 'config/risk.yaml')",
    );
  });
});

describe('an engine that is chosen outside of the code', () => {
  const appWith = (context: Record<string, unknown>): App => Testing.app({ context });
  const providerOf = (stack: TradingStack): TerraformBlock => {
    const { provider } = JSON.parse(Testing.synth(stack)) as { provider: { docker: TerraformBlock[] } };
    return provider.docker[0] ?? {};
  };

  test.each([Engine.docker(), Engine.swarm()])('comes from the context of cdktf', (engine) => {
    const stack = new TradingStack(appWith({ dockerHost: REMOTE }), 'desk', { engine });
    expect(stack.engine).toMatchObject({ host: REMOTE, isRemote: true });
    expect(stack.platform.engine).toBe(stack.engine);
    expect(providerOf(stack)).toEqual({ host: REMOTE });
  });

  test('gets the secrets of a stack without a `host` in its code', () => {
    const stack = new TradingStack(appWith({ dockerHost: REMOTE }), 'desk');
    new RedisCache(stack, 'redis');
    const redis = containerNamed(JSON.parse(Testing.synth(stack)) as Terraform, 'desk-redis');
    expect(redis.volumes).toContainEqual({
      from_container: expect.stringMatching(/^desk-redis-secrets-/) as string,
    });
  });

  test('does not replace the one in the code', () => {
    const engine = Engine.docker({ host: 'unix:///run/user/1000/docker.sock' });
    const stack = new TradingStack(appWith({ dockerHost: REMOTE }), 'desk', { engine });
    expect(stack.engine).toMatchObject({ host: 'unix:///run/user/1000/docker.sock', isRemote: false });
  });

  test('has to be an address', () => {
    const app = appWith({ dockerHost: 'trading-1' });
    expect(() => new TradingStack(app, 'desk')).toThrowCode('invalid-value', 'cdktf.json: dockerHost', "'trading-1'");
  });
});

test.each(['tcp://10.0.0.2', 'https://trading-1/'])('rejects the address %s, to which nobody adds the port', (host) => {
  expect(() => Engine.docker({ host })).toThrowCode('invalid-value', 'Engine.docker: host', `'${host}'`, '2376');
});
