import { readFileSync } from 'node:fs';
import {
  Cpu,
  Volume,
  Image,
  MonitoringStack,
  PublishedPort,
  RedisCache,
  type RedisCacheProps,
  RedisPurpose,
  Secret,
  Size,
  Workload,
  writeSecretFiles,
} from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { TemporaryProject } from '../../workload/temporary-project';
import { createdBy, environmentOf, secretsOf, volumesOf, warningsOf } from '../fixtures';

/** The container of a cache with these properties. */
function cache(props: RedisCacheProps = {}): TerraformBlock {
  return containerNamed(
    synthesizeStack((stack) => new RedisCache(stack, 'redis', props)),
    'desk-redis',
  );
}

function creating(props: RedisCacheProps): () => unknown {
  return () => createStack((stack) => new RedisCache(stack, 'redis', props));
}

/** The value of an option on the server's command line. */
function option(name: string, container: TerraformBlock): string | undefined {
  const command = container.command as readonly string[];
  return command[command.indexOf(`--${name}`) + 1];
}

describe.each(ENGINES)('RedisCache on $engineName', ({ createEngine }) => {
  test('creates one server with its password', () => {
    const terraform = synthesizeStack((stack) => new RedisCache(stack, 'redis'), { engine: createEngine() });

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

describe('purpose', () => {
  test.each([
    [RedisPurpose.CACHE, 'allkeys-lru'],
    [RedisPurpose.QUEUE, 'noeviction'],
    [undefined, 'allkeys-lru'],
  ])('the purpose %p sets the eviction policy %s', (purpose, policy) => {
    expect(option('maxmemory-policy', cache(purpose === undefined ? {} : { purpose }))).toBe(policy);
  });
});

test('rejects an unknown purpose, with which the server would evict nothing', () => {
  expect(creating({ purpose: 'chache' as never })).toThrowCode('invalid-value', "'chache'", 'RedisPurpose.CACHE');
});

describe('memory', () => {
  test.each([
    [{}, 256, 128],
    [{ maxMemory: Size.mebibytes(512) }, 1024, 512],
    [{ maxMemory: Size.gibibytes(2) }, 4096, 2048],
    [{ resources: { memory: Size.gibibytes(1) } }, 1024, 512],
    [{ resources: { memory: Size.mebibytes(16) } }, 16, 8],
    [{ resources: { cpus: Cpu.cores(2) } }, 256, 128],
    [{ resources: { cpus: Cpu.cores(2) }, maxMemory: Size.mebibytes(512) }, 1024, 512],
    [{ resources: { memory: Size.gibibytes(1) }, maxMemory: Size.mebibytes(614) }, 1024, 614],
    [{ appendOnly: false }, 256, 128],
    [{ settings: { save: '' } }, 256, 128],
    [{ appendOnly: false, settings: { save: '' } }, 256, 179],
    [{ settings: { appendonly: 'no', save: '' } }, 256, 179],
  ])('with %j the limit is %d MiB, of which %d MiB are for data', (props, limit, data) => {
    const container = cache(props);

    expect(container).toMatchObject({ memory: limit, memory_swap: limit });
    expect(option('maxmemory', container)).toBe(String(data * 1024 ** 2));
  });

  test('rejects a maxMemory that leaves no room for the copy that a save makes', () => {
    const resources = { memory: Size.gibibytes(1) };

    expect(creating({ resources, maxMemory: Size.mebibytes(615) })).toThrowCode(
      'memory-too-small',
      'maxMemory of 615 MiB',
      'Set maxMemory to 614 MiB or less',
    );
  });

  test('rejects a memory limit below 16 MiB', () => {
    expect(creating({ resources: { memory: Size.mebibytes(15) } })).toThrowCode('memory-too-small', '15 MiB', '16 MiB');
  });

  test('rejects a maxMemory of zero, which Redis reads as no limit', () => {
    expect(creating({ maxMemory: Size.bytes(0) })).toThrowCode('invalid-value', 'maxMemory');
  });

  test('the limit of a small cache is the minimum of the server', () => {
    expect(cache({ maxMemory: Size.mebibytes(8) })).toMatchObject({ memory: 16 });
  });

  test('maxMemory need not be a whole number of MiB', () => {
    expect(option('maxmemory', cache({ maxMemory: Size.kibibytes(100 * 1024 + 512) }))).toBe(
      String((100 * 1024 + 512) * 1024),
    );
  });
});

describe('settings', () => {
  test('settings from the user are added to those of the construct', () => {
    const container = cache({ settings: { loglevel: 'verbose', 'tcp-keepalive': 60 } });

    expect(option('loglevel', container)).toBe('verbose');
    expect(option('tcp-keepalive', container)).toBe('60');
    expect(option('maxmemory-policy', container)).toBe('allkeys-lru');
  });

  test('a setting from the user replaces the derived one', () => {
    const container = cache({ settings: { 'maxmemory-policy': 'allkeys-lfu', appendonly: 'no' } });

    expect(option('maxmemory-policy', container)).toBe('allkeys-lfu');
    expect(option('appendonly', container)).toBe('no');
    expect((container.command as readonly string[]).filter((word) => word === '--appendonly')).toHaveLength(1);
  });

  test.each([{ command: ['redis-server'] }, { entrypoint: ['/app/redis'] }])(
    'warns that %j replaces the settings and the check of the volume',
    (options) => {
      const warnings = warningsOf(createStack((stack) => new RedisCache(stack, 'redis', options)));

      expect(warnings).toEqual([
        expect.stringContaining('its password, its memory for data, its eviction policy and the check of its volume'),
      ]);
    },
  );

  test('the defaults cause no warning', () => {
    expect(warningsOf(createStack((stack) => new RedisCache(stack, 'redis')))).toEqual([]);
  });
});

describe('password', () => {
  test('the password is on no command line and in no variable', () => {
    const container = cache();

    expect(container.command).toEqual(expect.arrayContaining(['redis-server', '/run/secrets/redis_auth.conf']));
    expect(JSON.stringify(container.command)).not.toContain('requirepass');
    expect(environmentOf(container)).toEqual({});
  });

  test('the server gets the password in a configuration file, the health check in a file', () => {
    const container = cache();

    expect(secretsOf(container)).toEqual(['/run/secrets/redis_password', '/run/secrets/redis_auth.conf']);
    expect(container.healthcheck).toMatchObject({
      test: [
        'CMD-SHELL',
        `REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli ping | grep -qE 'PONG|MISCONF'`,
      ],
      interval: '5s',
    });
  });

  test('the password can be a provided secret', () => {
    const terraform = synthesizeStack((stack) => {
      const password = Secret.provided(stack, 'old_password', { description: 'the password of the old server' });
      new RedisCache(stack, 'redis', { password });
    });

    expect(secretsOf(containerNamed(terraform, 'desk-redis'))).toEqual([
      '/run/secrets/old_password',
      '/run/secrets/redis_auth.conf',
    ]);
  });
});

describe('provided password', () => {
  const project = TemporaryProject.forEveryTest();

  test.each([
    ['plain', 'requirepass "plain"'],
    ['two words', 'requirepass "two words"'],
    ['a"b\\c#d', 'requirepass "a\\"b\\\\c#d"'],
    ['two\nlines', 'requirepass "two\\nlines"'],
  ])('the password %p reaches the server unchanged', (password, line) => {
    project.write('.secrets/desk/redis_password', `${password}\n`);

    writeSecretFiles(createStack((stack) => new RedisCache(stack, 'redis')));

    expect(readFileSync(project.locate('.secrets/desk/redis_auth.conf'), 'utf8')).toBe(line);
  });
});

describe('data', () => {
  test('every write goes to an append-only file in a retained volume', () => {
    const container = cache();

    expect(option('appendonly', container)).toBe('yes');
    expect(volumesOf(container)).toEqual({ '/data': 'desk_redis_data' });
  });

  test('appendOnly: false disables the append-only file', () => {
    expect(option('appendonly', cache({ appendOnly: false }))).toBe('no');
  });

  test('the data is in the configured volume', () => {
    expect(volumesOf(cache({ volume: Volume.fromName('old_redis') }))).toEqual({ '/data': 'old_redis' });
  });
});

describe('image', () => {
  test('the image can be replaced', () => {
    const terraform = synthesizeStack(
      (stack) => new RedisCache(stack, 'redis', { image: Image.fromRegistry('valkey/valkey:8.1-alpine') }),
    );

    expect(Object.values(terraform.resource.docker_image ?? {})).toMatchObject([{ name: 'valkey/valkey:8.1-alpine' }]);
  });
});

test('the exporter does not scrape other targets with its password', () => {
  const terraform = synthesizeStack((stack) => {
    new MonitoringStack(stack, 'monitoring', { watch: [new RedisCache(stack, 'redis')] });
  });

  expect(environmentOf(containerNamed(terraform, 'desk-redis-exporter'))).toMatchObject({
    REDIS_EXPORTER_DISABLE_SCRAPE_ENDPOINT: 'true',
  });
});

test('the panels query the metrics that redis_exporter serves', () => {
  const { panels } = new RedisCache(createStack(), 'redis').metrics;

  expect(Object.fromEntries(panels.map(({ title, query }) => [title, query]))).toMatchSnapshot();
});

describe('a RedisCache without a password', () => {
  const cache = (props: RedisCacheProps = {}) => {
    const terraform = synthesizeStack((stack) => {
      const redis = new RedisCache(stack, 'redis', { withoutPassword: true, ...props });
      new Workload(stack, 'bot', { image: Image.fromRegistry('bot:1'), uses: [redis.endpoint.hostAndPort()] });
      new MonitoringStack(stack, 'monitoring', { watch: [redis] });
    });
    return containerNamed(terraform, 'desk-redis');
  };

  test('it starts without a password, and answers other containers', () => {
    const { command, mounts, healthcheck } = cache() as {
      command: string[];
      mounts?: unknown;
      healthcheck: { test: string[] };
    };
    expect(command.slice(0, 1)).toEqual(['redis-server']);
    expect(command.join(' ')).toContain('--protected-mode no');
    expect(mounts).toBeUndefined();
    expect(healthcheck.test.join(' ')).not.toContain('AUTH');
  });

  test.each<[string, RedisCacheProps]>([
    ['published for other machines', { ports: [PublishedPort.allInterfaces(6379)] }],
    ['on the network of the host', { networkMode: 'host' }],
  ])('it cannot be %s', (_, props) => {
    expect(() => cache(props)).toThrowCode('option-conflict', 'desk/redis');
  });

  test('it can be published on loopback', () => {
    expect(() => cache({ ports: [PublishedPort.loopback(6379)] })).not.toThrow();
  });

  test('a password next to it is refused, and so is the use of one', () => {
    const withPassword = (): unknown =>
      createStack(
        (stack) => new RedisCache(stack, 'redis', { withoutPassword: true, password: Secret.generated(stack, 'p') }),
      );
    expect(withPassword).toThrowCode('option-conflict', 'both');
    const used = (): unknown =>
      createStack((stack) => new RedisCache(stack, 'redis', { withoutPassword: true }).password);
    expect(used).toThrowCode('option-conflict', 'withoutPassword');
  });
});
