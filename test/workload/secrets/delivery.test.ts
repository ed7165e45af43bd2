import { execFileSync } from 'node:child_process';
import {
  HealthCheck,
  Image,
  type ImageBuildOptions,
  RedisCache,
  Secret,
  SecretDelivery,
  type TradingStack,
  Workload,
  type WorkloadOptions,
  type WorkloadProps,
} from '../../../lib';
import { Prometheus } from '../../../lib/monitoring/prometheus/prometheus';
import { containerNamed, createStack, synthesize, type TerraformBlock } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';
import { warningsOf } from '../../services/fixtures';

const project = TemporaryProject.forEveryTest();

/** The container of a bot that has a secret. */
function containerOf(create: (secret: Secret) => Partial<WorkloadProps>): TerraformBlock {
  const stack = createStack((desk) => {
    const secret = Secret.generated(desk, 'api_key');
    new Workload(desk, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4'), ...create(secret) });
  });
  return containerNamed(synthesize(stack), 'desk-bot');
}

const FILE_IN_CONTAINER = { target: '/run/secrets/api_key', read_only: true };

describe('a secret delivered as a file', () => {
  test('is mounted, with its path in NAME_FILE', () => {
    const container = containerOf((secret) => ({ secrets: { API_KEY: secret } }));
    expect(container.env).toEqual(['API_KEY_FILE=/run/secrets/api_key']);
    expect(container.mounts).toMatchObject([FILE_IN_CONTAINER]);
  });

  test('keeps a variable name that already ends in _FILE', () => {
    const container = containerOf((secret) => ({ secrets: { GF_SECURITY_ADMIN_PASSWORD__FILE: secret } }));
    expect(container.env).toEqual(['GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/api_key']);
  });

  test('is mounted once, even if two variables name it', () => {
    expect(containerOf((secret) => ({ secrets: { ONE: secret, OTHER: secret } })).mounts).toHaveLength(1);
  });
});

describe('a secret exported by a shell', () => {
  const byShell = (options: Partial<WorkloadProps>): TerraformBlock =>
    containerOf((secret) => ({
      image: Image.fromRegistry('python:3.13-slim'),
      secrets: { API_KEY: secret.deliveredAs(SecretDelivery.EXPORTED) },
      ...options,
    }));

  /** Runs the command of the container with the secret's file of this test. */
  function start(container: TerraformBlock): string {
    const line = [...(container.entrypoint as string[]), ...(container.command as string[])].map((word) =>
      word.replace(/\/run\/secrets/g, project.locate('secrets')).replace(/\$\$\{/g, '${'),
    );
    const [program = '', ...words] = line;
    return execFileSync(program, words, { encoding: 'utf8', stdio: 'pipe' });
  }

  test('is in the variable with its exact content', () => {
    project.write('secrets/api_key', 'k3y with "quotes", $HOME and `ticks`\n');
    const container = byShell({ command: ['/bin/sh', '-c', 'printf %s "$API_KEY"'] });
    expect(start(container)).toBe('k3y with "quotes", $HOME and `ticks`');
  });

  test.each(['k3y', 'k3y\n', 'k3y\r\n', 'k3y\r', 'k3y\r\n\r\n'])(
    'is in the variable without the line breaks of %j',
    (content) => {
      project.write('secrets/api_key', content);
      expect(start(byShell({ command: ['/bin/sh', '-c', 'printf "[%s]" "$API_KEY"'] }))).toBe('[k3y]');
    },
  );

  test('keeps the line breaks inside a content of several lines', () => {
    project.write('secrets/api_key', 'one\r\ntwo\r\n');
    expect(start(byShell({ command: ['/bin/sh', '-c', 'printf "[%s]" "$API_KEY"'] }))).toBe('[one\r\ntwo]');
  });

  test('leaves the arguments of the program unchanged', () => {
    project.write('secrets/api_key', 'k3y');
    expect(start(byShell({ command: ['printf', '[%s]', 'a b', '$HOME', "it's"] }))).toBe("[a b][$HOME][it's]");
  });

  test('replaces the shell with the program, so that signals reach it', () => {
    project.write('secrets/api_key', 'k3y');
    const [shell, parent] = start(byShell({ command: ['/bin/sh', '-c', 'echo $$ $PPID'] }))
      .trim()
      .split(' ');
    expect(parent).toBe(String(process.pid));
    expect(shell).not.toBe(parent);
  });

  test('stops the program from starting if the file is missing', () => {
    expect(() => start(byShell({ command: ['echo', 'started'] }))).toThrow(/No such file/);
  });

  test('starts the entry point of the workload with its command', () => {
    project.write('secrets/api_key', 'k3y');
    expect(start(byShell({ entrypoint: ['printf', '%s-%s'], command: ['a', 'b'] }))).toBe('a-b');
  });

  test('starts the entry point of the image with the command of a service', () => {
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
  ])('starts %s with %j', (name, line, create) => {
    const stack = createStack((desk) => {
      create(desk, { secrets: { API_KEY: Secret.generated(desk, 'api_key').deliveredAs(SecretDelivery.EXPORTED) } });
    });
    const command = containerNamed(synthesize(stack), name).command as string[];
    expect(command.slice(0, line.length)).toEqual(line);
  });

  test('is not in the output', () => {
    project.write('.secrets/desk/api_key', 'k3y-in-file');
    const container = byShell({ command: ['bot'] });
    expect(JSON.stringify(container)).not.toContain('k3y-in-file');
    expect(container.env).toEqual([]);
  });

  test('needs a command to start', () => {
    const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
    expect(() => byShell({})).toThrowCode('command-missing', 'desk/bot', 'API_KEY', '`command`');
    expect(() => byShell({ image })).toThrowCode('command-missing', 'desk/bot', 'API_KEY', '`entrypoint`');
    expect(() => byShell({ image, entrypoint: [] })).toThrowCode('command-missing', 'desk/bot', 'API_KEY', '`command`');
    expect(() => byShell({ image, entrypoint: [], command: [] })).toThrowCode('command-missing', 'desk/bot');
  });

  describe('of an image whose entry point', () => {
    const unknown = Image.fromRegistry('ghcr.io/desk/bot:2.4');
    const freqtrade = Image.fromRegistry('freqtradeorg/freqtrade:2026.10');

    test('is not known needs it to start the command', () => {
      expect(() => byShell({ image: unknown, command: ['trade', '--name', "it's"] })).toThrowCode(
        'entrypoint-unknown',
        'desk/bot',
        "docker image inspect -f '{{json .Config.Entrypoint}}' ghcr.io/desk/bot:2.4",
        "entrypoint: ['trade', '--name', 'it\\'s']",
      );
      const container = byShell({ image: unknown, entrypoint: ['freqtrade'], command: ['trade'] });
      expect(container.command).toEqual(['freqtrade', 'trade']);
    });

    test('is known is not added to the command of a service, which is a whole one', () => {
      const stack = createStack((desk) => {
        const secrets = { API_KEY: Secret.generated(desk, 'api_key').deliveredAs(SecretDelivery.EXPORTED) };
        new Workload(desk, 'bot', { image: freqtrade, secrets }, { defaults: { command: ['/bin/sh', 'job.sh'] } });
      });
      expect(containerNamed(synthesize(stack), 'desk-bot').command).toEqual(['/bin/sh', 'job.sh']);
    });

    test.each<[string, string[]]>([
      ['FROM freqtradeorg/freqtrade:2026.10\nENTRYPOINT ["freqtrade"]\n', ['freqtrade']],
      ['FROM debian:13 AS base\nENTRYPOINT [ "/a b", \\\n  "c" ]\nFROM base\nCMD ["d"]\n', ['/a b', 'c']],
      ['FROM debian:13\nENTRYPOINT ["a"]\nENTRYPOINT exec  bot\n', ['/bin/sh', '-c', 'exec  bot']],
      ['FROM debian:13\nSHELL ["/bin/bash", "-c"]\nENTRYPOINT exec bot\n', ['/bin/bash', '-c', 'exec bot']],
      ['FROM debian:13\nENTRYPOINT []\n', []],
      ['FROM debian:13 AS other\nENTRYPOINT ["a"]\nFROM python:3.13-slim\n', []],
      ['FROM docker.io/library/node:24-slim\n', ['docker-entrypoint.sh']],
      ['FROM freqtradeorg/freqtrade:2026.10\nCOPY . .\n', ['freqtrade']],
      ['FROM registry.example.com/freqtradeorg/freqtrade:2026.10 AS base\nFROM base\n', ['freqtrade']],
    ])('is that of the Dockerfile %j starts %j', (dockerfile, entrypoint) => {
      project.write('bot/Dockerfile', dockerfile);
      const { command } = byShell({ image: Image.fromBuild('bot'), command: ['trade'] });
      expect(command).toEqual([...entrypoint, 'trade']);
    });

    test('is that of a stage that is not built does not count', () => {
      project.write('bot/Dockerfile', 'FROM python:3.13 AS api\nENTRYPOINT ["api"]\nFROM api\nENTRYPOINT ["worker"]\n');
      const { command } = byShell({ image: Image.fromBuild('bot', { target: 'api' }), command: ['x'] });
      expect(command).toEqual(['api', 'x']);
    });

    test('is not that of an image that it was built on elsewhere', () => {
      const image = Image.fromRegistry('ghcr.io/desk/bot:2.4', { baseImage: 'freqtradeorg/freqtrade:2026.10' });
      expect(() => byShell({ image, command: ['trade'] })).toThrowCode('entrypoint-unknown', 'desk/bot');
    });

    test('is that of an unknown base image is named with it', () => {
      project.write('bot/Dockerfile', 'FROM ghcr.io/desk/bot:2.4 AS base\nFROM base\nCOPY . .\n');
      expect(() => byShell({ image: Image.fromBuild('bot'), command: ['trade'] })).toThrowCode(
        'entrypoint-unknown',
        'ghcr.io/desk/bot:2.4',
      );
    });
  });

  describe('without a command starts that of the Dockerfile', () => {
    const started = (dockerfile: string, options: ImageBuildOptions = {}): unknown => {
      project.write('bot/Dockerfile', dockerfile);
      return byShell({ image: Image.fromBuild('bot', options) }).command;
    };

    // Each result is Entrypoint and Cmd of the image that Docker 28.5 builds.
    test.each<[string, string[]]>([
      ['FROM python:3.13-slim\nCMD ["python", "-m", "bot"]\n', ['python', '-m', 'bot']],
      ['FROM debian:13\nCMD ["a"]\nCMD [ "b", \\\n  "c d" ]\n', ['b', 'c d']],
      ['FROM debian:13\nCMD ["cmd"]\nENTRYPOINT ["ep"]\n', ['ep', 'cmd']],
      ['FROM debian:13 AS base\nCMD ["base"]\nFROM base\nENTRYPOINT ["ep"]\n', ['ep']],
      ['FROM debian:13 AS base\nENTRYPOINT ["ep"]\nCMD ["cmd"]\nFROM base\nENTRYPOINT ["mine"]\n', ['mine']],
      ['FROM debian:13 AS base\nENTRYPOINT ["ep"]\nCMD ["cmd"]\nFROM base\nCMD ["mine"]\n', ['ep', 'mine']],
      ['FROM debian:13\nENTRYPOINT ["python", "-m", "migrate"]\n', ['python', '-m', 'migrate']],
      ['FROM debian:13\nCMD exec bot $MODE\n', ['/bin/sh', '-c', 'exec bot $MODE']],
      [
        'FROM debian:13 AS base\nSHELL ["/bin/bash", "-c"]\nFROM base\nCMD a && \\\n  # why\n  b\n',
        ['/bin/bash', '-c', 'a &&   b'],
      ],
      ['FROM node:24-slim\nCMD ["dist/main.js"]\n', ['docker-entrypoint.sh', 'dist/main.js']],
    ])('%j', (dockerfile, command) => {
      expect(started(dockerfile)).toEqual(command);
    });

    test('in the stage that is built', () => {
      const dockerfile = 'FROM python:3.13 AS api\nCMD ["api"]\nFROM api AS worker\nCMD ["worker"]\n';
      expect([started(dockerfile, { target: 'api' }), started(dockerfile)]).toEqual([['api'], ['worker']]);
    });

    test('but not if `entrypoint` is set, for which Docker drops it', () => {
      project.write('bot/Dockerfile', 'FROM python:3.13-slim\nCMD ["bot"]\n');
      expect(byShell({ image: Image.fromBuild('bot'), entrypoint: ['other'] }).command).toEqual(['other']);
    });

    test.each(['FROM python:3.13-slim\n', 'FROM python:3.13-slim\nCMD []\n'])(
      'unless it has none: %j',
      (dockerfile) => {
        expect(() => started(dockerfile)).toThrowCode('command-missing', 'Set `command`');
      },
    );

    test('unless the entry point of its base image is not known', () => {
      expect(() => started('FROM ghcr.io/desk/bot:2.4\nCMD ["trade"]\n')).toThrowCode(
        'entrypoint-unknown',
        'to which the CMD of the Dockerfile is passed',
        "command: ['trade'], and `entrypoint` to the output",
        "if that is null, set only entrypoint: ['trade']",
      );
    });
  });

  describe('is in the environment of a health check', () => {
    const probeOf = (healthCheck: HealthCheck): string[] => {
      const container = byShell({ command: ['bot'], healthCheck });
      return (container.healthcheck as { test: string[] }).test;
    };
    const PRINTS = 'printf "[%s]" "$API_KEY"';

    test.each([
      ['a line of a shell', HealthCheck.shell(PRINTS)],
      ['a program', HealthCheck.command(['/bin/sh', '-c', PRINTS])],
    ])('that is %s', (_what, healthCheck) => {
      project.write('secrets/api_key', 'k3y\n');
      const [kind, ...words] = probeOf(healthCheck);
      const line = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...words] : words;
      expect(start({ entrypoint: line, command: [] })).toBe('[k3y]');
    });

    test('whose program gets its arguments unchanged and replaces the shell', () => {
      project.write('secrets/api_key', 'k3y');
      const [, ...words] = probeOf(HealthCheck.command(['printf', '[%s]', 'a b', '$HOME', "it's"]));
      expect(start({ entrypoint: words, command: [] })).toBe("[a b][$HOME][it's]");
      expect(words[2]).toMatch(/exec "\$@"$/);
    });

    test('only by the path of its file', () => {
      project.write('.secrets/desk/api_key', 'k3y-in-file');
      const test = probeOf(HealthCheck.shell(PRINTS)).join(' ');
      expect(test).toContain('$(cat /run/secrets/api_key)');
      expect(test).not.toContain('k3y-in-file');
    });

    test.each([
      ['asks for a path', HealthCheck.http(8000)],
      ['connects to a port', HealthCheck.tcp(8000)],
      ['reads a heartbeat', HealthCheck.heartbeatFile('/tmp/heartbeat')],
    ])('but not of one that %s, which needs none', (_what, healthCheck) => {
      expect(probeOf(healthCheck).join(' ')).not.toContain('API_KEY');
    });

    test('but a check is as given without an exported secret', () => {
      const container = containerOf((secret) => ({
        secrets: { API_KEY: secret },
        healthCheck: HealthCheck.shell('bot check'),
      }));
      expect(container.healthcheck).toMatchObject({ test: ['CMD-SHELL', 'bot check'] });
    });
  });

  test.each(['API.KEY', 'API-KEY', '1KEY', 'A;reboot'])('rejects %s, which a shell cannot export', (variable) => {
    const create = (): unknown =>
      containerOf((secret) => ({
        image: Image.fromRegistry('python:3.13-slim'),
        command: ['bot'],
        secrets: { [variable]: secret.deliveredAs(SecretDelivery.EXPORTED) },
      }));
    expect(create).toThrowCode('invalid-name', 'desk/bot', `'${variable}'`);
  });
});

describe('a secret in the environment', () => {
  const plain = (secret: Secret): WorkloadOptions => ({
    secrets: { API_KEY: secret.deliveredAs(SecretDelivery.ENVIRONMENT) },
  });

  test('is read from its file by Terraform', () => {
    const container = containerOf(plain);
    expect(container.env).toEqual(['API_KEY=${chomp(file(abspath("${path.root}/../../../.secrets/desk/api_key")))}']);
    expect(container.volumes).toEqual([]);
  });

  test('gets a warning with the variable', () => {
    const stack = createStack((desk) => {
      const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
      new Workload(desk, 'bot', { image, ...plain(Secret.generated(desk, 'api_key')) });
    });
    expect(warningsOf(stack)).toEqual(['API_KEY [secret-in-environment]']);
  });
});
