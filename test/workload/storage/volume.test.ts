import { Construct } from 'constructs';
import { Volume, Image, PostgresDb, RedisCache, type TradingStack, Workload } from '../../../lib';
import { containerNamed, createApp, createStack, synthesizeStack, type Terraform } from '../../setup/synthesize';
import { Engine, TradingStack as Stack } from '../../../lib';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

function bot(scope: Construct, volume: Volume, id = 'bot'): Workload {
  return new Workload(scope, id, { image, volumes: [volume.mountAt('/data')] });
}

function mounted(terraform: Terraform): unknown {
  return containerNamed(terraform, 'desk-bot').volumes;
}

describe('a retained volume', () => {
  const terraform = synthesizeStack((stack) => bot(stack, Volume.retained('bot_data')));

  test('a retained volume has no resource, so that no plan can remove it', () => {
    expect(terraform.resource).not.toHaveProperty('docker_volume');
  });

  test('a retained volume is mounted by the name of its stack and its own', () => {
    expect(mounted(terraform)).toEqual([{ volume_name: 'desk_bot_data', container_path: '/data', read_only: false }]);
  });
});

describe('an ephemeral volume', () => {
  test('an ephemeral volume is mounted by the name of its resource', () => {
    const terraform = synthesizeStack((stack) => bot(stack, Volume.ephemeral('scratch')));
    expect(terraform.resource.docker_volume).toEqual({
      volume_desk_scratch: {
        name: 'desk_scratch',
        labels: [{ label: 'cdktf-trading-stack.stack', value: 'desk' }],
        lifecycle: { ignore_changes: ['labels'] },
      },
    });
    expect(mounted(terraform)).toMatchObject([{ volume_name: '${docker_volume.volume_desk_scratch.name}' }]);
  });

  test('an ephemeral volume is created once for all workloads that share it', () => {
    const { resource } = synthesizeStack((stack) => {
      const scratch = Volume.ephemeral('scratch');
      bot(stack, scratch);
      bot(stack, scratch, 'robot');
    });
    expect(Object.keys(resource.docker_volume ?? {})).toHaveLength(1);
  });

  test('an ephemeral volume cannot have a dot in its name, which becomes a Terraform address', () => {
    expect(() => createStack((stack) => bot(stack, Volume.ephemeral('a.b')))).toThrowCode(
      'invalid-name',
      "'desk_a.b'",
      'without dots',
    );
  });
});

test('an existing volume is mounted by its own name', () => {
  const terraform = synthesizeStack((stack) => bot(stack, Volume.fromName('old-data')));
  expect(mounted(terraform)).toMatchObject([{ volume_name: 'old-data' }]);
  expect(terraform.resource).not.toHaveProperty('docker_volume');
});

test('a volume can be mounted read-only', () => {
  const volumes = [Volume.retained('data').mountAt('/data', { readOnly: true })];
  const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image, volumes }));
  expect(mounted(terraform)).toMatchObject([{ read_only: true }]);
});

describe.each([
  ['retained', Volume.retained('data'), 'desk_data'],
  ['ephemeral', Volume.ephemeral('data'), '${docker_volume.volume_desk_data.name}'],
])('a %s volume keeps its name and its address', (_lifetime, volume, name) => {
  const unmoved = synthesizeStack((stack) => bot(stack, volume));

  const moves: readonly (readonly [string, (stack: TradingStack) => unknown])[] = [
    ['deeper into the tree', (stack) => bot(new Construct(new Construct(stack, 'group'), 'inner'), volume)],
    [
      'behind siblings',
      (stack) => {
        new Workload(stack, 'feed', { image });
        return bot(stack, volume);
      },
    ],
    ['to another owner', (stack) => bot(new Construct(stack, 'Default'), volume)],
  ];

  test.each(moves)('a volume keeps its name when the code moves %s', (_where, build) => {
    const moved = synthesizeStack((stack) => void build(stack));
    expect(mounted(moved)).toEqual(mounted(unmoved));
    expect(mounted(moved)).toMatchObject([{ volume_name: name }]);
    expect(moved.resource.docker_volume).toEqual(unmoved.resource.docker_volume);
  });
});

describe('one name for two volumes', () => {
  test('one name for a retained and an ephemeral volume is refused, because the data would be removed', () => {
    const stack = createStack((desk) => bot(desk, Volume.retained('data')));
    expect(() => bot(stack, Volume.ephemeral('data'), 'robot')).toThrowCode('volume-taken', "'desk_data'", "'data'");
  });

  test('one name for volumes of two stacks is refused, because they would share the data', () => {
    const app = createApp();
    const [one, other] = ['mt5', 'mt5_live'].map((id) => new Stack(app, id, { engine: Engine.docker() }));
    if (!one || !other) throw new Error('no stacks');
    bot(one, Volume.retained('live_data'));
    expect(() => bot(other, Volume.retained('data'))).toThrowCode('volume-taken', "'mt5_live_data'", "'live_data'");
  });
});

describe.each(['retained', 'ephemeral', 'fromName'] as const)('the name of a volume (%s)', (lifetime) => {
  test.each([
    ['', '0 characters'],
    ['a', '1 character'],
    ['my data', "' '"],
    ['../data', "'/'"],
    ['-data', "'-'"],
    ['/data', "'/'"],
  ])('the name %j of a volume is refused for %s', (name, reason) => {
    expect(() => Volume[lifetime](name)).toThrowCode('invalid-name', `Volume.${lifetime}: `, reason);
  });
});

describe('a volume of a server', () => {
  const DATA = '/var/lib/postgresql/data';

  test('a second server on the volume of a server is refused, because it would destroy the data', () => {
    const stack = createStack((desk) => new PostgresDb(desk, 'db', { volume: Volume.retained('data') }));
    expect(() => new RedisCache(stack, 'redis', { volume: Volume.retained('data') })).toThrowCode(
      'volume-taken',
      'desk/redis: ',
      "'desk_data' is already taken by desk/db",
    );
  });

  test('a second server that uses the name of the volume on the engine is refused', () => {
    const stack = createStack((desk) => new PostgresDb(desk, 'db'));
    expect(() => new RedisCache(stack, 'redis', { volume: Volume.fromName('desk_db_data') })).toThrowCode(
      'volume-taken',
      'desk/redis: ',
      "'desk_db_data' is already taken by desk/db",
    );
  });

  test('a second server in another stack is refused', () => {
    const app = createApp();
    const [one, other] = ['one', 'other'].map((id) => new Stack(app, id, { engine: Engine.docker() }));
    if (!one || !other) throw new Error('no stacks');
    new PostgresDb(one, 'db', { volume: Volume.fromName('old') });
    expect(() => new PostgresDb(other, 'db', { volume: Volume.fromName('old') })).toThrowCode(
      'volume-taken',
      'other/db: ',
      "'old' is already taken by one/db",
    );
    expect(() => bot(other, Volume.fromName('old'))).toThrowCode(
      'volume-taken',
      "other/bot: volume 'old' is already taken by one/db",
    );
  });

  test('a server is refused if a program of another stack has the volume', () => {
    const app = createApp();
    const [one, other] = ['one', 'other'].map((id) => new Stack(app, id, { engine: Engine.docker() }));
    if (!one || !other) throw new Error('no stacks');
    bot(one, Volume.fromName('old'));
    expect(() => new PostgresDb(other, 'db', { volume: Volume.fromName('old') })).toThrowCode(
      'volume-taken',
      "other/db: volume 'old' is already taken by one/bot",
    );
  });

  test('a program is refused on the volume of a server, whichever is created first', () => {
    const volume = Volume.retained('data');
    const after = createStack((desk) => new PostgresDb(desk, 'db', { volume }));
    expect(() => bot(after, volume)).toThrowCode(
      'volume-taken',
      "desk/bot: volume 'desk_data' is already taken by desk/db",
    );
    const before = createStack((desk) => bot(desk, volume));
    expect(() => new PostgresDb(before, 'db', { volume })).toThrowCode(
      'volume-taken',
      "desk/db: volume 'desk_data' is already taken by desk/bot",
    );
  });

  test('volumes with one name on two engines are accepted', () => {
    const app = createApp();
    for (const id of ['one', 'two']) {
      const stack = new Stack(app, id, { engine: Engine.docker({ host: `unix:///run/${id}.sock` }) });
      expect(() => new PostgresDb(stack, 'db', { volume: Volume.fromName('old') })).not.toThrow();
    }
  });

  test('the volume of a server is exclusive in the specification', () => {
    const stack = createStack();
    expect(new PostgresDb(stack, 'db').workload.spec.volumes).toEqual([
      { volume: 'desk_db_data', path: DATA, readOnly: false, lifetime: 'retained', exclusive: true },
    ]);
    expect(bot(stack, Volume.retained('logs')).spec.volumes).toMatchObject([{ exclusive: false }]);
  });
});

test('a volume can be shared by several programs', () => {
  const logs = Volume.retained('logs');
  const create = (stack: TradingStack): void => {
    for (const id of ['one', 'two', 'three']) bot(stack, logs, id);
  };
  expect(() => createStack(create)).not.toThrow();
});
