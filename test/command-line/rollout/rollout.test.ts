import { DeskFixture } from '../desk/fixture';
import type { FakeChange } from '../desk/project';

const IMAGE = 'docker_image.node';
const JOB = 'docker_container.desk-migrate';
const GATEWAY = 'docker_container.desk-gateway';
const REDIS = 'docker_container.desk-redis';
const REPLACE = ['delete', 'create'];

const desk = new DeskFixture();

/** A release: a new image, the job that migrates, and the service that runs. */
function release(overrides: Readonly<Record<string, Partial<FakeChange>>> = {}): Record<string, FakeChange> {
  const changes: Record<string, FakeChange> = {
    [GATEWAY]: { actions: REPLACE },
    [JOB]: { actions: REPLACE },
    [IMAGE]: { actions: REPLACE, after: { name: 'node:24-slim' } },
  };
  for (const [address, override] of Object.entries(overrides)) {
    changes[address] = { actions: REPLACE, ...changes[address], ...override };
  }
  return changes;
}

/** What Terraform planned and applied, in order. */
function steps(): string[] {
  return desk.project.terraformCommands.filter((command) => /^(plan|apply)/.test(command));
}

const WHOLE = ['plan'];
const IMAGES = [`plan -target=${IMAGE}`, 'apply'];
const JOBS = [`plan -target=${JOB}`, 'apply'];
const REST = ['plan', 'apply'];

describe('A network that a refresh did not find', () => {
  const id = 'a1b2';
  const NETWORK = 'docker_network.desk';
  const missing = { [NETWORK]: { actions: ['create'], after: { name: 'desk' }, gone: { id, name: 'desk' } } };

  test('stays in the state if the engine has it: the request of the provider failed', async () => {
    desk.engine.state.networks = [{ Id: id, Name: 'desk', Labels: {}, IPAM: { Config: null } }];
    desk.project.changes = release({ [IMAGE]: { thenAdds: missing } });
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("has the network desk, but did not answer Terraform's request for it");
    expect(desk.project.changesLeft).toContain(NETWORK);
  });

  test('is created again if the engine does not have it', async () => {
    desk.project.changes = release({ [IMAGE]: { thenAdds: missing } });
    const { exitCode } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(0);
    expect(desk.project.changesLeft).toEqual([]);
  });
});

test('Images are built and jobs run before any running service is replaced', async () => {
  desk.project.changes = release();
  const { exitCode } = await desk.run(['deploy', 'desk', '--yes']);
  expect(exitCode).toBe(0);
  expect(steps()).toEqual([...WHOLE, ...IMAGES, ...JOBS, ...REST]);
  expect(desk.project.changesLeft).toEqual([]);
});

test('Each step shows what is done, by the names of the stack', async () => {
  desk.project.changes = release();
  const { stdout } = await desk.run(['deploy', 'desk', '--yes', '--verbose']);
  expect(stdout.match(/broker_key = /g)).toHaveLength(1);
  expect(stdout).toMatch(
    /\nImages first: .*\n\$ .*\n\$ .*\nnode:24-slim: ready\n\nJobs before services: if one fails, running services stay up, except those that it waits for and that changed\.\n\$ .*\n\$ .*\ndesk-migrate: finished\n/,
  );
});

test('A state of another version of the provider is upgraded before the first step', async () => {
  desk.project.changes = release();
  const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_OUTDATED_STATE: '1' });
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  const upgrade = [`plan -target=${IMAGE}`, 'apply -refresh-only -auto-approve'];
  expect(steps()).toEqual([...WHOLE, ...upgrade, ...IMAGES, ...JOBS, ...REST]);
});

test('The last step refreshes the state, because the ones before it have only compared a part of it', async () => {
  desk.project.write('cdktf.out/stacks/desk/.terraform.lock.hcl', 'version = "3.9.0"');
  desk.project.write('terraform.desk.tfstate', '{ "resources": [] }');
  desk.project.changes = release();
  await desk.run(['deploy', 'desk', '--yes']);
  expect(steps()).toEqual([...WHOLE, ...IMAGES, ...JOBS, ...REST]);

  await desk.run(['diff', 'desk']);
  expect(steps().at(-1)).toBe('plan -refresh=false');
});

test('A first deploy is one apply', async () => {
  desk.project.changes = release({
    [GATEWAY]: { actions: ['create'] },
    [JOB]: { actions: ['create'] },
    [IMAGE]: { actions: ['create'] },
  });
  const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
  expect(steps()).toEqual([...WHOLE, 'apply']);
  expect(stdout).toMatch(/\ndesk-gateway: started\n/);
});

test('A change without images and jobs is one apply', async () => {
  desk.project.changes = { [GATEWAY]: { actions: ['update'] } };
  expect((await desk.run(['deploy', 'desk', '--yes'])).exitCode).toBe(0);
  expect(steps()).toEqual([...WHOLE, 'apply']);
});

test('A deploy whose image cannot be pulled leaves the services as they are, and says so', async () => {
  desk.project.changes = release({ [IMAGE]: { fails: true } });
  const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_ERROR: 'no such image' });
  expect(exitCode).toBe(1);
  expect(steps()).toEqual([...WHOLE, ...IMAGES]);
  expect(desk.project.changesLeft).toEqual([GATEWAY, JOB, IMAGE]);
  expect(stderr).toMatch(
    /^Error in node:24-slim: no such image\n\nThe deploy of desk failed while building or pulling images\. Running services were not changed\.\nRunning: desk-redis, desk-gateway\.\n.*\[deploy-failed\]\n$/,
  );
});

test('A deploy whose job fails leaves the services as they are, and says so', async () => {
  desk.project.changes = release({ [JOB]: { fails: true } });
  const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
  expect(exitCode).toBe(1);
  expect(desk.project.changesLeft).toEqual([GATEWAY, JOB]);
  expect(stderr).toContain('The deploy of desk failed while running the jobs. Running services were not changed.\n');
});

test('A failed job is reported as such, and not as a failed condition of Terraform', async () => {
  desk.project.changes = release({ [JOB]: { fails: true } });
  const FAKE_ERROR = JSON.stringify({
    summary: 'Resource postcondition failed',
    detail: 'To run it again, use terraform apply -replace.',
    address: undefined,
    snippet: { context: `resource.${JOB}.lifecycle.postcondition[0]` },
  });
  const { stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_ERROR });
  expect(stderr).toMatch(/^Error: the job desk-migrate failed\.\n/);
  expect(stderr).not.toContain('-replace');
});

test('Services whose image turns out to be the same are said to keep running', async () => {
  const change = { before: { image: 'sha256:1' }, after: {}, unknown: { image: true }, replacePaths: [['image']] };
  desk.project.changes = {
    [GATEWAY]: { actions: REPLACE, ...change },
    [IMAGE]: { actions: ['create'], removes: [GATEWAY] },
  };
  const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
  expect(stdout).toContain('\nThe image did not change: desk-gateway keeps running.\n');
  expect(steps()).toEqual([...WHOLE, ...IMAGES, 'plan']);
});

test('A service that the failed job needs is named, because it may have changed', async () => {
  desk.project.changes = release({ [REDIS]: {}, [JOB]: { fails: true, needs: [REDIS] } });
  const { stderr } = await desk.run(['deploy', 'desk', '--yes']);
  expect(stderr).toContain(
    'failed while running the jobs. Of the running services, only those that the jobs need may have changed: desk-redis.\n',
  );
});

test('A failure of the last step does not claim that services were not changed', async () => {
  desk.engine.state.containers.pop();
  desk.project.changes = release({ [GATEWAY]: { fails: true } });
  const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^Error in desk-gateway: it failed\n\nThe deploy of desk failed\.\nRunning: desk-redis\.\n.*: desk-gateway \(missing\)\.\n/,
  );
});

describe('a plan that fails after the first steps', () => {
  test.each([
    ['2', WHOLE, 'before building or pulling images. Running services were not changed.'],
    ['3', [...WHOLE, ...IMAGES], 'before running the jobs. Running services were not changed.'],
    ['4', [...WHOLE, ...IMAGES, ...JOBS], 'before changing the services. Running services were not changed.'],
  ])('The deploy stops when plan number %s fails, and names the running services', async (number, before, sentence) => {
    desk.project.changes = release();
    const { exitCode, stdout, stderr } = await desk.run(['deploy', 'desk', '--yes', '--json'], {
      FAKE_PLAN_FAILS_AT: number,
    });
    expect(exitCode).toBe(1);
    expect(steps().slice(0, -1)).toEqual(before);
    const { message, ...document } = JSON.parse(stdout) as { message: string };
    expect(document).toMatchObject({ stack: 'desk', outcome: 'failed', code: 'terraform-failed' });
    expect(message).toContain(`terraform plan failed.\nThe deploy of desk failed ${sentence}\nRunning: desk-redis, `);
    expect(stderr).toContain(message);
  });

  test('A deploy that ends after the jobs names the services that the jobs need', async () => {
    desk.project.changes = release({ [REDIS]: {}, [JOB]: { needs: [REDIS] } });
    const { stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN_FAILS_AT: '4' });
    expect(stderr).toContain('only those that the jobs need may have changed: desk-redis.\n');
  });
});

describe('a configuration that another process writes during a deploy', () => {
  test('A deploy does not plan its next step from a configuration that has changed', async () => {
    desk.project.changes = release();
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_SYNTH_IN: 'apply' });
    expect(exitCode).toBe(1);
    expect(steps()).toEqual([...WHOLE, ...IMAGES]);
    expect(stderr).toMatch(
      /\n.*cdktf\.out\/stacks\/desk.*\nThe deploy of desk failed before running the jobs\. [^]*\[configuration-changed\]\n$/,
    );
  });

  test('A deploy applies nothing if the configuration changes while it makes the plan', async () => {
    desk.project.changes = release();
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_SYNTH_IN: 'plan' });
    expect(exitCode).toBe(1);
    expect(steps()).toEqual(WHOLE);
    expect(stderr).toMatch(/^.*cdktf\.out\/stacks\/desk.*\nNothing was changed\. \[configuration-changed\]\n$/);
  });
});

describe('a deploy that is interrupted', () => {
  test.each([
    ['plan', WHOLE, [GATEWAY, JOB, IMAGE]],
    ['show', WHOLE, [GATEWAY, JOB, IMAGE]],
    ['apply', [...WHOLE, ...IMAGES], [GATEWAY, JOB]],
  ])(
    'A deploy that is interrupted in terraform %s goes no further, even if Terraform succeeds',
    async (place, done, left) => {
      desk.project.changes = release();
      // A separate program receives the signal.
      const environment = { DESK: 'plain', DOCKER_HOST: desk.engine.host, FAKE_INTERRUPT: place };
      const { exitCode, stderr } = await desk.project.runProgram(['deploy', 'desk', '--yes'], environment);
      expect(exitCode).toBe(1);
      expect(steps()).toEqual(done);
      expect(desk.project.changesLeft).toEqual(left);
      expect(stderr).toMatch(
        place === 'apply'
          ? /^Interrupted: .*\n\nThe deploy of desk was interrupted before running the jobs\. Running services were not changed\.\nRunning: .*\nRun deploy again: .* \[interrupted\]\n$/
          : /^Interrupted: .*\nInterrupted\.\nNothing was changed\. \[interrupted\]\n$/,
      );
    },
  );

  test('A deploy whose apply stops because of an interrupt does not ask to fix anything', async () => {
    desk.project.changes = release({ [IMAGE]: { fails: true } });
    const environment = { DESK: 'plain', DOCKER_HOST: desk.engine.host, FAKE_INTERRUPT: 'apply' };
    const { stderr } = await desk.project.runProgram(['deploy', 'desk', '--yes'], environment);
    expect(stderr).toMatch(
      /\nThe deploy of desk was interrupted while building or pulling images\. .*\nRunning: .*\nRun deploy again: /,
    );
  });

  test('A destroy that is interrupted removes no volume', async () => {
    const environment = { DOCKER_HOST: desk.engine.host, FAKE_INTERRUPT: 'apply' };
    desk.engine.state.volumes = ['desk_logs'];
    const { exitCode } = await desk.project.runProgram(['destroy', 'desk', '--yes', '--volumes'], environment);
    expect(exitCode).toBe(1);
    expect(desk.engine.state.volumes).toEqual(['desk_logs']);
  });
});

test('Jobs run with the rest if a network that others use is replaced for them', async () => {
  const network = 'docker_network.desk';
  desk.project.changes = release({ [network]: {}, [JOB]: { needs: [network] } });
  const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes']);
  expect(exitCode).toBe(0);
  expect(steps()).toEqual([...WHOLE, ...IMAGES, `plan -target=${JOB}`, ...REST]);
  expect(stdout).toContain('The jobs need a network or a volume that is replaced');
});

describe('a job that failed last time', () => {
  beforeEach(() => {
    desk.engine.state.containers[1] = { name: 'desk-migrate', status: 'exited', exitCode: 3 };
  });

  test('A job that failed runs again with the jobs, and not a second time with the rest', async () => {
    desk.project.changes = release();
    await desk.run(['deploy', 'desk', '--yes']);
    expect(steps()).toEqual([
      `plan -replace=${JOB}`,
      ...IMAGES,
      `plan -replace=${JOB} -target=${JOB}`,
      'apply',
      ...REST,
    ]);
  });

  test('A job that failed runs again although it did not change', async () => {
    desk.project.changes = { [GATEWAY]: { actions: REPLACE } };
    await desk.run(['deploy', 'desk', '--yes']);
    expect(steps()).toEqual([`plan -replace=${JOB}`, `plan -replace=${JOB} -target=${JOB}`, 'apply', ...REST]);
  });

  test('A job that failed runs again with the rest if it has to wait for it', async () => {
    desk.project.changes = release({ 'docker_volume.data': {}, [JOB]: { needs: ['docker_volume.data'] } });
    await desk.run(['deploy', 'desk', '--yes']);
    expect(steps().slice(-2)).toEqual([`plan -replace=${JOB}`, 'apply']);
  });
});

test('Changes that were not in the confirmed plan are shown, and applied with --yes', async () => {
  desk.project.changes = release({ [IMAGE]: { thenAdds: { [REDIS]: { actions: ['create'] } } } });
  const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes']);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    /\nThese changes were not in the plan above: .*\n\nNEW .*\ndesk-redis .*\n\nTo create: 1 service\.\n/,
  );
  expect(desk.project.changesLeft).toEqual([]);
});
