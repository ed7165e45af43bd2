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

/** How Terraform says what an error is about. */
function blamed(address: string): string {
  return `│   with ${address},\n│   on cdk.tf.json line 7, in resource.${address}:\n`;
}

const WHOLE = ['plan'];
const IMAGES = [`plan -target=${IMAGE}`, 'apply'];
const JOBS = [`plan -target=${JOB}`, 'apply'];
const REST = ['plan', 'apply'];

test('Images are made and jobs run before anything that runs is replaced', async () => {
  desk.project.changes = release();
  const { exitCode } = await desk.run(['deploy', 'desk', '--yes']);
  expect(exitCode).toBe(0);
  expect(steps()).toEqual([...WHOLE, ...IMAGES, ...JOBS, ...REST]);
  expect(desk.project.changesLeft).toEqual([]);
});

test('No plan is shown, but what is being done', async () => {
  desk.project.changes = release();
  const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
  expect(stdout).not.toContain('broker_key = ');
  expect(stdout).toMatch(
    /\nImages before the rest \(terraform -target\): what runs stays up if one cannot be built or pulled\.\n\$ .*\n\$ .*\ndocker_image\.node: Changing\.\.\.\n\nJobs before/,
  );
  expect(stdout).not.toContain('a line of the apply');
});

test('A first deploy goes in one, and shows all that Terraform says', async () => {
  desk.project.changes = release({
    [GATEWAY]: { actions: ['create'] },
    [JOB]: { actions: ['create'] },
    [IMAGE]: { actions: ['create'] },
  });
  const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
  expect(steps()).toEqual([...WHOLE, 'apply']);
  expect(stdout).toContain('a line of the apply');
});

test('A change without images and jobs goes in one', async () => {
  desk.project.changes = { [GATEWAY]: { actions: ['update'] } };
  expect((await desk.run(['deploy', 'desk', '--yes'])).exitCode).toBe(0);
  expect(steps()).toEqual([...WHOLE, 'apply']);
});

test('An image that fails leaves everything as it was, and it is said', async () => {
  desk.project.changes = release({ [IMAGE]: { fails: true } });
  const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_ERROR: 'Error: no such image' });
  expect(exitCode).toBe(1);
  expect(steps()).toEqual([...WHOLE, ...IMAGES]);
  expect(desk.project.changesLeft).toEqual([GATEWAY, JOB, IMAGE]);
  expect(stderr).toBe(
    `Error: no such image\n${blamed(IMAGE)}\n` +
      'The deploy of desk failed while it made the images. Nothing that runs was touched.\n' +
      'Running: desk-redis, desk-gateway.\nMend it and run deploy again, which continues from here.\n',
  );
});

test('A job that fails leaves the services as they were, and it is said', async () => {
  desk.project.changes = release({ [JOB]: { fails: true } });
  const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
  expect(exitCode).toBe(1);
  expect(desk.project.changesLeft).toEqual([GATEWAY, JOB]);
  expect(stderr).toContain('The deploy of desk failed while it ran the jobs. Nothing that runs was touched.\n');
});

test('A job that fails is not said to need Terraform to run again', async () => {
  desk.project.changes = release({ [JOB]: { fails: true } });
  await desk.run(['synth']);
  const configuration = desk.project.read('cdktf.out/stacks/desk/cdk.tf.json') ?? '';
  const message = /desk\/migrate: the job ended with exit code.*?with its address\./.exec(configuration)?.[0] ?? '';
  // As Terraform breaks lines.
  const FAKE_ERROR = `│ ${message.replace('-replace with', '-replace\n│ with')}`;
  expect(FAKE_ERROR).toContain('apply -replace\n│ with its address.');
  const { stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_ERROR });
  expect(stderr).toContain('Mend it and deploy again.\n');
  expect(stderr).not.toContain('-replace');
});

test('A service that the failed job needs is named, as it may have been changed', async () => {
  desk.project.changes = release({ [REDIS]: {}, [JOB]: { fails: true, needs: [REDIS] } });
  const { stderr } = await desk.run(['deploy', 'desk', '--yes']);
  expect(stderr).toContain(
    'failed while it ran the jobs. Of what runs, nothing was touched but what the jobs need: desk-redis.\n',
  );
});

test('A failure of the last step does not claim that nothing was touched', async () => {
  desk.engine.state.containers.pop();
  desk.project.changes = release({ [GATEWAY]: { fails: true } });
  const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
  expect(exitCode).toBe(1);
  expect(stderr).toBe(
    `${blamed(GATEWAY)}\nThe deploy of desk failed.\nRunning: desk-redis.\nNot running as it should: desk-gateway (missing).\n` +
      'Mend it and run deploy again, which continues from here.\n',
  );
});

describe('A plan that fails after the first steps', () => {
  test.each([
    ['2', WHOLE, 'before it made the images. Nothing that runs was touched.'],
    ['3', [...WHOLE, ...IMAGES], 'before it ran the jobs. Nothing that runs was touched.'],
    ['4', [...WHOLE, ...IMAGES, ...JOBS], 'before it changed the services. Nothing that runs was touched.'],
  ])('as number %s ends the deploy there, and what runs is said', async (number, before, sentence) => {
    desk.project.changes = release();
    const { exitCode, stdout, stderr } = await desk.run(['deploy', 'desk', '--yes', '--json'], {
      FAKE_PLAN_FAILS_AT: number,
    });
    const message =
      `terraform plan failed.\nThe deploy of desk failed ${sentence}\nRunning: desk-redis, desk-gateway.\n` +
      'Run deploy again, which continues from here.';
    expect(exitCode).toBe(1);
    expect(steps().slice(0, -1)).toEqual(before);
    expect(JSON.parse(stdout)).toMatchObject({ stack: 'desk', outcome: 'failed', message });
    expect(stderr).toMatch(new RegExp(`\n\n${message.replaceAll('.', '\\.')}\n$`));
  });

  test('names what the jobs needed, which was changed before', async () => {
    desk.project.changes = release({ [REDIS]: {}, [JOB]: { needs: [REDIS] } });
    const { stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN_FAILS_AT: '4' });
    expect(stderr).toContain('Of what runs, nothing was touched but what the jobs need: desk-redis.\n');
  });
});

describe('A configuration that is written anew while a deploy', () => {
  const MESSAGE =
    'The configuration in cdktf.out/stacks/desk was written anew meanwhile, as by a synth in another terminal. ' +
    'It may not be what was planned: run the command again.';

  test('applies a step is not planned from', async () => {
    desk.project.changes = release();
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_SYNTH_IN: 'apply' });
    expect(exitCode).toBe(1);
    expect(steps()).toEqual([...WHOLE, ...IMAGES]);
    expect(stderr).toContain(
      `\n${MESSAGE}\nThe deploy of desk failed before it ran the jobs. Nothing that runs was touched.\n`,
    );
  });

  test('makes its plan leaves everything as it was', async () => {
    desk.project.changes = release();
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_SYNTH_IN: 'plan' });
    expect(exitCode).toBe(1);
    expect(steps()).toEqual(WHOLE);
    expect(stderr).toBe(`${MESSAGE}\nNothing was changed.\n`);
  });
});

describe('A deploy that somebody interrupts', () => {
  test.each([
    ['plan', WHOLE, [GATEWAY, JOB, IMAGE]],
    ['show', WHOLE, [GATEWAY, JOB, IMAGE]],
    ['apply', [...WHOLE, ...IMAGES], [GATEWAY, JOB]],
  ])('in terraform %s goes no further, though that ended well', async (place, done, left) => {
    desk.project.changes = release();
    // A program of its own gets the signal.
    const environment = { DESK: 'plain', DOCKER_HOST: 'ssh://desk@host', FAKE_INTERRUPT: place };
    const { exitCode, stderr } = await desk.project.runProgram(['deploy', 'desk', '--yes'], environment);
    expect(exitCode).toBe(1);
    expect(steps()).toEqual(done);
    expect(desk.project.changesLeft).toEqual(left);
    expect(stderr).toMatch(
      place === 'apply'
        ? /^\nInterrupted\.\nThe deploy of desk stopped before it ran the jobs\. Nothing that runs was touched\.\nOnly Terraform can reach the engine at ssh:\/\/desk@host, so what runs is not known\.\nRun deploy again, which continues from here\.\n$/
        : /^Interrupted\.\nNothing was changed\.\n$/,
    );
  });

  test('in an apply that stops for it says nothing of mending', async () => {
    desk.project.changes = release({ [IMAGE]: { fails: true } });
    const environment = { DESK: 'plain', DOCKER_HOST: 'ssh://desk@host', FAKE_INTERRUPT: 'apply' };
    const { stderr } = await desk.project.runProgram(['deploy', 'desk', '--yes'], environment);
    expect(stderr).toContain(
      '\nInterrupted.\nThe deploy of desk stopped while it made the images. Nothing that runs was touched.\n' +
        'Only Terraform can reach the engine at ssh://desk@host, so what runs is not known.\n' +
        'Run deploy again, which continues from here.\n',
    );
  });

  test('removes no volume', async () => {
    const environment = { DOCKER_HOST: desk.engine.host, FAKE_INTERRUPT: 'apply' };
    desk.engine.state.volumes = ['desk_logs'];
    const { exitCode } = await desk.project.runProgram(['destroy', 'desk', '--yes', '--volumes'], environment);
    expect(exitCode).toBe(1);
    expect(desk.engine.state.volumes).toEqual(['desk_logs']);
  });
});

test('Jobs wait for the rest when a network that others use is replaced for them', async () => {
  const network = 'docker_network.desk';
  desk.project.changes = release({ [network]: {}, [JOB]: { needs: [network] } });
  const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes']);
  expect(exitCode).toBe(0);
  expect(steps()).toEqual([...WHOLE, ...IMAGES, `plan -target=${JOB}`, ...REST]);
  expect(stdout).toContain('They need a network or a volume that is replaced');
});

describe('A job that failed the last time', () => {
  beforeEach(() => {
    desk.engine.state.containers[1] = { name: 'desk-migrate', status: 'exited', exitCode: 3 };
  });

  test('is run again with the jobs, and not a second time with the rest', async () => {
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

  test('is run again although nothing else changed', async () => {
    desk.project.changes = { [GATEWAY]: { actions: REPLACE } };
    await desk.run(['deploy', 'desk', '--yes']);
    expect(steps()).toEqual([`plan -replace=${JOB}`, `plan -replace=${JOB} -target=${JOB}`, 'apply', ...REST]);
  });

  test('is run again with the rest when it has to wait for it', async () => {
    desk.project.changes = release({ 'docker_volume.data': {}, [JOB]: { needs: ['docker_volume.data'] } });
    await desk.run(['deploy', 'desk', '--yes']);
    expect(steps().slice(-2)).toEqual([`plan -replace=${JOB}`, 'apply']);
  });
});

test('What was not in the plan that was confirmed is said, and goes ahead with --yes', async () => {
  desk.project.changes = release({ [IMAGE]: { thenAdds: { [REDIS]: { actions: ['create'] } } } });
  const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes']);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    /\nThis was not in the plan above, as something has changed since:\n\nIS .*\ncreated +1 +desk-redis\n/,
  );
  expect(desk.project.changesLeft).toEqual([]);
});
