import { createHash } from 'node:crypto';
import type { FakeContainer } from '../desk/engine';
import { DeskFixture, HEALTHY, KEY, RUNNING } from '../desk/fixture';
import { runInProcess } from '../desk/in-process';
import { problem } from '../desk/problem';

const desk = new DeskFixture();

describe('deploy', () => {
  test('deploy makes a plan, applies it, and shows the services', async () => {
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

  describe('in a folder that is initialized', () => {
    beforeEach(() => {
      desk.project.write('cdktf.out/stacks/desk/.terraform/environment', 'default');
    });

    test('deploy does not initialize it again', async () => {
      await desk.run(['deploy', 'desk', '--yes']);
      expect(desk.project.terraformCommands).toEqual(['version -json', 'plan', 'show -json', 'apply']);
    });

    test.each([
      ['Backend initialization required: please run "terraform init"'],
      ['To update the locked dependency selections to match a changed configuration, run:\n  terraform init -upgrade'],
      ['To download the plugins required for this configuration, run:\n  tofu init'],
    ])('deploy initializes it again when Terraform demands it: %s', async (demand) => {
      const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_DEMAND: demand });
      expect(exitCode).toBe(0);
      expect(stderr).not.toContain('it failed');
      expect(desk.project.terraformCommands).toEqual(['version -json', 'plan', 'init', 'plan', 'show -json', 'apply']);
    });
  });

  describe('after a deploy', () => {
    beforeEach(async () => {
      desk.project.write('cdktf.out/stacks/desk/.terraform.lock.hcl', 'version = "3.9.0"');
      desk.project.write('terraform.desk.tfstate', '{ "resources": [] }');
      await desk.run(['deploy', 'desk', '--yes']);
    });

    test.each([
      ['deploy', 'plan -refresh=false'],
      ['diff', 'plan -refresh=false'],
      ['destroy', 'plan -destroy -refresh=false'],
    ])('%s does not refresh a state that is known', async (command, plan) => {
      await desk.run([command, 'desk', ...(command === 'diff' ? [] : ['--yes'])]);
      expect(desk.project.terraformCommands.slice(5)).toContain(plan);
    });

    test('deploy refreshes a state that something else has written', async () => {
      desk.project.write('terraform.desk.tfstate', '{ "resources": [], "serial": 2 }');
      await desk.run(['deploy', 'desk', '--yes']);
      expect(desk.project.terraformCommands.slice(5)).toContain('plan');
    });

    test('deploy refreshes after one that failed', async () => {
      await desk.run(['deploy', 'desk', '--yes'], { FAKE_APPLY: '1' });
      await desk.run(['deploy', 'desk', '--yes']);
      expect(desk.project.terraformCommands.at(-3)).toBe('plan');
    });
  });

  test('deploy stops if there is nothing to change, and shows the services', async () => {
    const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: '0' });
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').slice(-7)).toEqual([
      'Nothing to change: desk is up to date.',
      'SERVICE        STATE              REACHED AT',
      'desk-redis     running, healthy',
      'desk-migrate   exited with 0',
      'desk-gateway   running, healthy   http://127.0.0.1:18000',
      '                                  localhost:5555/udp',
      '',
    ]);
    expect(desk.project.terraformCommands).not.toContain('apply');
  });

  test('deploy says that a process of a healthy service was killed at the memory limit', async () => {
    desk.engine.state.containers = RUNNING.map((one) => ({ ...one, outOfMemory: one.name === 'desk-redis' }));
    const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: '0' });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\ndesk-redis +running, healthy, a process was killed for lack of memory\n/);
    expect(stdout).toContain(
      '\nWarning: A process of desk-redis was killed because the container needed more memory than its limit of 256 MiB. ' +
        'Raise it: resources: { memory: Size.mebibytes(512) }.\n',
    );
    expect(stdout).not.toContain('process of desk-gateway');
  });

  test('deploy --json prints one document and the rest to stderr', async () => {
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

  test('deploy --verbose prints the plan as Terraform describes it', async () => {
    expect((await desk.run(['deploy', 'desk', '--yes'])).stdout).not.toContain('broker_key = ');
    const { stdout } = await desk.run(['deploy', 'desk', '--yes', '--verbose'], { FAKE_PLAN: '2' });
    expect(stdout).toContain('broker_key = ');
  });

  test('deploy shows the warnings of the stack, and acknowledged ones with --verbose', async () => {
    const command = ['deploy', 'desk', '--yes'];
    const { stdout } = await desk.run(command, {}, 'warning');
    expect(stdout).toContain('\nWarning: desk: this image gets no more fixes\n');
    const acknowledged = await desk.run(command, {}, 'acknowledged');
    expect(acknowledged.stdout).toContain('\n1 acknowledged warning: --verbose shows the reasons\n');
    const verbose = await desk.run([...command, '--verbose'], {}, 'acknowledged');
    expect(verbose.stdout).toContain('\nAcknowledged: desk/disks: `privileged`: reads the SMART data of all disks');
  });

  test('deploy shows the warnings of a plan once, although it is carried out in steps', async () => {
    desk.project.changes = {
      'docker_container.desk-gateway': { actions: ['delete', 'create'] },
      'docker_image.node': { actions: ['create'] },
    };
    const { stdout } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_WARNING: 'old option' });
    expect(stdout.match(/^Warning: old option$/gm)).toHaveLength(1);
  });

  test.each(['2', '0'])('deploy fails if a service is missing, after a plan that exits with %s', async (plan) => {
    desk.engine.state.containers = [
      { name: 'desk-migrate', status: 'exited' },
      { name: 'desk-gateway', status: 'restarting', restarts: 2, log: 'no route\n' },
    ];
    const { exitCode, stdout, stderr } = await desk.run(['deploy', 'desk', '--yes', '--json'], { FAKE_PLAN: plan });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'failed',
      ...(problem('deploy-failed', 'desk-redis (missing), desk-gateway (restarting, 2 restarts)') as object),
      services: [{ status: 'missing' }, { status: 'exited' }, { status: 'restarting' }],
      troubled: [{ name: 'desk-gateway', log: ['no route'] }],
    });
    expect(stderr).toMatch(/\ndesk-redis +missing\n/);
    expect(stderr).toMatch(
      /: desk-redis \(missing\), desk-gateway \(restarting, 2 restarts\)\.\n.*\n.*docker restart desk-gateway \[deploy-failed\]\n$/,
    );
  });

  test.each(['2', '0'])('deploy fails if a service is unhealthy, after a plan that exits with %s', async (plan) => {
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
    expect(stderr).toMatch(
      /\nRunning: desk-gateway\.\n.*: desk-redis \(running, unhealthy\)\.\n.*: docker restart desk-redis \[deploy-failed\]\n$/,
    );
  });

  test('deploy waits for a health check that has no result yet', async () => {
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
    'A service without a health check that restarted %s (%i times) makes deploy exit with %i',
    async (_, restarts, code) => {
      desk.engine.state.containers[0] = { name: 'desk-redis', restarts: 3, then: { restarts } };
      expect((await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: '0' })).exitCode).toBe(code);
    },
  );

  test('deploy says that a service has no health check', async () => {
    desk.engine.state.containers[0] = { name: 'desk-redis' };
    expect((await desk.run(['deploy', 'desk', '--yes'])).stdout).toMatch(/\ndesk-redis +running, no health check\n/);
  });

  describe('a renamed service', () => {
    const RENAMED = {
      'docker_container.desk-redis': { actions: ['create'] },
      'docker_container.desk-cache': {
        actions: ['delete'],
        before: { name: 'desk-cache', volumes: [{ volume_name: 'desk_cache_data' }, { host_path: '/etc/hosts' }] },
      },
    };

    test.each([['deploy', '--yes'], ['diff']])(
      '%s says which volume a renamed service leaves behind',
      async (...[command, ...options]) => {
        desk.project.changes = RENAMED;
        const { stdout } = await desk.run([command, 'desk', ...options]);
        expect(stdout).toMatch(/\ndesk-cache: removed\n/);
        expect(stdout).toContain(
          '\ndesk-redis starts on a new, empty volume desk_redis_data; desk_cache_data stays and is no longer used.\n',
        );
      },
    );

    test('deploy says nothing about volumes if a renamed service finds its own', async () => {
      desk.project.changes = RENAMED;
      desk.engine.state.volumes = ['archive', 'desk_redis_data'];
      expect((await desk.run(['deploy', 'desk', '--yes'])).stdout).not.toContain('starts on');
    });
  });

  test('deploy shows what changes and how much, right before it applies it', async () => {
    desk.project.changes = {
      'docker_container.desk-gateway': {
        actions: ['delete', 'create'],
        before: { env: ['MAX_POSITION_SIZE_PCT=0.2'] },
        after: { env: ['MAX_POSITION_SIZE_PCT=0.3'] },
      },
      'docker_image.node': { actions: ['create'], after: { name: 'node:24-slim' } },
      'docker_container.desk-redis': { actions: ['update'], before: { memory: 512 }, after: { memory: 1024 } },
      'docker_container.desk-old': { actions: ['delete'], before: { name: 'desk-old' } },
      'docker_network.desk': { actions: ['create'], after: { name: 'desk' } },
    };
    const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
    const start = stdout.indexOf('\ndesk-gateway:');
    expect(stdout.slice(start, stdout.indexOf('\nImages first')).trim().split('\n')).toEqual([
      'desk-gateway: MAX_POSITION_SIZE_PCT 0.2 → 0.3 (replaced, stop first: port 18000, port 5555)',
      'desk-redis: memory 512 MiB → 1 GiB (updated in place)',
      'desk-old: removed',
      '',
      'Images',
      'node:24-slim: pulled',
      '',
      'Networks',
      'desk: created',
      '',
      'To create: 1 image, 1 network.',
      'To update in place: 1 service.',
      'To replace: 1 service.',
      'To remove: 1 service.',
    ]);
  });

  test('A first deploy is shown as a short table', async () => {
    desk.project.changes = {
      'docker_container.desk-redis': { actions: ['create'] },
      'docker_container.desk-migrate': { actions: ['create'] },
      'docker_container.desk-gateway': { actions: ['create'] },
      'docker_image.node': { actions: ['create'], after: { name: 'node:24-slim' } },
      'docker_network.desk': { actions: ['create'], after: { name: 'desk' } },
    };
    const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
    const start = stdout.indexOf('\nNEW ');
    expect(stdout.slice(start, stdout.indexOf('\n$', start)).trim().split('\n')).toEqual([
      'NEW                  IMAGE              PORTS',
      'desk-redis           redis:7.4-alpine',
      'desk-migrate (job)   node:24-slim',
      'desk-gateway         node:24-slim       127.0.0.1:18000 -> 8000',
      '                                        0.0.0.0:5555 -> 5555/udp',
      '',
      'To create: 2 services, 1 job, 1 image, 1 network.',
    ]);
  });

  test('A service that is replaced only if its image changes is announced as such', async () => {
    const change = {
      actions: ['delete', 'create'],
      before: { image: 'sha256:1' },
      after: {},
      unknown: { image: true },
    };
    desk.project.changes = {
      'docker_container.desk-gateway': { ...change, replacePaths: [['image']] },
      'docker_container.desk-redis': { ...change, replacePaths: [['image'], ['env']] },
    };
    const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
    expect(stdout).toMatch(
      /\ndesk-gateway: image node:24-slim is pulled again \(replaced if the image changes, stop first: port 18000, port 5555\)\n/,
    );
    expect(stdout).toContain('\nTo replace if the image changes: 1 service.\nTo replace: 1 service.\n');
  });

  test('A failed deploy shows the logs of the services that caused it, without secrets', async () => {
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
    expect(stderr).toMatch(
      /^\nThe deploy of desk failed\.\nRunning: desk-redis\.\n.*: desk-gateway \(restarting, 4 restarts\)\.\n.*\[deploy-failed\]\n$/,
    );
  });

  test.each(['2', '0'])(
    'A failed deploy says which option allows what a log shows was refused, after a plan that exits with %s',
    async (plan) => {
      const refused = 'setpriv: setresuid failed: Operation not permitted\n';
      desk.engine.state.containers = [
        { name: 'desk-migrate', status: 'exited' },
        { name: 'desk-gateway', ...HEALTHY },
        { name: 'desk-redis', status: 'restarting', restarts: 4, log: refused },
      ];
      const { stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: plan, FAKE_APPLY: '1' });
      expect(stderr).toContain('\ndesk-redis was refused a permission (see its log). Set `hardened: false`.\n');
    },
  );

  describe('an engine that stops during the deploy', () => {
    const MESSAGE = /^Docker stopped answering \(connect ENOENT .*\), so the state of the services is unknown\.$/m;

    test('A deploy that fails because Docker stops says so, without a stack trace', async () => {
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

    test('A deploy fails if Docker stops answering at its end, as nothing is known about what runs', async () => {
      const environment = { FAKE_STOPS: desk.engine.host };
      const { exitCode, stdout, stderr } = await desk.run(['deploy', 'desk', '--yes', '--json'], environment);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^All changes were applied\. Docker stopped answering \(.* \[docker-unreachable\]$/m);
      const unknown = expect.stringMatching(MESSAGE) as unknown;
      expect(JSON.parse(stdout)).toMatchObject({ outcome: 'failed', services: [], unknown });
    });

    test('A deploy with nothing to change fails if Docker stops answering', async () => {
      const environment = { FAKE_PLAN: '0', FAKE_STOPS_IN_PLAN: desk.engine.host };
      const { exitCode, stdout, stderr } = await desk.run(['deploy', 'desk', '--yes', '--json'], environment);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^There is nothing to change\. Docker stopped answering \(.* \[docker-unreachable\]$/m);
      const unknown = expect.stringMatching(MESSAGE) as unknown;
      expect(JSON.parse(stdout)).toMatchObject({ outcome: 'failed', services: [], unknown });
    });
  });

  test('deploy --verbose does not show a secret that is in the plan', async () => {
    const { stdout } = await desk.run(['deploy', 'desk', '--yes', '--verbose']);
    expect(stdout).toContain('broker_key = ***\n');
    expect(stdout).not.toContain(KEY);
  });

  test('deploy reruns a job that failed last time', async () => {
    desk.engine.state.containers = [{ name: 'desk-migrate', status: 'exited', exitCode: 3 }];
    const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
    expect(stdout).toContain('The job desk-migrate failed with exit code 3 in its last run and will run again.\n');
    expect(desk.project.terraformCommands).toContain('plan -replace=docker_container.desk-migrate');
  });

  test('deploy shows the log of a stopped service before the plan removes it, without secrets', async () => {
    desk.engine.state.containers = [
      { name: 'desk-redis', ...HEALTHY },
      { name: 'desk-gateway', status: 'exited', exitCode: 137, log: `position opened\nthe key ${KEY} was refused\n` },
    ];
    const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
    expect(stdout).toMatch(
      /\ndesk-gateway: exited with 137\n {2}position opened\n {2}the key \*\*\* was refused\n\nPlanning removes stopped containers with their logs; the deploy recreates them\.\n[^]* plan /,
    );
    expect(desk.project.terraformCommands).toContain('plan');
  });

  test('deploy does not say that planning removes stopped containers with provider 4, which starts them again', async () => {
    desk.engine.state.containers = [
      { name: 'desk-gateway', status: 'exited', exitCode: 137, log: 'position opened\n' },
    ];
    const { stdout } = await desk.run(['deploy', 'desk', '--yes'], {}, 'provider 4');
    expect(stdout).toMatch(/ {2}position opened\n[^]*\nThe deploy starts stopped containers again\.\n[^]* plan /);
    expect(stdout).not.toContain('Planning removes');
  });

  test('deploy shows no log of a restarting service or a finished job before the plan', async () => {
    desk.engine.state.containers = [
      { name: 'desk-redis', status: 'restarting', restarts: 2 },
      { name: 'desk-migrate', status: 'exited' },
    ];
    expect((await desk.run(['deploy', 'desk', '--yes'])).stdout).not.toContain('What is not running');
  });

  test('deploy reports an error of Docker without a stack trace', async () => {
    desk.engine.state.failing = ['/containers/desk-redis/json'];
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^Docker at unix:.* answered GET \/containers\/desk-redis\/json with 500: .*\[docker-failed\]\n$/,
    );
  });

  test('deploy without a plan changes nothing and says so', async () => {
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: '1' });
    expect(exitCode).toBe(1);
    expect(stderr).toBe('terraform plan failed.\nNothing was changed. [terraform-failed]\n');
  });
});

test.each([['deploy'], ['destroy']])(
  '%s without a plan reports what the provider removed while planning',
  async (command) => {
    const ended = { name: 'desk-gateway', status: 'exited', exitCode: 1, then: { vanishes: true } };
    desk.engine.state.containers = [RUNNING[0] as FakeContainer, ended];
    const { exitCode, stderr } = await desk.run([command, 'desk', '--yes'], { FAKE_PLAN: '1' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^terraform plan failed\.\n.*removed the stopped container desk-gateway\..*\[terraform-failed\]\n$/,
    );
  },
);

describe('another deploy of the stack', () => {
  test('A deploy that finds the state locked names who holds the lock', async () => {
    const detail = 'Lock Info:\n  ID:        4f8b0c1e-5ab5\n  Operation: OperationTypeApply\n  Who:       anna@host\n';
    const FAKE_ERROR = JSON.stringify({ summary: 'Error acquiring the state lock', detail });
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: '1', FAKE_ERROR });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^Another command uses the state of this stack: anna@host .* \S+ -chdir=cdktf\.out\/stacks\/desk force-unlock 4f8b0c1e-5ab5\nNothing was changed\. \[state-locked\]\n$/,
    );
  });

  test('A deploy whose plan is out of date changes nothing', async () => {
    const environment = { FAKE_APPLY: '1', FAKE_ERROR: 'Saved plan is stale' };
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], environment);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^\nAnother deploy of this stack finished .*\nThe deploy of desk failed before changing the services\. .*\n[^]*\[plan-stale\]\n$/,
    );
  });
});

test('Terraform works on the engine that was checked, whatever Docker context is selected', async () => {
  const environment = { ...desk.overSsh(), DOCKER_CONTEXT: 'other', DOCKER_CERT_PATH: '/certificates' };
  const terraform: NodeJS.ProcessEnv[] = [];
  desk.context = {
    runProgram: (program, command, options) => {
      terraform.push(options.environment);
      return runInProcess(program, command, options);
    },
  };
  await desk.run(['deploy', 'desk', '--yes'], environment, 'plain');
  const { DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CERT_PATH } = terraform.at(-1) ?? {};
  expect({ DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CERT_PATH }).toEqual({ DOCKER_HOST: 'ssh://desk@host' });
});

test('The output is for the remote engine that is selected outside the code', async () => {
  await desk.run(['synth'], desk.overSsh(), 'plain');
  expect(desk.project.read('cdktf.out/stacks/desk/cdk.tf.json')).toContain('"host": "ssh://desk@host"');
  await desk.run(['synth'], {}, 'plain');
  expect(desk.project.read('cdktf.out/stacks/desk/cdk.tf.json')).not.toContain('"host"');
});

describe('an engine in cdktf.json', () => {
  const OUTPUT = 'cdktf.out/stacks/desk/cdk.tf.json';

  beforeEach(() => {
    desk.project.write('cdktf.json', JSON.stringify({ context: { dockerHost: 'tcp://10.0.0.7:2375' } }));
  });

  test('It applies as in cdktf synth', async () => {
    await desk.run(['synth'], { DOCKER_HOST: '', DOCKER_CONFIG: desk.project.folder }, 'plain');
    expect(desk.project.read(OUTPUT)).toContain('"host": "tcp://10.0.0.7:2375"');
  });

  test('docker context use does not override it', async () => {
    addContext('server', 'ssh://desk@server');
    desk.project.write('config.json', JSON.stringify({ currentContext: 'server' }));
    await desk.run(['synth'], { DOCKER_HOST: '', DOCKER_CONFIG: desk.project.folder }, 'plain');
    expect(desk.project.read(OUTPUT)).toContain('"host": "tcp://10.0.0.7:2375"');
  });

  test('A DOCKER_HOST that is set overrides it, even with a socket of this machine', async () => {
    desk.engine.state.volumes = ['desk_redis_data', 'desk_logs'];
    const { exitCode, stdout } = await desk.run(['destroy', 'desk', '--yes', '--volumes']);
    expect({ exitCode, left: desk.engine.state.volumes }).toEqual({ exitCode: 0, left: [] });
    expect(stdout).toContain(`at ${desk.engine.host}`);
    expect(desk.project.read(OUTPUT)).not.toContain('"host"');
  });

  test('A DOCKER_CONTEXT that is set overrides it, even with a socket of this machine', async () => {
    addContext('here', desk.engine.host);
    const selected = { DOCKER_HOST: '', DOCKER_CONFIG: desk.project.folder, DOCKER_CONTEXT: 'here' };
    const { stdout } = await desk.run(['destroy', 'desk', '--yes'], selected);
    expect(stdout).toContain(`at ${desk.engine.host}`);
    expect(desk.project.read(OUTPUT)).not.toContain('"host"');
  });

  function addContext(name: string, host: string): void {
    const id = createHash('sha256').update(name).digest('hex');
    const content = { Name: name, Endpoints: { docker: { Host: host } } };
    desk.project.write(`contexts/meta/${id}/meta.json`, JSON.stringify(content));
  }
});

describe('JSON documents', () => {
  async function document(command: readonly string[], environment = {}, addition = ''): Promise<unknown> {
    return JSON.parse((await desk.run([...command, '--json'], environment, addition)).stdout) as unknown;
  }

  test('deploy --json prints a document about what is missing', async () => {
    desk.engine.state.volumes = [];
    expect(await document(['deploy', 'desk', '--yes'])).toEqual({
      outcome: 'failed',
      ...(problem('volume-missing', 'archive') as object),
    });
  });

  test.each(['deploy', 'synth'])('%s --json prints a document about a stack that does not exist', async (command) => {
    expect(await document([command, 'dusk', ...(command === 'deploy' ? ['--yes'] : [])])).toEqual({
      outcome: 'refused',
      ...(problem('unknown-stack', 'dusk', 'desk') as object),
    });
  });

  test('deploy --json without a terminal prints a document about the confirmation', async () => {
    expect(await document(['deploy', 'desk'])).toEqual({
      outcome: 'refused',
      ...(problem('no-terminal', '--yes') as object),
    });
  });

  test.each([[['deploy', '--yaml']], [['synth', '--yaml']]])(
    '%j --json prints a document about usage',
    async (command) => {
      expect(await document(command)).toEqual({ outcome: 'refused', ...(problem('usage', '--yaml') as object) });
    },
  );

  test('deploy --json prints a document about a plan that failed', async () => {
    expect(await document(['deploy', 'desk', '--yes'], { FAKE_PLAN: '1' })).toEqual({
      outcome: 'failed',
      ...(problem('terraform-failed', 'terraform plan') as object),
    });
  });

  test('A deploy that fails because the disk of the engine is full says so', async () => {
    const FAKE_ERROR = 'write /var/lib/docker/overlay2/7adc/.tmp: no space left on device';
    expect(await document(['deploy', 'desk', '--yes'], { FAKE_APPLY: '1', FAKE_ERROR })).toMatchObject(
      problem('deploy-failed', 'The disk of the engine is full', 'docker system df') as object,
    );
  });

  test('deploy --json has the errors of Terraform, of a plan and of an apply', async () => {
    const FAKE_ERROR = 'no such host: registry';
    const errors = [`Error: ${FAKE_ERROR}`];
    expect(await document(['deploy', 'desk', '--yes'], { FAKE_PLAN: '1', FAKE_ERROR })).toMatchObject({
      code: 'terraform-failed',
      errors,
    });
    expect(await document(['deploy', 'desk', '--yes'], { FAKE_APPLY: '1', FAKE_ERROR })).toMatchObject({
      code: 'deploy-failed',
      errors,
    });
  });

  test.each(['deploy', 'synth'])('%s --json prints a document about an error of the stack', async (command) => {
    const options = command === 'deploy' ? ['--yes'] : [];
    expect(await document([command, 'desk', ...options], {}, 'misuse')).toMatchObject({
      outcome: 'failed',
      message: expect.stringMatching(/^desk\/twin: name 'desk-gateway' is already taken/) as unknown,
    });
  });

  test('deploy --json prints a document about an apply that failed', async () => {
    desk.engine.state.containers = [{ name: 'desk-gateway', status: 'exited', exitCode: 1, log: 'no route\n' }];
    expect(await document(['deploy', 'desk', '--yes'], { FAKE_APPLY: '1' })).toMatchObject({
      stack: 'desk',
      outcome: 'failed',
      ...(problem('deploy-failed', 'The deploy of desk failed') as object),
      troubled: [{ name: 'desk-gateway', state: 'exited with 1', log: ['no route'] }],
    });
  });
});

test('The name of the stack can be omitted if there is only one', async () => {
  expect((await desk.run(['diff'])).exitCode).toBe(0);
});

test('destroy lists the stacks if there are several and none is named', async () => {
  const { exitCode, stderr } = await desk.run(['destroy', '--yes'], {}, 'second stack');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/desk, night.*\[unknown-stack\]\n$/);
});
