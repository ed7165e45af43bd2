import type { FakeChange } from '../desk/project';
import { DeskFixture } from '../desk/fixture';

const desk = new DeskFixture();

const STACK = 'cdktf-trading-stack.stack';
const COMPOSE = { 'com.docker.compose.project': 'bot', 'com.docker.compose.project.working_dir': '/srv/bot' };

/** A first deploy with one of each kind. */
const FIRST: Readonly<Record<string, FakeChange>> = {
  'docker_container.desk-redis': { actions: ['create'], after: { name: 'desk-redis' } },
  'docker_network.desk': { actions: ['create'], after: { name: 'desk' } },
  'docker_volume.volume_desk_scratch': { actions: ['create'], after: { name: 'desk_scratch' } },
};

const NETWORK = { Id: '4f8b', Name: 'desk', Labels: { [STACK]: 'desk' }, IPAM: { Config: [] } };

beforeEach(() => {
  desk.project.changes = FIRST;
  desk.engine.state.containers = [];
});

/** What a deploy says about the names on the engine; it changes nothing. */
async function refusal(environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], environment);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/\nNothing was changed\. \[name-in-use\]\n$/);
  expect(desk.project.terraformCommands).not.toContain('apply');
  expect(desk.engine.state.actions).toEqual([]);
  return stderr;
}

/** After a deploy that was killed in its apply. */
function interrupted(creates: readonly { readonly kind: string; readonly name: string }[]): void {
  desk.project.write('terraform.desk.tfstate.unfinished', JSON.stringify({ written: '', state: null, creates }));
}

test('A container of a Compose project is not replaced, and the message names the project', async () => {
  desk.engine.state.containers = [{ name: 'desk-redis', labels: { [STACK]: undefined, ...COMPOSE } }];
  expect(await refusal()).toContain(
    ': the container desk-redis. Set another `name` on the stack, or remove the project, which keeps its volumes: ' +
      'docker compose -p bot down\n',
  );
});

test("A volume of another owner is not taken over, because a destroy would remove it with the owner's data", async () => {
  desk.engine.state.volumes = ['archive', 'desk_scratch'];
  expect(await refusal()).toMatch(
    /needs names that are already in use on the engine at .*: the volume desk_scratch\..* a volume takes its data with it:\n/,
  );
  desk.engine.state.labelsOfVolumes = { desk_scratch: COMPOSE };
  expect(await refusal()).toContain('The data of the volume desk_scratch would be removed with the stack');
});

test('A network of another stack is named with its stack', async () => {
  desk.engine.state.networks = [{ ...NETWORK, Labels: { [STACK]: 'other' } }];
  expect(await refusal()).toMatch(/the trading stack 'other' .*: the network desk\.(.|\n)* network rm desk\n/);
});

test('After a lost state the message has commands that adopt the network and the volumes, and remove containers', async () => {
  desk.engine.state.containers = [{ name: 'desk-redis' }];
  desk.engine.state.networks = [NETWORK];
  desk.engine.state.volumes = ['archive', 'desk_scratch'];
  desk.engine.state.labelsOfVolumes = { desk_scratch: { [STACK]: 'desk' } };
  const said = await refusal({ CDKTF_OUTDIR: 'build output' });
  const program = /\S+ -chdir=.*(?= import)/.exec(said)?.[0] ?? '';
  expect(program).toMatch(/ -chdir='build output\/stacks\/desk'$/);
  const terraform = `DOCKER_HOST=${desk.engine.host} ${program} import`;
  expect(said).toContain(
    [
      'If another folder deployed them, set another `name` on the stack, or deploy from that folder. If the state was ' +
        'lost, restore it; without a backup, run these commands, and run the command again; retained volumes keep their data:',
      `  ${terraform} docker_network.desk 4f8b`,
      `  ${terraform} docker_volume.volume_desk_scratch desk_scratch`,
      '  docker stop desk-redis',
      '  docker rm desk-redis',
    ].join('\n'),
  );
});

test('diff shows the plan, and says that it cannot be applied', async () => {
  desk.engine.state.networks = [NETWORK];
  const { exitCode, stdout, stderr } = await desk.run(['diff', 'desk']);
  expect({ exitCode, shown: stdout.includes('desk-redis') }).toEqual({ exitCode: 1, shown: true });
  expect(stderr).toContain('[name-in-use]');
});

test('What a killed deploy has left is shown, and removed before the plan is applied', async () => {
  desk.engine.state.containers = [{ name: 'desk-redis' }];
  desk.engine.state.networks = [NETWORK];
  interrupted([
    { kind: 'container', name: 'desk-redis' },
    { kind: 'network', name: 'desk' },
    { kind: 'volume', name: 'desk_scratch' },
  ]);
  const { stdout } = await desk.run(['deploy', 'desk', '--yes']);
  expect(stdout).toContain(
    '\nLeft by an interrupted deploy, and removed before anything is created: the container desk-redis; the network desk.\n',
  );
  expect(desk.engine.state.actions).toEqual([
    'POST /containers/desk-redis/stop',
    'DELETE /containers/desk-redis',
    'DELETE /networks/4f8b',
  ]);
  expect(desk.project.terraformCommands).toContain('apply');
  expect(desk.project.read('terraform.desk.tfstate.unfinished')).toBeUndefined();
});

test('What a killed deploy would have created is not removed if another owner has its name', async () => {
  desk.engine.state.containers = [{ name: 'desk-redis', labels: { [STACK]: 'other' } }];
  interrupted([{ kind: 'container', name: 'desk-redis' }]);
  expect(await refusal()).toContain("the trading stack 'other'");
});

test('diff shows what a killed deploy has left although nothing else changes', async () => {
  desk.project.changes = {};
  desk.engine.state.containers = [{ name: 'desk-old' }];
  interrupted([{ kind: 'container', name: 'desk-old' }]);
  const { exitCode, stdout } = await desk.run(['diff', 'desk', '--json', '--detailed-exitcode']);
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ changes: [], leftOvers: [{ kind: 'container', name: 'desk-old' }] });
  expect(desk.engine.state.actions).toEqual([]);
});

test.each([['destroy'], ['deploy']])(
  '%s removes what a killed deploy has left although Terraform has nothing to do',
  async (command) => {
    desk.project.changes = {};
    desk.engine.state.containers = [{ name: 'desk-old' }];
    interrupted([{ kind: 'container', name: 'desk-old' }]);
    await desk.run([command, 'desk', '--yes']);
    expect(desk.engine.state.containers).toEqual([]);
    expect(desk.project.read('terraform.desk.tfstate.unfinished')).toBeUndefined();
  },
);

test('The journal stays if an apply fails', async () => {
  desk.project.changes = {
    ...FIRST,
    'docker_container.desk-redis': { actions: ['create'], after: { name: 'desk-redis' }, fails: true },
  };
  await desk.run(['deploy', 'desk', '--yes']);
  expect(JSON.parse(desk.project.read('terraform.desk.tfstate.unfinished') ?? '{}')).toMatchObject({
    creates: [
      { kind: 'container', name: 'desk-redis' },
      { kind: 'network', name: 'desk' },
      { kind: 'volume', name: 'desk_scratch' },
    ],
  });
});
