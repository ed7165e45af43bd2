import type { FakeContainer } from '../desk/engine';
import { DeskFixture, HEALTHY, KEY, RUNNING } from '../desk/fixture';

const desk = new DeskFixture();

describe('deploy', () => {
  test('makes a plan, applies it, and shows the services', async () => {
    const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(0);
    expect(desk.project.terraformCommands).toEqual(['version -json', 'init', 'plan', 'show -json', 'apply']);
    expect(new Set(desk.project.terraformFolders)).toEqual(new Set(['cdktf.out/stacks/desk']));
    expect(stdout.split('\n').slice(-7)).toEqual([
      'desk is deployed.',
      'SERVICE        STATE              REACHED AT',
      'desk-redis     running, healthy',
      'desk-migrate   exited with 0',
      'desk-gateway   running, healthy   http://127.0.0.1:18000',
      '                                  localhost:5555/udp',
      '',
    ]);
  });

  test('stops when there is nothing to change, and shows the services', async () => {
    const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: '0' });
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').slice(-7)).toEqual([
      'Nothing to change: desk is deployed as described.',
      'SERVICE        STATE              REACHED AT',
      'desk-redis     running, healthy',
      'desk-migrate   exited with 0',
      'desk-gateway   running, healthy   http://127.0.0.1:18000',
      '                                  localhost:5555/udp',
      '',
    ]);
    expect(desk.project.terraformCommands).not.toContain('apply');
  });

  test('--json prints one document and the rest to stderr', async () => {
    const { stdout, stderr } = await desk.run(['deploy', 'desk', '--yes', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      stack: 'desk',
      outcome: 'deployed',
      services: [
        { name: 'desk-redis', status: 'running', health: 'healthy', exitCode: null, restarts: 0, addresses: [] },
        { name: 'desk-migrate', status: 'exited', exitCode: 0 },
        { name: 'desk-gateway', status: 'running' },
      ],
    });
    expect(stderr).toMatch(/^\$ .*terraform\.js -chdir=cdktf\.out\/stacks\/desk plan/m);
  });

  test('shows the whole plan with --verbose', async () => {
    expect((await desk.run(['deploy', 'desk', '--yes'])).stdout).not.toContain('broker_key = ');
    expect((await desk.run(['deploy', 'desk', '--yes', '--verbose'])).stdout).toContain('broker_key = ');
  });

  test('shows what Terraform warns of below a plan that is not shown', async () => {
    const { stdout } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_SECRET: 'x\n│ Warning: old option\n│ text' });
    expect(stdout).toMatch(/\n\$ .* plan .*\n│ Warning: old option\n│ text\n/);
  });

  test.each(['2', '0'])(
    'is no success without a service that is missing, after a plan that exits with %s',
    async (plan) => {
      desk.engine.state.containers = [
        { name: 'desk-migrate', status: 'exited' },
        { name: 'desk-gateway', status: 'restarting', restarts: 2, log: 'no route\n' },
      ];
      const { exitCode, stdout, stderr } = await desk.run(['deploy', 'desk', '--yes', '--json'], { FAKE_PLAN: plan });
      const message =
        'Terraform has nothing left to do for desk, and yet not all of it runs as it should.\n' +
        'Not running as it should: desk-redis (missing), desk-gateway (restarting, 2 restarts).\n' +
        'Run deploy again: it makes what is missing, and starts what has ended.';
      expect(exitCode).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        outcome: 'failed',
        message,
        services: [{ status: 'missing' }, { status: 'exited' }, { status: 'restarting' }],
        troubled: [{ name: 'desk-gateway', log: ['no route'] }],
      });
      expect(stderr).toMatch(/\ndesk-redis +missing\n/);
      expect(stderr.endsWith(`\n${message}\n`)).toBe(true);
    },
  );

  test.each(['2', '0'])('is no success where a service is ill, after a plan that exits with %s', async (plan) => {
    desk.engine.state.containers = [
      { name: 'desk-redis', health: 'unhealthy', log: 'no space left\n' },
      { name: 'desk-migrate', status: 'exited' },
      { name: 'desk-gateway', ...HEALTHY },
    ];
    const { exitCode, stdout, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: plan });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /\ndesk-redis: running, unhealthy\n {2}no space left\n\nSERVICE .*\ndesk-redis +running, unh/,
    );
    expect(stderr).toBe(
      '\nTerraform has nothing left to do for desk, and yet not all of it runs as it should.\nRunning: desk-gateway.\n' +
        'Not running as it should: desk-redis (running, unhealthy).\n' +
        'A deploy leaves alone what runs. Mend it, or start it anew: docker restart desk-redis\n',
    );
  });

  test('waits for a health check that has no result yet', async () => {
    const starting = { health: 'starting' };
    desk.engine.state.containers[0] = { name: 'desk-redis', ...starting, then: { ...starting, then: HEALTHY } };
    const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: '0' });
    expect({ exitCode, row: /desk-redis .*/.exec(stdout)?.[0] }).toEqual({
      exitCode: 0,
      row: 'desk-redis     running, healthy',
    });
  });

  test.each([
    ['before it', 3, 0],
    ['during it', 4, 1],
  ])(
    'of a service without health check that was restarted %s, %i times by then, exits with %i',
    async (_, restarts, code) => {
      desk.engine.state.containers[0] = { name: 'desk-redis', restarts: 3, then: { restarts } };
      expect((await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: '0' })).exitCode).toBe(code);
    },
  );

  test('says of a service that nobody asks for its health', async () => {
    desk.engine.state.containers[0] = { name: 'desk-redis' };
    expect((await desk.run(['deploy', 'desk', '--yes'])).stdout).toMatch(/\ndesk-redis +running, no health check\n/);
  });

  describe('of a service that was renamed', () => {
    const RENAMED = {
      'docker_container.desk-redis': { actions: ['create'] },
      'docker_container.desk-cache': {
        actions: ['delete'],
        before: { name: 'desk-cache', volumes: [{ volume_name: 'desk_cache_data' }, { host_path: '/etc/hosts' }] },
      },
    };

    test.each([['deploy', '--yes'], ['diff']])(
      '%s says which data is left behind',
      async (...[command, ...options]) => {
        desk.project.changes = RENAMED;
        const { stdout } = await desk.run([command, 'desk', ...options]);
        expect(stdout).toMatch(/\nremoved +1 +desk-cache\n/);
        expect(stdout).toContain(
          '\ndesk-redis starts on a new, empty volume desk_redis_data; desk_cache_data stays and is no longer used.\n',
        );
      },
    );

    test('says nothing of data where the new one finds its own', async () => {
      desk.project.changes = RENAMED;
      desk.engine.state.volumes = ['archive', 'desk_redis_data'];
      expect((await desk.run(['deploy', 'desk', '--yes'])).stdout).not.toContain('starts on');
    });
  });

  test('shows in a few lines what changes, right before it asks', async () => {
    desk.project.changes = {
      'docker_container.desk-gateway': { actions: ['delete', 'create'] },
      'docker_image.node': { actions: ['create'], after: { name: 'node:24-slim' } },
      'docker_container.desk-redis': { actions: ['update'] },
      'docker_container.desk-old': { actions: ['delete'] },
      'docker_network.desk': { actions: ['create'] },
    };
    const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
    const table = stdout.slice(stdout.indexOf('\nIS '), stdout.indexOf('\n--verbose shows'));
    expect(table.trim().split('\n')).toEqual([
      'IS                 NUMBER   SERVICE OR TERRAFORM ADDRESS',
      'created            2        docker_image.node',
      '                            docker_network.desk',
      'changed in place   1        desk-redis',
      'replaced           1        desk-gateway',
      'removed            1        docker_container.desk-old',
    ]);
  });

  test('that fails shows the last words of what is in trouble, without secrets', async () => {
    const log = Array.from({ length: 3 }, (_, index) => `line ${index}\n`).join('');
    desk.engine.state.containers = [
      { name: 'desk-redis', ...HEALTHY, log: 'all is well\n' },
      { name: 'desk-gateway', status: 'restarting', restarts: 4, log: `${log}the key ${KEY} was refused\n` },
    ];
    const { exitCode, stdout, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_APPLY: '1' });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /\ndesk-gateway: restarting, 4 restarts\n {2}line 0\n {2}line 1\n {2}line 2\n {2}the key \*\*\* was refused\n$/,
    );
    expect(stdout).not.toContain('all is well');
    expect(stderr).toBe(
      '\nThe deploy of desk failed.\nRunning: desk-redis.\n' +
        'Not running as it should: desk-gateway (restarting, 4 restarts).\n' +
        'Mend it and run deploy again, which continues from here.\n',
    );
  });

  describe('during which Docker stops', () => {
    const MESSAGE = /^Docker does not answer any more \(connect ENOENT .*\), so what runs is not known\.$/m;

    test('still says which step failed, and that it knows no more', async () => {
      const environment = { FAKE_APPLY: '1', FAKE_STOPS: desk.engine.host };
      const { exitCode, stdout, stderr } = await desk.run(['deploy', 'desk', '--yes', '--json'], environment);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/\nThe deploy of desk failed\.\n/);
      expect(stderr).toMatch(MESSAGE);
      expect(stderr).not.toMatch(/^ +at /m);
      const message = expect.stringMatching(MESSAGE) as unknown;
      const unknown = expect.stringMatching(MESSAGE) as unknown;
      expect(JSON.parse(stdout)).toMatchObject({ outcome: 'failed', message, services: [], unknown, troubled: [] });
    });

    test('and that goes well is a deploy all the same', async () => {
      const environment = { FAKE_STOPS: desk.engine.host };
      const { exitCode, stdout, stderr } = await desk.run(['deploy', 'desk', '--yes', '--json'], environment);
      expect(exitCode).toBe(0);
      expect(stderr).toMatch(MESSAGE);
      const unknown = expect.stringMatching(MESSAGE) as unknown;
      expect(JSON.parse(stdout)).toMatchObject({ outcome: 'deployed', services: [], unknown });
    });

    test('is no success where there was nothing to change', async () => {
      const environment = { FAKE_PLAN: '0', FAKE_STOPS_IN_PLAN: desk.engine.host };
      const { exitCode, stdout, stderr } = await desk.run(['deploy', 'desk', '--yes', '--json'], environment);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(
        /^There is nothing to change\. Docker does not answer any more \(.*so what runs is not known\.$/m,
      );
      const unknown = expect.stringMatching(MESSAGE) as unknown;
      expect(JSON.parse(stdout)).toMatchObject({ outcome: 'failed', services: [], unknown });
    });
  });

  test('does not show a secret that is in the plan', async () => {
    const { stdout } = await desk.run(['deploy', 'desk', '--yes', '--verbose']);
    expect(stdout).toContain('broker_key = ***\n');
    expect(stdout).not.toContain(KEY);
  });

  test('runs a job again that failed the last time', async () => {
    desk.engine.state.containers = [{ name: 'desk-migrate', status: 'exited', exitCode: 3 }];
    const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
    expect(stdout).toContain('The job desk-migrate ended with exit code 3 the last time: it runs again.\n');
    expect(desk.project.terraformCommands).toContain('plan -replace=docker_container.desk-migrate');
  });

  test('shows the last words of what is not running before the plan removes it, without secrets', async () => {
    desk.engine.state.containers = [
      { name: 'desk-redis', ...HEALTHY },
      { name: 'desk-gateway', status: 'exited', exitCode: 137, log: `position opened\nthe key ${KEY} was refused\n` },
    ];
    const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
    expect(stdout).toMatch(
      /\ndesk-gateway: exited with 137\n {2}position opened\n {2}the key \*\*\* was refused\n\nWhat is not running is removed when the plan is made, its log too, and the deploy starts it anew\.\n[^]* plan /,
    );
    expect(desk.project.terraformCommands).toContain('plan');
  });

  test('says nothing of a service that starts again and again, and nothing of a job that is done', async () => {
    desk.engine.state.containers = [
      { name: 'desk-redis', status: 'restarting', restarts: 2 },
      { name: 'desk-migrate', status: 'exited' },
    ];
    expect((await desk.run(['deploy', 'desk', '--yes'])).stdout).not.toContain('What is not running');
  });

  test('says without a stack trace when Docker does not answer a question', async () => {
    desk.engine.state.failing = ['/containers/desk-redis/json'];
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Docker at unix:.* answered GET \/containers\/desk-redis\/json with 500: .*\n$/);
  });

  test('says when there is no plan', async () => {
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: '1' });
    expect(exitCode).toBe(1);
    expect(stderr).toBe('terraform plan failed.\nNothing was changed.\n');
  });
});

test.each([['deploy'], ['destroy']])('%s without a plan says what the provider removed for it', async (command) => {
  const ended = { name: 'desk-gateway', status: 'exited', exitCode: 1, then: { vanishes: true } };
  desk.engine.state.containers = [RUNNING[0] as FakeContainer, ended];
  const { exitCode, stderr } = await desk.run([command, 'desk', '--yes'], { FAKE_PLAN: '1' });
  expect(exitCode).toBe(1);
  expect(stderr).toBe(
    'terraform plan failed.\nNothing was changed, but for what was not running: desk-gateway was removed when the plan ' +
      'was made. Deploy starts it anew.\n',
  );
});

describe('When another deploy', () => {
  const LOCK = `
│ Error: Error acquiring the state lock
│
│ Error message: resource temporarily unavailable
│ Lock Info:
│   ID:        4f8b0c1e-5ab5
│   Path:      ../../../terraform.desk.tfstate
│   Operation: OperationTypeApply
│   Who:       anna@host
│   Version:   1.11.4
│   Created:   2026-01-02 03:04:05.678 +0000 UTC
│   Info:      `;

  test('is under way, it is named in place of what Terraform says', async () => {
    const environment = { FAKE_PLAN: '1', FAKE_ERROR: LOCK };
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], environment);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^Another deploy of this stack is under way: anna@host has held the lock of its state since 2026-01-02 03:04:05\.678 \+0000 UTC \(OperationTypeApply\)\. Run the command again when that one has ended\. If there is none, it was killed, and its lock stays until it is removed: \S+ -chdir=cdktf\.out\/stacks\/desk force-unlock 4f8b0c1e-5ab5\nNothing was changed\.\n$/,
    );
  });

  test('has ended since the plan was made, nothing is applied', async () => {
    const environment = { FAKE_APPLY: '1', FAKE_ERROR: 'Error: Saved plan is stale' };
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], environment);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^\nAnother deploy of this stack ended after this plan was made, .* Run the command again\.\nThe deploy of desk failed before it changed the services\. Nothing that runs was touched\.\n/,
    );
  });
});

test('What runs is not known where only Terraform can reach the engine, and that is in the document', async () => {
  const environment = { DOCKER_HOST: 'ssh://desk@host', FAKE_PLAN: '0' };
  const { exitCode, stdout, stderr } = await desk.run(['deploy', 'desk', '--yes', '--json'], environment, 'plain');
  const unknown = 'Only Terraform can reach the engine at ssh://desk@host, so what runs is not known.';
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ stack: 'desk', outcome: 'unchanged', services: [], unknown });
  expect(stderr).toContain(`\n${unknown}\n`);
});

describe('With --json there is a document', () => {
  async function document(command: readonly string[], environment = {}, problem = ''): Promise<unknown> {
    return JSON.parse((await desk.run([...command, '--json'], environment, problem)).stdout) as unknown;
  }

  test('of what is missing', async () => {
    desk.engine.state.volumes = [];
    const message = expect.stringMatching(/^There is no volume archive/) as unknown;
    expect(await document(['deploy', 'desk', '--yes'])).toEqual({ outcome: 'failed', message });
  });

  test.each(['deploy', 'synth'])('of a stack that %s does not know', async (command) => {
    const message = "There is no stack 'dusk'. There is: desk.";
    expect(await document([command, 'dusk', ...(command === 'deploy' ? ['--yes'] : [])])).toEqual({
      outcome: 'refused',
      message,
    });
  });

  test('of a deploy that nobody can confirm', async () => {
    const message = expect.stringMatching(/^This has to be confirmed/) as unknown;
    expect(await document(['deploy', 'desk'])).toEqual({ outcome: 'refused', message });
  });

  test.each([[['deploy', '--yaml']], [['synth', '--yaml']]])('of the command line %j', async (command) => {
    expect(await document(command)).toEqual({
      outcome: 'refused',
      message: expect.stringMatching(/^error: /) as unknown,
    });
  });

  test('of no plan', async () => {
    const message = 'terraform plan failed.\nNothing was changed.';
    expect(await document(['deploy', 'desk', '--yes'], { FAKE_PLAN: '1' })).toEqual({ outcome: 'failed', message });
  });

  test.each(['deploy', 'synth'])('of an error while %s makes the stack', async (command) => {
    const message = expect.stringMatching(/^desk\/twin: name 'desk-gateway' is already taken/) as unknown;
    const options = command === 'deploy' ? ['--yes'] : [];
    expect(await document([command, 'desk', ...options], {}, 'misuse')).toEqual({ outcome: 'failed', message });
  });

  test('of an apply that failed', async () => {
    desk.engine.state.containers = [{ name: 'desk-gateway', status: 'exited', exitCode: 1, log: 'no route\n' }];
    expect(await document(['deploy', 'desk', '--yes'], { FAKE_APPLY: '1' })).toMatchObject({
      stack: 'desk',
      outcome: 'failed',
      message: expect.stringMatching(/^The deploy of desk failed\.\nNot running as it should: /) as unknown,
      troubled: [{ name: 'desk-gateway', state: 'exited with 1', log: ['no route'] }],
    });
  });
});

test('The only stack need not be named', async () => {
  expect((await desk.run(['diff'])).exitCode).toBe(0);
});

test('Where there are more stacks, they are listed', async () => {
  const { exitCode, stderr } = await desk.run(['destroy', '--yes'], {}, 'second stack');
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: 'Name the stack. There are: desk, night.\n' });
});
