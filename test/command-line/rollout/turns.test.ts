import type { CommandContext } from '../../../lib/command-line/context';
import type { FakeContainer } from '../desk/engine';
import { DeskFixture, HEALTHY, RUNNING } from '../desk/fixture';
import { runInProcess } from '../desk/in-process';
import type { FakeChange } from '../desk/project';

const API = 'docker_container.desk-api';
const MANY = [1, 2, 3].map((number) => `docker_container.desk-many-${number}`);
const GATEWAY = 'docker_container.desk-gateway';

const desk = new DeskFixture();

beforeEach(() => {
  const overlapping = ['desk-api', 'desk-many-1', 'desk-many-2', 'desk-many-3'].map((name) => ({ name, ...HEALTHY }));
  desk.engine.state.containers = [...RUNNING, ...overlapping];
  desk.context = { runProgram: creates(overlapping) };
});

function replaced(address: string, overrides: Partial<FakeChange> = {}): FakeChange {
  const [, name] = address.split('.');
  return { actions: ['delete', 'create'], before: { id: name, env: ['A=1'] }, after: { env: ['A=2'] }, ...overrides };
}

/** Terraform that creates these containers when it applies something, unless they are there. */
function creates(created: readonly FakeContainer[]): CommandContext['runProgram'] {
  return (program, command, options) => {
    const { containers } = desk.engine.state;
    const missing = created.filter(({ name }) => !containers.some((one) => one.name === name));
    if (command.includes('apply')) containers.push(...missing);
    return runInProcess(program, command, options);
  };
}

function deploy(environment: Readonly<Record<string, string>> = {}, ...flags: string[]) {
  return desk.run(['deploy', 'desk', '--yes', ...flags], environment, 'overlapping services');
}

/** What Terraform did, in order, without the options that do not matter here. */
function steps(): string[] {
  return desk.project.terraformCommands
    .filter((command) => /^(plan|apply|state)/.test(command))
    .map((command) => command.replace(/ -backup=\S+| -refresh=false/g, '').replaceAll('docker_container.desk-', ''));
}

test('The old container serves under another name until the new one is healthy', async () => {
  desk.project.changes = { [API]: replaced(API) };
  const { exitCode, stdout } = await deploy();
  expect(exitCode).toBe(0);
  expect(stdout).toContain('\ndesk-api: A 1 → 2 (replaced without downtime)\n');
  expect(desk.engine.state.requests).toEqual(['rename desk-api desk-api-previous']);
  expect(steps()).toEqual(['plan', 'state mv api api-previous', 'plan -target=api', 'apply', 'plan', 'apply']);
  expect(desk.project.changesLeft).toEqual([]);
});

test('The old container leaves only when proxies have had the time to learn the address of the new one', async () => {
  const pauses: string[] = [];
  desk.context = {
    ...desk.context,
    now: () => 0,
    pause: (milliseconds) => {
      if (milliseconds === 3000) pauses.push(steps().join(', '));
      return Promise.resolve();
    },
  };
  desk.project.changes = { [API]: replaced(API) };
  await deploy();
  expect(pauses).toEqual(['plan, state mv api api-previous, plan -target=api, apply, plan']);
});

test('Replicas take turns, and each turn also removes the old container of the turn before', async () => {
  desk.project.changes = Object.fromEntries(MANY.map((address) => [address, replaced(address)]));
  expect((await deploy()).exitCode).toBe(0);
  expect(steps()).toEqual([
    'plan',
    ...['state mv many-1 many-1-previous', 'plan -target=many-1', 'apply'],
    ...['state mv many-2 many-2-previous', 'plan -target=many-1-previous -target=many-2', 'apply'],
    ...['state mv many-3 many-3-previous', 'plan -target=many-2-previous -target=many-3', 'apply'],
    ...['plan', 'apply'],
  ]);
});

test('A service that has to stop first is replaced with the rest, after the others', async () => {
  desk.project.changes = { [GATEWAY]: replaced(GATEWAY), [API]: replaced(API) };
  const { stdout } = await deploy();
  expect(stdout).toContain('desk-gateway: A 1 → 2 (replaced, stop first: port 18000, port 5555)');
  expect(steps()).toEqual(['plan', 'state mv api api-previous', 'plan -target=api', 'apply', 'plan', 'apply']);
});

test('A service whose image turns out to be the same is not renamed', async () => {
  const image = 'docker_image.node';
  const change = { before: { id: 'desk-api', image: 'sha256:1' }, after: {}, unknown: { image: true } };
  desk.project.changes = {
    [API]: { ...replaced(API), ...change, replacePaths: [['image']] },
    [image]: { actions: ['create'], removes: [API] },
  };
  expect((await deploy()).exitCode).toBe(0);
  expect(desk.engine.state.requests).toEqual([]);
});

test('A container that does not run is replaced in place, as it serves nobody', async () => {
  const containers = desk.engine.state.containers.map((one) =>
    one.name === 'desk-api' ? { ...one, status: 'paused' } : one,
  );
  desk.engine.state.containers = containers;
  desk.project.changes = { [API]: replaced(API) };
  await deploy();
  expect(steps()).toEqual(['plan', 'plan -target=api', 'apply', 'plan']);
});

describe('a new version that fails', () => {
  const failing = () => {
    desk.project.changes = { [API]: replaced(API, { fails: true }), [GATEWAY]: replaced(GATEWAY) };
    desk.context = { runProgram: creates([{ name: 'desk-api', status: 'running', health: 'unhealthy' }]) };
  };

  test('It is stopped, the previous one is reported as serving, and nothing else is changed', async () => {
    failing();
    const { exitCode, stderr } = await deploy();
    expect(exitCode).toBe(1);
    expect(desk.engine.state.requests).toEqual(['rename desk-api desk-api-previous', 'stop desk-api']);
    expect(stderr).toContain('Stopped, because it did not become healthy: desk-api.\n');
    expect(stderr).toContain('The previous version still serves: desk-api-previous.\n');
    expect(desk.project.changesLeft).toContain(GATEWAY);
  });

  test.each([undefined, 'night'])(
    'A container of the stack %p is not a previous version, whatever its name',
    async (stack) => {
      failing();
      const labels = { 'cdktf-trading-stack.stack': stack };
      desk.engine.state.containers.push({ name: 'desk-many-1-previous', ...HEALTHY, labels });
      const { stderr } = await deploy();
      expect(stderr).toContain('desk-api-previous');
      expect(stderr).not.toContain('desk-many-1-previous');
    },
  );

  test('An engine that stops answering does not hide what was changed, and is not taken for a previous version', async () => {
    failing();
    const { exitCode, stderr } = await deploy({ FAKE_STOPS: desk.engine.host });
    expect(exitCode).toBe(1);
    expect(stderr).not.toContain('Nothing was changed');
    expect(stderr).toContain('until you stop it: docker stop desk-api\n');
    expect(stderr).toContain('Docker stopped answering');
    expect(stderr).not.toContain('previous version');
  });

  test('The JSON document of a failure without an engine has no previous versions', async () => {
    failing();
    const { stdout } = await deploy({ FAKE_STOPS: desk.engine.host }, '--json');
    const document = JSON.parse(stdout) as object;
    expect(document).toMatchObject({ outcome: 'failed' });
    expect(document).not.toHaveProperty('previous');
  });

  test('The JSON document names the previous version', async () => {
    failing();
    const { stdout } = await deploy({}, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'failed', previous: ['desk-api-previous'] });
  });

  describe('next to services that were replaced at the same time', () => {
    const [first = ''] = MANY;

    beforeEach(() => {
      desk.project.changes = { [API]: replaced(API), [first]: replaced(first, { fails: true }) };
      desk.context = {
        runProgram: creates([
          { name: 'desk-api', ...HEALTHY },
          { name: 'desk-many-1', status: 'running', health: 'unhealthy' },
        ]),
      };
    });

    test('The previous containers of those that are healthy are removed', async () => {
      const { exitCode } = await deploy();
      expect(exitCode).toBe(1);
      expect(steps().slice(-3)).toEqual(['plan -target=api', 'plan -target=api-previous', 'apply']);
      expect(desk.project.changesLeft).toEqual([`${first}-previous`, first]);
    });

    test('What the failed apply was to create is remembered', async () => {
      await deploy();
      expect(desk.project.read('terraform.desk.tfstate.unfinished')).toBeDefined();
    });

    test('A healthy container that Terraform has not recorded keeps its previous one', async () => {
      desk.project.changes = { [first]: replaced(first), [API]: replaced(API, { fails: true }) };
      await deploy();
      expect(desk.project.changesLeft).toContain(`${API}-previous`);
    });

    test('The report tells apart which versions serve alone, if they could not be removed', async () => {
      const { stderr } = await deploy({ FAKE_PLAN_FAILS_AT: '3' });
      expect(stderr).toContain('The previous version still serves: desk-many-1-previous.\n');
      expect(stderr).toContain('next to the new one, until the next deploy: desk-api-previous.\n');
    });
  });

  test('The next deploy starts the new version while the previous one still serves', async () => {
    desk.engine.state.containers.push({ name: 'desk-api-previous', ...HEALTHY });
    desk.project.changes = {
      [API]: { actions: ['create'], after: {} },
      [`${API}-previous`]: { actions: ['delete'], before: { id: 'desk-api-previous' } },
    };
    const { exitCode, stdout } = await deploy();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('desk-api (its previous version serves until it is healthy)');
    expect(desk.engine.state.requests).toEqual([]);
    expect(steps()).toEqual(['plan', 'plan -target=api', 'apply', 'plan', 'apply']);
  });
});

describe('a previous container that an earlier deploy left, when the image of a service changes', () => {
  const image = 'docker_image.node';
  const previous = { actions: ['delete'], before: { id: 'desk-api-previous' } };
  const onlyImage = { after: {}, unknown: { image: true }, replacePaths: [['image']] };
  const replacedIfImageChanges = (address: string): FakeChange => {
    const [, id] = address.split('.');
    return replaced(address, { ...onlyImage, before: { id, image: 'sha256:1' } });
  };

  beforeEach(() => {
    desk.engine.state.containers.push({ name: 'desk-api-previous', ...HEALTHY });
  });

  test('It serves until the missing new version is healthy', async () => {
    const [first = ''] = MANY;
    desk.project.changes = {
      [API]: { actions: ['create'], after: {} },
      [`${API}-previous`]: previous,
      [first]: replacedIfImageChanges(first),
      [image]: { actions: ['create'] },
    };
    expect((await deploy()).exitCode).toBe(0);
    expect(steps()).toEqual([
      'plan',
      ...[`plan -target=${image}`, 'apply'],
      'plan -target=api -target=many-1',
      ...['state mv many-1 many-1-previous', 'plan -target=api -target=many-1', 'apply'],
      ...['plan', 'apply'],
    ]);
  });

  test('It serves while the newer one, which is healthy, is replaced', async () => {
    desk.project.changes = {
      [API]: replacedIfImageChanges(API),
      [`${API}-previous`]: previous,
      [image]: { actions: ['create'] },
    };
    const { exitCode, stderr } = await deploy();
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(desk.engine.state.requests).toEqual([]);
    expect(desk.project.changesLeft).toEqual([]);
  });
});

describe('a step that is refused', () => {
  test('A service that serves under its other name is not reported as missing', async () => {
    desk.project.changes = { [API]: replaced(API) };
    const { stderr } = await deploy({ FAKE_PLAN_FAILS_AT: '2' });
    expect(stderr).toContain('failed before replacing a service. Running services were not changed.\n');
    expect(stderr).toContain('The previous version still serves: desk-api-previous.\n');
    expect(stderr).not.toContain('missing');
  });

  test.each([
    ['the rest', [API], '3', 'before changing the other services.\nReplaced: desk-api.\n'],
    ['a turn', MANY, '3', 'before replacing another service.\nReplaced: desk-many-1.\n'],
  ])('The report tells apart what was replaced before and what was not: %s', async (_, addresses, at, words) => {
    desk.project.changes = Object.fromEntries(addresses.map((address) => [address, replaced(address)]));
    expect((await deploy({ FAKE_PLAN_FAILS_AT: at })).stderr).toContain(words);
  });

  test('Without the new address in the state, the old container gets its name back', async () => {
    desk.project.changes = { [API]: replaced(API) };
    const { exitCode, stderr } = await deploy({ FAKE_STATE: '1' });
    expect(exitCode).toBe(1);
    expect(desk.engine.state.requests).toEqual([
      'rename desk-api desk-api-previous',
      'rename desk-api-previous desk-api',
    ]);
    expect(stderr).toContain('terraform state mv failed.');
  });

  describe('an interrupt while the old container gets its new address in the state', () => {
    /** Terraform that the user interrupts when it changes the state, which it does nevertheless. */
    const interrupted = (runs: CommandContext['runProgram'] = runInProcess): CommandContext['runProgram'] => {
      return async (program, command, options) => {
        const end = await runs(program, command, options);
        return command.includes('state') ? { ...end, isInterrupted: true } : end;
      };
    };

    test('The old container keeps its new name, as in the state, and the next deploy continues', async () => {
      const uninterrupted = desk.context;
      desk.context = { runProgram: interrupted(uninterrupted.runProgram) };
      desk.project.changes = { [API]: replaced(API) };
      const { exitCode, stderr } = await deploy();
      expect(exitCode).toBe(1);
      expect(stderr).toContain('[interrupted]');
      expect(desk.engine.state.requests).toEqual(['rename desk-api desk-api-previous']);
      expect(desk.project.changesLeft).toEqual([`${API}-previous`, API]);

      desk.context = uninterrupted;
      expect((await deploy()).exitCode).toBe(0);
      expect(desk.engine.state.requests).toEqual(['rename desk-api desk-api-previous']);
      expect(desk.project.changesLeft).toEqual([]);
    });

    test('Nothing else is renamed after it', async () => {
      const [first = ''] = MANY;
      desk.context = { runProgram: interrupted(desk.context.runProgram) };
      desk.project.changes = { [API]: replaced(API), [first]: replaced(first) };
      await deploy();
      expect(desk.engine.state.requests).toHaveLength(1);
    });
  });

  test('An old container that only has its new address in the state is renamed by the next deploy', async () => {
    desk.project.changes = {
      [API]: { actions: ['create'], after: {} },
      [`${API}-previous`]: { actions: ['delete'], before: { id: 'desk-api' } },
    };
    expect((await deploy()).exitCode).toBe(0);
    expect(desk.engine.state.requests).toEqual(['rename desk-api desk-api-previous']);
    expect(steps()).not.toContain('state mv api api-previous');
  });

  test('A container that has the name is reported with the way to remove it', async () => {
    desk.engine.state.containers.push({ name: 'desk-api-previous', ...HEALTHY });
    desk.project.changes = { [API]: replaced(API) };
    const { exitCode, stderr } = await deploy();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('this stack, but its Terraform state does not have it.');
    expect(stderr).toContain('docker rm --force desk-api-previous');
    expect(stderr).toContain('docker rename desk-api-previous desk-api-previous-kept.');
    expect(stderr).toContain('[name-in-use]');
  });

  test('The way to remove a container of another stack says whose it is, and uses the engine of the deploy', async () => {
    const labels = { 'cdktf-trading-stack.stack': 'other' };
    desk.engine.state.containers.push({ name: 'desk-api-previous', ...HEALTHY, labels });
    desk.project.changes = { [API]: replaced(API) };
    const { stderr } = await deploy(desk.overSsh());
    expect(stderr).toContain("the trading stack 'other'.");
    expect(stderr).toContain(': docker --host ssh://desk@host rm --force desk-api-previous\n');
  });

  test('A container that was renamed before a crash is only moved in the state', async () => {
    desk.engine.state.containers = desk.engine.state.containers.map((one) =>
      one.name === 'desk-api' ? { ...one, name: 'desk-api-previous' } : one,
    );
    desk.project.changes = { [API]: replaced(API, { before: { id: 'desk-api-previous', env: ['A=1'] } }) };
    expect((await deploy()).exitCode).toBe(0);
    expect(desk.engine.state.requests).toEqual([]);
    expect(steps()).toContain('state mv api api-previous');
  });
});
