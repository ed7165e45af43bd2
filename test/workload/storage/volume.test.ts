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

describe('a volume that is kept', () => {
  const terraform = synthesizeStack((stack) => bot(stack, Volume.retained('bot_data')));

  test('has no resource, so that no plan can remove it', () => {
    expect(terraform.resource).not.toHaveProperty('docker_volume');
  });

  test('is mounted by the name of its stack and its own', () => {
    expect(mounted(terraform)).toEqual([{ volume_name: 'desk_bot_data', container_path: '/data', read_only: false }]);
  });
});

describe('a volume that goes with the stack', () => {
  test('has a resource, by whose name it is mounted', () => {
    const terraform = synthesizeStack((stack) => bot(stack, Volume.ephemeral('scratch')));
    expect(terraform.resource.docker_volume).toEqual({ volume_desk_scratch: { name: 'desk_scratch' } });
    expect(mounted(terraform)).toMatchObject([{ volume_name: '${docker_volume.volume_desk_scratch.name}' }]);
  });

  test('is created once for all who share it', () => {
    const { resource } = synthesizeStack((stack) => {
      const scratch = Volume.ephemeral('scratch');
      bot(stack, scratch);
      bot(stack, scratch, 'robot');
    });
    expect(Object.keys(resource.docker_volume ?? {})).toHaveLength(1);
  });

  test('cannot have a dot in its name: it becomes an address in Terraform', () => {
    expect(() => createStack((stack) => bot(stack, Volume.ephemeral('a.b')))).toThrow(
      /'desk_a\.b'.*Give a name without dots/,
    );
  });
});

test('a volume that exists already is mounted by its own name', () => {
  const terraform = synthesizeStack((stack) => bot(stack, Volume.fromName('old-data')));
  expect(mounted(terraform)).toMatchObject([{ volume_name: 'old-data' }]);
  expect(terraform.resource).not.toHaveProperty('docker_volume');
});

test('a volume can be mounted for reading only', () => {
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

  test.each(moves)('when the code moves %s', (_where, build) => {
    const moved = synthesizeStack((stack) => void build(stack));
    expect(mounted(moved)).toEqual(mounted(unmoved));
    expect(mounted(moved)).toMatchObject([{ volume_name: name }]);
    expect(moved.resource.docker_volume).toEqual(unmoved.resource.docker_volume);
  });
});

describe('one name for two volumes', () => {
  test('of two lifetimes is refused: what is kept would go with the stack', () => {
    const stack = createStack((desk) => bot(desk, Volume.retained('data')));
    expect(() => bot(stack, Volume.ephemeral('data'), 'robot')).toThrow(
      /volume name 'desk_data' is already taken by the kept volume 'data' of the stack 'desk'\. Give one of the volumes another name\.$/,
    );
  });

  test('of two stacks is refused: they would share the data', () => {
    const app = createApp();
    const [one, other] = ['mt5', 'mt5_live'].map((id) => new Stack(app, id, { engine: Engine.docker() }));
    if (!one || !other) throw new Error('no stacks');
    bot(one, Volume.retained('live_data'));
    expect(() => bot(other, Volume.retained('data'))).toThrow(
      /volume name 'mt5_live_data' is already taken by the kept volume 'live_data' of the stack 'mt5'/,
    );
  });
});

describe.each(['retained', 'ephemeral', 'fromName'] as const)('the name of a volume (%s)', (lifetime) => {
  test.each([
    ['', 'it has 0 characters'],
    ['a', 'it has 1 character'],
    ['my data', "it has ' ' in it"],
    ['../data', "it has '/' in it"],
    ['-data', "it starts with '-'"],
    ['/data', "it has '/' in it"],
  ])('cannot be %j: %s', (name, reason) => {
    expect(() => Volume[lifetime](name)).toThrow(
      `Volume.${lifetime}: the volume cannot be '${name}': ${reason}. Give a name of 2 to 63 letters`,
    );
  });
});

describe('a volume of a server', () => {
  const DATA = '/var/lib/postgresql/data';

  test('is refused to a second server: two on one volume destroy the data', () => {
    const stack = createStack((desk) => new PostgresDb(desk, 'db', { volume: Volume.retained('data') }));
    expect(() => new RedisCache(stack, 'redis', { volume: Volume.retained('data') })).toThrow(
      /^desk\/redis: .*'desk_data' is already taken by desk\/db\. Give each server a volume of its own\.$/,
    );
  });

  test('is refused to a second server that asks for it by the name on the engine', () => {
    const stack = createStack((desk) => new PostgresDb(desk, 'db'));
    expect(() => new RedisCache(stack, 'redis', { volume: Volume.fromName('desk_db_data') })).toThrow(
      /^desk\/redis: .*'desk_db_data' is already taken by desk\/db\./,
    );
  });

  test('is refused to a second server in another stack', () => {
    const app = createApp();
    const [one, other] = ['one', 'other'].map((id) => new Stack(app, id, { engine: Engine.docker() }));
    if (!one || !other) throw new Error('no stacks');
    new PostgresDb(one, 'db', { volume: Volume.fromName('old') });
    expect(() => new PostgresDb(other, 'db', { volume: Volume.fromName('old') })).toThrow(
      /^other\/db: .*'old' is already taken by one\/db\./,
    );
    expect(() => bot(other, Volume.fromName('old'))).toThrow("other/bot: volume 'old' is already taken by one/db.");
  });

  test('is refused to the server where a program of another stack has it', () => {
    const app = createApp();
    const [one, other] = ['one', 'other'].map((id) => new Stack(app, id, { engine: Engine.docker() }));
    if (!one || !other) throw new Error('no stacks');
    bot(one, Volume.fromName('old'));
    expect(() => new PostgresDb(other, 'db', { volume: Volume.fromName('old') })).toThrow(
      "other/db: volume 'old' is already taken by one/bot.",
    );
  });

  test('is refused to a program beside the server, before or after it', () => {
    const volume = Volume.retained('data');
    const after = createStack((desk) => new PostgresDb(desk, 'db', { volume }));
    expect(() => bot(after, volume)).toThrow("desk/bot: volume 'desk_data' is already taken by desk/db.");
    const before = createStack((desk) => bot(desk, volume));
    expect(() => new PostgresDb(before, 'db', { volume })).toThrow(
      "desk/db: volume 'desk_data' is already taken by desk/bot.",
    );
  });

  test('can be on two engines under one name', () => {
    const app = createApp();
    for (const id of ['one', 'two']) {
      const stack = new Stack(app, id, { engine: Engine.docker({ host: `unix:///run/${id}.sock` }) });
      expect(() => new PostgresDb(stack, 'db', { volume: Volume.fromName('old') })).not.toThrow();
    }
  });

  test('says so in what the engine is told', () => {
    const stack = createStack();
    expect(new PostgresDb(stack, 'db').workload.spec.volumes).toEqual([
      { volume: 'desk_db_data', path: DATA, readOnly: false, lifetime: 'retained', exclusive: true },
    ]);
    expect(bot(stack, Volume.retained('logs')).spec.volumes).toMatchObject([{ exclusive: false }]);
  });
});

test('a volume of logs can be shared by as many as like', () => {
  const logs = Volume.retained('logs');
  const create = (stack: TradingStack): void => {
    for (const id of ['one', 'two', 'three']) bot(stack, logs, id);
  };
  expect(() => createStack(create)).not.toThrow();
});
