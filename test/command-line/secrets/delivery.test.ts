import { readTar, writeTar } from '../../../lib/command-line/secrets/tar';
import type { FakeContainer } from '../desk/engine';
import { DeskFixture, HEALTHY, KEY, RUNNING } from '../desk/fixture';
import { runInProcess } from '../desk/in-process';

const desk = new DeskFixture();
const CARRIER = 'cdktf-trading-stack.secrets-of';
const STACK = 'cdktf-trading-stack.stack';

function carriers(): FakeContainer[] {
  return desk.engine.state.containers.filter(({ labels = {} }) => CARRIER in labels);
}

function carrierOf(container: string): FakeContainer {
  const [carrier, ...others] = carriers().filter(({ labels = {} }) => labels[CARRIER] === container);
  if (carrier === undefined || others.length > 0) throw new Error(`${others.length} more carriers for ${container}`);
  return carrier;
}

function filesOf({ secrets = Buffer.alloc(0) }: FakeContainer): Record<string, string> {
  return Object.fromEntries(readTar(secrets).map(({ name, content }) => [name, content.toString()]));
}

/** Puts the volume of an earlier version on the engine, without its carrier. */
function leaveVolumeBehind(name: string, { stack = 'desk', minutes = 61 } = {}): void {
  const { state } = desk.engine;
  state.volumes = [...state.volumes, name];
  state.labelsOfVolumes = { ...state.labelsOfVolumes, [name]: { [CARRIER]: 'desk-redis', [STACK]: stack } };
  state.volumesCreatedAt = { ...state.volumesCreatedAt, [name]: new Date(before(minutes)).toISOString() };
}

/** Puts the carrier of an earlier version on the engine, with its volume. */
function leaveBehind(name: string, { stack = 'desk', minutes = 61 } = {}): void {
  leaveVolumeBehind(name, { stack, minutes });
  const { state } = desk.engine;
  const created = Math.floor(before(minutes) / 1000);
  const labels = { [CARRIER]: 'desk-redis', [STACK]: stack };
  state.containers = [...state.containers, { name, labels, status: 'created', created, volumes: [name] }];
}

/** A time on the clock of the engine. */
function before(minutes: number): number {
  return desk.engine.now.getTime() - minutes * 60_000;
}

describe('secrets on a remote engine', () => {
  test('are delivered after the confirmation and before Terraform changes anything', async () => {
    const seen: string[] = [];
    desk.context = {
      isInteractive: true,
      confirm: () => Promise.resolve(void seen.push(`confirmed with ${carriers().length}`)),
      runProgram: (program, command, options) => {
        if (command.includes('apply')) seen.push(`applied with ${carriers().length}`);
        return runInProcess(program, command, options);
      },
    };
    const { exitCode } = await desk.run(['deploy', 'desk'], desk.overSsh());
    expect(exitCode).toBe(0);
    expect(seen).toEqual(['confirmed with 0', 'applied with 3']);
  });

  test('are in the volume of a container that was never started, one for each consumer', async () => {
    await desk.run(['deploy', 'desk', '--yes'], desk.overSsh());
    const gateway = carrierOf('desk-gateway');
    expect(filesOf(gateway)).toMatchObject({ broker_key: `${KEY}\n` });
    expect(gateway).toMatchObject({ status: 'created', volumes: [gateway.name], labels: { [STACK]: 'desk' } });
    expect(gateway.name).toMatch(/^desk-gateway-secrets-[0-9a-f]{12}$/);
    expect(Object.keys(filesOf(carrierOf('desk-redis'))).sort()).toEqual(['redis_auth.conf', 'redis_password']);
  });

  test('are named after their versions, so that a changed one is delivered next to those that run', async () => {
    const environment = desk.overSsh();
    await desk.run(['deploy', 'desk', '--yes'], environment);
    const [gateway, redis] = [carrierOf('desk-gateway'), carrierOf('desk-redis')];
    desk.project.write('.secrets/desk/broker_key', 'another\n');
    await desk.run(['secrets', 'desk'], environment);
    const later = carriers().filter(({ labels = {} }) => labels[CARRIER] === 'desk-gateway');
    expect(later.map(filesOf).map(({ broker_key: key }) => key)).toEqual([`${KEY}\n`, 'another\n']);
    expect(later[1]?.name).not.toBe(gateway.name);
    expect(carrierOf('desk-redis').name).toBe(redis.name);
  });

  test('of versions that no container mounts any more are removed by a deploy', async () => {
    leaveBehind('desk-redis-secrets-aaaaaaaaaaaa');
    leaveBehind('desk-redis-secrets-bbbbbbbbbbbb');
    leaveBehind('night-redis-secrets-aaaaaaaaaaaa', { stack: 'night' });
    desk.engine.state.containers = [
      ...desk.engine.state.containers,
      { name: 'desk-redis-previous', ...HEALTHY, volumes: ['desk-redis-secrets-bbbbbbbbbbbb'] },
    ];
    await desk.run(['deploy', 'desk', '--yes'], desk.overSsh());
    const names = carriers().map(({ name }) => name);
    expect(names).not.toContain('desk-redis-secrets-aaaaaaaaaaaa');
    expect(names).toEqual(
      expect.arrayContaining(['desk-redis-secrets-bbbbbbbbbbbb', 'night-redis-secrets-aaaaaaaaaaaa']),
    );
    expect(desk.engine.state.volumes).not.toContain('desk-redis-secrets-aaaaaaaaaaaa');
  });

  test('of another checkout that delivered them less than an hour ago survive a deploy', async () => {
    leaveBehind('desk-redis-secrets-aaaaaaaaaaaa', { minutes: 59 });
    const { stdout } = await desk.run(['deploy', 'desk', '--yes'], desk.overSsh());
    expect(carriers().map(({ name }) => name)).toContain('desk-redis-secrets-aaaaaaaaaaaa');
    expect(desk.engine.state.volumes).toContain('desk-redis-secrets-aaaaaaaaaaaa');
    expect(stdout).not.toContain('To remove them');
  });

  test.each([-7, -2, 2])(
    'are kept for an hour by the clock of the engine, also if that is %d hours ahead',
    async (hours) => {
      desk.engine.state.clockAhead = hours * 3_600_000;
      leaveBehind('desk-redis-secrets-aaaaaaaaaaaa', { minutes: 61 });
      leaveBehind('desk-redis-secrets-bbbbbbbbbbbb', { minutes: 59 });
      await desk.run(['deploy', 'desk', '--yes'], desk.overSsh());
      const left = desk.engine.state.volumes.filter((name) => /-(a|b){12}$/.test(name));
      expect(left).toEqual(['desk-redis-secrets-bbbbbbbbbbbb']);
    },
  );

  test('without a carrier are removed after an hour: a delivery creates the volume first', async () => {
    leaveVolumeBehind('desk-redis-secrets-aaaaaaaaaaaa');
    leaveVolumeBehind('desk-redis-secrets-bbbbbbbbbbbb', { minutes: 59 });
    await desk.run(['deploy', 'desk', '--yes'], desk.overSsh());
    expect(desk.engine.state.volumes).not.toContain('desk-redis-secrets-aaaaaaaaaaaa');
    expect(desk.engine.state.volumes).toContain('desk-redis-secrets-bbbbbbbbbbbb');
  });

  test('of earlier versions are removed by a delivery for Terraform alone, unless a container mounts them', async () => {
    leaveBehind('desk-redis-secrets-aaaaaaaaaaaa');
    leaveBehind('desk-redis-secrets-bbbbbbbbbbbb');
    const { state } = desk.engine;
    state.containers = state.containers.map((one) =>
      one.name === 'desk-redis' ? { ...one, volumes: ['desk-redis-secrets-bbbbbbbbbbbb'] } : one,
    );
    expect((await desk.run(['secrets', 'desk'], desk.overSsh())).exitCode).toBe(0);
    expect(state.volumes).not.toContain('desk-redis-secrets-aaaaaaaaaaaa');
    expect(carriers().map(({ name }) => name)).toContain('desk-redis-secrets-bbbbbbbbbbbb');
    expect(carriers()).toHaveLength(4);
  });

  test('are removed by destroy, but not the image, which other stacks may be about to use', async () => {
    const environment = desk.overSsh();
    await desk.run(['deploy', 'desk', '--yes'], environment);
    desk.engine.state.containers = carriers();
    const { exitCode } = await desk.run(['destroy', 'desk', '--yes'], environment);
    expect(exitCode).toBe(0);
    expect(desk.engine.state).toMatchObject({ containers: [], volumes: ['archive'] });
    expect(desk.engine.state.images).toEqual(['cdktf-trading-stack/empty:1']);
  });

  test('that destroy removes are no longer recorded as delivered to that engine', async () => {
    const file = '.secrets/desk/.delivered.json';
    const environment = desk.overSsh();
    await desk.run(['secrets', 'desk'], environment);
    const others = { 'ssh://other': ['desk-redis-secrets-aaaaaaaaaaaa'] };
    const recorded = JSON.parse(desk.project.read(file) ?? '') as object;
    desk.project.write(file, JSON.stringify({ ...recorded, ...others }));
    await desk.run(['destroy', 'desk', '--yes'], environment);
    expect(JSON.parse(desk.project.read(file) ?? '')).toEqual({ ...others, 'ssh://desk@host': [] });
  });

  test('that destroy cannot remove are named, with the command that removes them, after the volumes', async () => {
    const name = 'desk-redis-secrets-aaaaaaaaaaaa';
    leaveBehind(name);
    const { state } = desk.engine;
    state.volumes = [...state.volumes, 'desk_logs'];
    state.volumesInUse = [name];
    state.failing = [`/containers/${name}`];
    const { exitCode, stdout } = await desk.run(['destroy', 'desk', '--yes', '--volumes'], desk.overSsh());
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Removed the volume desk_logs\.\nSecrets of desk .*: no space left on device\. /);
    const docker = 'docker --host ssh://desk@host';
    expect(stdout).toContain(`To remove them: ${docker} rm --force ${name} && ${docker} volume rm --force ${name}\n`);
  });

  test('are removed by destroy even if a volume cannot be removed', async () => {
    leaveBehind('desk-redis-secrets-aaaaaaaaaaaa', { minutes: 1 });
    const { state } = desk.engine;
    state.volumes = [...state.volumes, 'desk_logs'];
    state.volumesInUse = ['desk_logs'];
    const { stderr } = await desk.run(['destroy', 'desk', '--yes', '--volumes'], desk.overSsh());
    expect(stderr).toContain('[volume-not-removed]');
    expect(carriers()).toEqual([]);
  });

  test('that were delivered halfway are completed', async () => {
    const environment = desk.overSsh();
    await desk.run(['secrets', 'desk'], environment);
    const { name } = carrierOf('desk-redis');
    desk.engine.state.containers = desk.engine.state.containers.map((one) =>
      one.name === name ? { ...one, secrets: writeTar([]) } : one,
    );
    const { stdout } = await desk.run(['secrets', 'desk'], environment);
    expect(stdout).toContain('The secrets of desk are on the engine at ssh://desk@host.\n');
    expect(filesOf(carrierOf('desk-redis'))).toHaveProperty('redis_password');
  });

  test('replace no container of another owner that has the name of their carrier', async () => {
    const environment = desk.overSsh();
    await desk.run(['secrets', 'desk'], environment);
    const { name } = carrierOf('desk-redis');
    const foreign = { name, ...HEALTHY, labels: { [STACK]: 'night' } };
    desk.engine.state.containers = [foreign];
    const { exitCode, stderr } = await desk.run(['secrets', 'desk'], environment);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /but the trading stack 'night' has one\. .* rm --force desk-redis-secrets-.* \[name-in-use\]/,
    );
    expect(desk.engine.state.containers).toContainEqual(foreign);
  });

  test('are not put into a volume of another owner', async () => {
    const environment = desk.overSsh();
    await desk.run(['secrets', 'desk'], environment);
    const { name } = carrierOf('desk-redis');
    desk.engine.state.containers = [];
    desk.engine.state.labelsOfVolumes = { ...desk.engine.state.labelsOfVolumes, [name]: {} };
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], environment);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/but another program has one\. .* volume rm desk-redis-secrets-/);
    expect(stderr).toContain('Nothing was changed. [name-in-use]');
    expect(carriers().map(({ labels }) => labels?.[CARRIER])).not.toContain('desk-redis');
  });

  test('that cannot be delivered change nothing', async () => {
    const environment = desk.overSsh();
    desk.engine.state.failing = ['/volumes/create'];
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], environment);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/secrets of desk-\w+ could not be delivered .*: no space left on device\./);
    expect(stderr).toContain('[secret-not-delivered]');
    expect(desk.project.terraformCommands.filter((command) => command.startsWith('apply'))).toEqual([]);
  });

  test('that get lost on the way are not taken for delivered', async () => {
    desk.engine.state.losesFiles = true;
    const { exitCode, stderr } = await desk.run(['secrets', 'desk'], desk.overSsh());
    expect(exitCode).toBe(1);
    expect(stderr).toContain('[secret-not-delivered]');
    expect(desk.project.read('.secrets/desk/.delivered.json')).toBeUndefined();
  });

  test('are recorded for a deploy without this command line, by engine', async () => {
    const { stdout } = await desk.run(['secrets', 'desk'], desk.overSsh());
    expect(stdout).toContain('The secrets of desk are on the engine at ssh://desk@host.\n');
    expect(JSON.parse(desk.project.read('.secrets/desk/.delivered.json') ?? '')).toEqual({
      'ssh://desk@host': carriers()
        .map(({ name }) => name)
        .sort(),
    });
  });

  test('are delivered if the files about their versions and deliveries are damaged', async () => {
    desk.project.write('.secrets/desk/.versions.json', '');
    desk.project.write('.secrets/desk/.delivered.json', '{"ssh:');
    const { exitCode } = await desk.run(['secrets', 'desk'], desk.overSsh());
    expect(exitCode).toBe(0);
    expect(filesOf(carrierOf('desk-gateway'))).toMatchObject({ broker_key: `${KEY}\n` });
  });

  test('need no delivery on a local engine', async () => {
    const { exitCode, stdout } = await desk.run(['secrets', 'desk']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('desk needs no delivery');
    expect(carriers()).toEqual([]);
  });

  test('are in no output of a deploy', async () => {
    const { stdout, stderr } = await desk.run(['deploy', 'desk', '--yes', '--verbose'], desk.overSsh());
    expect(stdout + stderr).not.toContain(KEY);
  });
});

describe('a container without the content of its secrets', () => {
  const withoutSecrets = (): void => {
    desk.engine.state.containers = RUNNING.map((one) =>
      one.name === 'desk-redis'
        ? { ...one, secrets: writeTar([{ name: 'secrets/redis_auth.conf', content: Buffer.alloc(0) }]) }
        : one,
    );
  };

  test.each(['0', '2'])('fails a deploy that is healthy otherwise, after a plan that exits with %s', async (plan) => {
    withoutSecrets();
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: plan });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/ files of desk-redis are missing .*content: redis_password, redis_auth\.conf\.$/m);
    expect(stderr).toMatch(/docker rm --force desk-redis \[secret-not-delivered\]$/m);
  });
});

test('A container whose secrets cannot be read is not to be removed', async () => {
  desk.engine.state.failing = ['/containers/desk-redis/archive'];
  const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr:
      'The secrets of desk-redis could not be read (no space left on device). Run the command again. ' +
      '[secret-not-delivered]\n',
  });
});

describe('bind mounts', () => {
  test('A source that synthesis did not check is checked on a local engine before anything is changed', async () => {
    desk.engine.state.missingPaths = ['/srv/models', '/srv/data'];
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], {}, 'local bind mounts');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /cannot mount \/srv\/models for desk-bot: bind source path does not exist.* Create it, or .* \[bind-source-missing\]/,
    );
    expect(stderr).not.toContain('/srv/data');
    expect(desk.project.terraformCommands).toEqual(['version -json']);
  });

  test('A source that does not exist on a remote engine is refused before anything is changed', async () => {
    desk.engine.state.missingPaths = ['/srv/models'];
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], desk.overSsh(), 'bind mounts');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /ssh:\/\/desk@host cannot mount \/srv\/models for desk-bot: bind source path does not exist.* \[bind-source-missing\]/,
    );
    expect(stderr).not.toContain('/srv/rules');
    expect(desk.project.terraformCommands).toEqual(['version -json']);
  });
});
