import { execFileSync } from 'node:child_process';
import {
  Image,
  RedisCache,
  Secret,
  SecretDelivery,
  type TradingStack,
  Workload,
  type WorkloadOptions,
} from '../../../lib';
import { Prometheus } from '../../../lib/monitoring/prometheus';
import { containerNamed, createStack, synthesize, type TerraformBlock } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

/** The container of a bot that gets a secret. */
function containerOf(create: (secret: Secret) => WorkloadOptions): TerraformBlock {
  const stack = createStack((desk) => {
    const secret = Secret.generated(desk, 'api_key');
    new Workload(desk, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4'), ...create(secret) });
  });
  return containerNamed(synthesize(stack), 'desk-bot');
}

const FILE_IN_CONTAINER = { container_path: '/run/secrets/api_key', read_only: true };

describe('as a file', () => {
  test('the program gets the path in NAME_FILE', () => {
    const container = containerOf((secret) => ({ secrets: { API_KEY: secret } }));
    expect(container.env).toEqual(['API_KEY_FILE=/run/secrets/api_key']);
    expect(container.volumes).toMatchObject([FILE_IN_CONTAINER]);
  });

  test('a name that says so already stays', () => {
    const container = containerOf((secret) => ({ secrets: { GF_SECURITY_ADMIN_PASSWORD__FILE: secret } }));
    expect(container.env).toEqual(['GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/api_key']);
  });

  test('it is mounted once, however many variables name it', () => {
    expect(containerOf((secret) => ({ secrets: { ONE: secret, OTHER: secret } })).volumes).toHaveLength(1);
  });
});

describe('by a shell', () => {
  const byShell = (options: WorkloadOptions): TerraformBlock =>
    containerOf((secret) => ({ secrets: { API_KEY: secret.deliveredAs(SecretDelivery.EXPORTED) }, ...options }));

  /** Starts what the container would start, with the secret's file where this test has it. */
  function start(container: TerraformBlock): string {
    const line = [...(container.entrypoint as string[]), ...(container.command as string[])].map((word) =>
      word.replace(/\/run\/secrets/g, project.locate('secrets')).replace(/\$\$\{/g, '${'),
    );
    const [program = '', ...words] = line;
    return execFileSync(program, words, { encoding: 'utf8', stdio: 'pipe' });
  }

  test('the program finds the content in the variable', () => {
    project.write('secrets/api_key', 'k3y with "quotes", $HOME and `ticks`\n');
    const container = byShell({ command: ['/bin/sh', '-c', 'printf %s "$API_KEY"'] });
    expect(start(container)).toBe('k3y with "quotes", $HOME and `ticks`');
  });

  test('the program gets its arguments as they are', () => {
    project.write('secrets/api_key', 'k3y');
    expect(start(byShell({ command: ['printf', '[%s]', 'a b', '$HOME', "it's"] }))).toBe("[a b][$HOME][it's]");
  });

  test('the program takes the place of the shell, so that signals reach it', () => {
    project.write('secrets/api_key', 'k3y');
    const [shell, parent] = start(byShell({ command: ['/bin/sh', '-c', 'echo $$ $PPID'] }))
      .trim()
      .split(' ');
    expect(parent).toBe(String(process.pid));
    expect(shell).not.toBe(parent);
  });

  test('the program does not start without the file', () => {
    expect(() => start(byShell({ command: ['echo', 'started'] }))).toThrow(/No such file/);
  });

  test('an entry point of the workload’s own comes before its command', () => {
    project.write('secrets/api_key', 'k3y');
    expect(start(byShell({ entrypoint: ['printf', '%s-%s'], command: ['a', 'b'] }))).toBe('a-b');
  });

  test('the image’s own entry point comes before the command of a service', () => {
    project.write('secrets/api_key', 'k3y');
    const stack = createStack((desk) => {
      const secrets = { API_KEY: Secret.generated(desk, 'api_key').deliveredAs(SecretDelivery.EXPORTED) };
      const service = { imageEntrypoint: ['printf', '%s-%s-%s'], defaults: { command: ['a', 'b'] } };
      const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
      new Workload(desk, 'bot', { image, secrets }, { ...service, environment: { MODE: 'paper' } });
      new Workload(desk, 'own', { image, secrets, command: ['c', 'd'] }, service);
      new Workload(desk, 'other', { image, secrets, entrypoint: ['printf', '[%s]'], command: ['e'] }, service);
    });
    const terraform = synthesize(stack);
    const started = ['bot', 'own', 'other'].map((id) => start(containerNamed(terraform, `desk-${id}`)));
    expect(started).toEqual(['a-b-', 'c-d-', '[e]']);
  });

  test.each<[string, string[], (stack: TradingStack, options: WorkloadOptions) => unknown]>([
    [
      'desk-redis',
      ['docker-entrypoint.sh', 'redis-server'],
      (stack, options) => new RedisCache(stack, 'redis', { ...options, appendOnly: false }),
    ],
    [
      'desk-prometheus',
      ['/bin/prometheus', '--config.file=/etc/prometheus/prometheus.yml'],
      (stack, options) => new Prometheus(stack, 'prometheus', { ...options, services: [] }),
    ],
  ])('%s starts with %j', (name, line, create) => {
    const stack = createStack((desk) => {
      create(desk, { secrets: { API_KEY: Secret.generated(desk, 'api_key').deliveredAs(SecretDelivery.EXPORTED) } });
    });
    const command = containerNamed(synthesize(stack), name).command as string[];
    expect(command.slice(0, line.length)).toEqual(line);
  });

  test('nothing of the content is in the output', () => {
    project.write('.secrets/desk/api_key', 'k3y-in-file');
    const container = byShell({ command: ['bot'] });
    expect(JSON.stringify(container)).not.toContain('k3y-in-file');
    expect(container.env).toEqual([]);
  });

  test('a workload that does not say what to start is refused', () => {
    expect(() => byShell({})).toThrow(
      /^desk\/bot: the secret for API_KEY is to be exported by a shell, .*\. Give the whole `command`/,
    );
  });

  test.each(['API.KEY', 'API-KEY', '1KEY', 'A;reboot'])('%s is no name for a shell', (variable) => {
    const create = (): unknown =>
      containerOf((secret) => ({
        command: ['bot'],
        secrets: { [variable]: secret.deliveredAs(SecretDelivery.EXPORTED) },
      }));
    expect(create).toThrow(
      `desk/bot: '${variable}' cannot be the name of an environment variable. Use letters, digits and underscores`,
    );
  });
});

describe('in the environment', () => {
  const plain = (secret: Secret): WorkloadOptions => ({
    secrets: { API_KEY: secret.deliveredAs(SecretDelivery.ENVIRONMENT) },
  });

  test('the program finds the content in the variable, which Terraform reads from the file', () => {
    const container = containerOf(plain);
    expect(container.env).toEqual([
      'API_KEY=${trimspace(file(abspath("${path.root}/../../../.secrets/desk/api_key")))}',
    ]);
    expect(container.volumes).toEqual([]);
  });

  test('synthesis warns, with the workload, the variable and the way out', () => {
    const stack = createStack((desk) => {
      const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
      new Workload(desk, 'bot', { image, ...plain(Secret.generated(desk, 'api_key')) });
    });
    const warnings = stack.node
      .findAll()
      .flatMap(({ node }) => node.metadata.filter(({ type }) => type.includes('warn')));
    expect(warnings.map(({ data }) => String(data))).toEqual([
      expect.stringMatching(/^desk\/bot: the secret in API_KEY is in plain text .*SecretDelivery\.EXPORTED$/) as string,
    ]);
  });
});
