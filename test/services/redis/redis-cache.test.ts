import { readFileSync } from 'node:fs';
import {
  Cpu,
  Volume,
  Image,
  MonitoringStack,
  RedisCache,
  type RedisCacheProps,
  RedisPurpose,
  Secret,
  Size,
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

describe('the role of a RedisCache', () => {
  test.each([
    [RedisPurpose.CACHE, 'allkeys-lru'],
    [RedisPurpose.QUEUE, 'noeviction'],
    [undefined, 'allkeys-lru'],
  ])('%p evicts by %s', (role, policy) => {
    expect(option('maxmemory-policy', cache(role === undefined ? {} : { purpose: role }))).toBe(policy);
  });
});

test('a role that is none is refused: the server would evict nothing', () => {
  expect(creating({ purpose: 'chache' as never })).toThrow(
    "desk/redis: role cannot be 'chache'. Give 'cache' or 'queue'.",
  );
});

describe('the memory of a RedisCache', () => {
  test.each([
    [{}, 256, 179],
    [{ maxMemory: Size.mebibytes(512) }, 732, 512],
    [{ maxMemory: Size.gibibytes(2) }, 2926, 2048],
    [{ resources: { memory: Size.gibibytes(1) } }, 1024, 716],
    [{ resources: { memory: Size.mebibytes(16) } }, 16, 11],
    [{ resources: { cpus: Cpu.cores(2) } }, 256, 179],
    [{ resources: { cpus: Cpu.cores(2) }, maxMemory: Size.mebibytes(512) }, 732, 512],
    [{ resources: { memory: Size.gibibytes(1) }, maxMemory: Size.mebibytes(768) }, 1024, 768],
  ])('of %j is %d MiB, of which %d MiB are for data', (props, limit, data) => {
    const container = cache(props);

    expect(container).toMatchObject({ memory: limit, memory_swap: limit });
    expect(option('maxmemory', container)).toBe(String(data * 1024 ** 2));
  });

  test('keeps room below the limit for the copy that a save makes', () => {
    const resources = { memory: Size.gibibytes(1) };

    expect(creating({ resources, maxMemory: Size.mebibytes(769) })).toThrow(
      'desk/redis: maxMemory of 769 MiB leaves too little of the limit of 1 GiB for saving to disk. ' +
        'Give maxMemory at most 768 MiB, or raise resources.memory.',
    );
  });

  test('is enough to start with', () => {
    expect(creating({ resources: { memory: Size.mebibytes(15) } })).toThrow(
      'desk/redis: the memory limit of 15 MiB is below the 16 MiB that this server needs. ' +
        'Raise resources.memory to 16 MiB or more.',
    );
  });

  test('refuses no memory for data, which Redis takes for no limit at all', () => {
    expect(creating({ maxMemory: Size.bytes(0) })).toThrow(/^desk\/redis: maxMemory cannot be/);
  });

  test('gives a small cache the least that the server needs', () => {
    expect(cache({ maxMemory: Size.mebibytes(8) })).toMatchObject({ memory: 16 });
  });

  test('leaves room for a size between two MiB', () => {
    expect(option('maxmemory', cache({ maxMemory: Size.kibibytes(100 * 1024 + 512) }))).toBe(
      String((100 * 1024 + 512) * 1024),
    );
  });
});

describe('the settings of a RedisCache', () => {
  test('are its own and those that were given, as the configuration file spells them', () => {
    const container = cache({ settings: { loglevel: 'verbose', 'tcp-keepalive': 60 } });

    expect(option('loglevel', container)).toBe('verbose');
    expect(option('tcp-keepalive', container)).toBe('60');
    expect(option('maxmemory-policy', container)).toBe('allkeys-lru');
  });

  test('go before those that follow from its role, once each', () => {
    const container = cache({ settings: { 'maxmemory-policy': 'allkeys-lfu', appendonly: 'no' } });

    expect(option('maxmemory-policy', container)).toBe('allkeys-lfu');
    expect(option('appendonly', container)).toBe('no');
    expect((container.command as readonly string[]).filter((word) => word === '--appendonly')).toHaveLength(1);
  });

  test.each([{ command: ['redis-server'] }, { entrypoint: ['/app/redis'] }])(
    'give way to a command of the user’s own (%j), with a warning',
    (options) => {
      const warnings = warningsOf(createStack((stack) => new RedisCache(stack, 'redis', options)));

      expect(warnings).toEqual([
        '`command` or `entrypoint` replaces its password, its memory for data, its role and the look at its volume; `settings` adds to them',
      ]);
    },
  );

  test('cause no warning by themselves', () => {
    expect(warningsOf(createStack((stack) => new RedisCache(stack, 'redis')))).toEqual([]);
  });
});

describe('the password of a RedisCache', () => {
  test('is on no command line and in no variable', () => {
    const container = cache();

    expect(container.command).toEqual(expect.arrayContaining(['redis-server', '/run/secrets/redis_auth.conf']));
    expect(JSON.stringify(container.command)).not.toContain('requirepass');
    expect(environmentOf(container)).toEqual({});
  });

  test('reaches the server as a configuration file and the health check as a file', () => {
    const container = cache();

    expect(secretsOf(container)).toEqual(['/run/secrets/redis_password', '/run/secrets/redis_auth.conf']);
    expect(container.healthcheck).toMatchObject({
      test: ['CMD-SHELL', 'REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli ping | grep -q PONG'],
      interval: '5s',
    });
  });

  test('is the one that a person provides', () => {
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

describe('the password that a person provides', () => {
  const project = TemporaryProject.forEveryTest();

  test.each([
    ['plain', 'requirepass "plain"'],
    ['two words', 'requirepass "two words"'],
    ['a"b\\c#d', 'requirepass "a\\"b\\\\c#d"'],
  ])('%p reaches the server letter by letter', (password, line) => {
    project.write('.secrets/desk/redis_password', `${password}\n`);

    writeSecretFiles(createStack((stack) => new RedisCache(stack, 'redis')));

    expect(readFileSync(project.locate('.secrets/desk/redis_auth.conf'), 'utf8')).toBe(line);
  });
});

describe('the data of a RedisCache', () => {
  test('is written to a file with every write, in a volume that is kept', () => {
    const container = cache();

    expect(option('appendonly', container)).toBe('yes');
    expect(volumesOf(container)).toEqual({ '/data': 'desk_redis_data' });
  });

  test('is not written with every write unless it has to be', () => {
    expect(option('appendonly', cache({ appendOnly: false }))).toBe('no');
  });

  test('is in the volume that was given', () => {
    expect(volumesOf(cache({ volume: Volume.fromName('old_redis') }))).toEqual({ '/data': 'old_redis' });
  });
});

describe('the image of a RedisCache', () => {
  test('is the one that was given', () => {
    const terraform = synthesizeStack(
      (stack) => new RedisCache(stack, 'redis', { image: Image.fromRegistry('valkey/valkey:8.1-alpine') }),
    );

    expect(Object.values(terraform.resource.docker_image ?? {})).toMatchObject([{ name: 'valkey/valkey:8.1-alpine' }]);
  });
});

test('the exporter of a RedisCache answers Prometheus alone: it has the password, and asks others for none', () => {
  const terraform = synthesizeStack((stack) => {
    new MonitoringStack(stack, 'monitoring', { watch: [new RedisCache(stack, 'redis')] });
  });

  expect(environmentOf(containerNamed(terraform, 'desk-redis-exporter'))).toMatchObject({
    REDIS_EXPORTER_DISABLE_SCRAPE_ENDPOINT: 'true',
  });
});
