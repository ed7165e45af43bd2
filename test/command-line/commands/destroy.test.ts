import { CommandError, ExitCode } from '../../../lib/command-line/output/output';
import { DeskFixture } from '../desk/fixture';

const desk = new DeskFixture();

describe('destroy', () => {
  beforeEach(() => {
    desk.engine.state.volumes = ['desk_redis_data', 'desk_logs', 'archive', 'other_data'];
  });

  test('destroy keeps retained volumes and names them', async () => {
    const { exitCode, stdout } = await desk.run(['destroy', 'desk', '--yes']);
    expect(exitCode).toBe(0);
    expect(desk.project.terraformCommands).toEqual(['version -json', 'init', 'plan -destroy', 'show -json', 'apply']);
    expect(stdout).toContain('docker volume rm desk_redis_data desk_logs\n');
    expect(desk.engine.state.volumes).toHaveLength(4);
  });

  test('destroy first stores what points in time need', async () => {
    desk.engine.state.containers = [{ name: 'desk-db' }, { name: 'desk-db-backup', answer: { exitCode: 1 } }];

    const { exitCode, stdout } = await desk.run(['destroy', 'desk', '--yes'], {}, 'backup with points in time');

    expect(desk.engine.state.commands.map(({ request }) => (request as { Cmd: string[] }).Cmd.at(-1))).toEqual([
      'store-log',
    ]);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('cannot be restored to the moments just before')]);
  });

  test('destroy --volumes removes the volumes of the stack and no others', async () => {
    expect((await desk.run(['destroy', 'desk', '--yes', '--volumes'])).exitCode).toBe(0);
    expect(desk.engine.state.volumes).toEqual(['archive', 'other_data']);
  });

  test('destroy says which of the volumes that it keeps contains backups, next to the command that would remove it', async () => {
    desk.engine.state.volumes = ['desk_db_data', 'desk_backups'];
    const { stdout } = await desk.run(['destroy', 'desk', '--yes'], {}, 'backups in volumes');
    expect(stdout).toContain(
      '\ndesk_backups contains the backups of db, orders.\n' +
        'To remove them too: docker volume rm desk_db_data desk_backups\n',
    );
  });

  describe('without --yes', () => {
    let asked: string[];

    beforeEach(() => {
      asked = [];
      desk.context = { isInteractive: true, confirm: (question) => Promise.resolve(void asked.push(question)) };
    });

    test.each([
      ['a stack', 'delete', ['Remove all of this, and these volumes with all their data: desk_redis_data, desk_logs?']],
      ['what a stack has left', undefined, ['Remove these volumes with all their data: desk_redis_data, desk_logs?']],
    ])('destroy --volumes asks once before it removes %s, and names the volumes', async (_, action, questions) => {
      desk.project.changes = action === undefined ? {} : { 'docker_container.desk-redis': { actions: [action] } };
      expect((await desk.run(['destroy', 'desk', '--volumes'])).exitCode).toBe(0);
      expect(asked).toEqual(questions);
      expect(desk.engine.state.volumes).toEqual(['archive', 'other_data']);
    });

    test('destroy --volumes says on a line of its own which volume the backups are in', async () => {
      desk.engine.state.volumes = ['desk_db_data', 'desk_backups', 'safe'];
      desk.project.changes = {};
      expect((await desk.run(['destroy', 'desk', '--volumes'], {}, 'backups in volumes')).exitCode).toBe(0);
      expect(asked).toEqual([
        'desk_backups contains the backups of db, orders.\n' +
          'Remove these volumes with all their data: desk_db_data, desk_backups?',
      ]);
      expect(desk.engine.state.volumes).toEqual(['safe']);
    });

    test('destroy asks nothing if nothing is left but volumes that it keeps', async () => {
      desk.project.changes = {};
      expect((await desk.run(['destroy', 'desk'])).exitCode).toBe(0);
      expect(asked).toEqual([]);
    });

    test('destroy --volumes removes nothing if it is not confirmed', async () => {
      const refusal = new CommandError('not-confirmed', 'Not confirmed', ExitCode.REFUSED);
      desk.context = { ...desk.context, confirm: () => Promise.reject(refusal) };
      expect((await desk.run(['destroy', 'desk', '--volumes'])).exitCode).toBe(2);
      expect(desk.project.terraformCommands).not.toContain('apply');
      expect(desk.engine.state.volumes).toHaveLength(4);
    });
  });

  test('destroy --volumes removes the others if a volume is still in use, and says how to remove that one', async () => {
    desk.engine.state.volumesInUse = ['desk_redis_data'];
    const { exitCode, stdout, stderr } = await desk.run(['destroy', 'desk', '--yes', '--volumes']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('Removed the volume desk_logs.\n');
    expect(stderr).toBe(
      'The volume desk_redis_data could not be removed: remove desk_redis_data: volume is in use.\n' +
        'Stop what uses it, and remove it: docker volume rm desk_redis_data [volume-not-removed]\n',
    );
  });

  describe('a Swarm whose data may be on another node', () => {
    const UNSEEN =
      /The volume desk_db_data may be on far, .*: docker volume rm desk_db_data( \[volume-not-removed\])?\n$/;

    beforeEach(() => {
      Object.assign(desk.engine.state, { isSwarmManager: true, services: [[]], containers: [], volumes: [] });
      desk.engine.state.nodes = { here: {}, far: { data: 'true' } };
    });

    test('destroy says which volumes may be on another node', async () => {
      const { exitCode, stdout } = await desk.run(['destroy', 'desk', '--yes'], {}, 'cluster');
      expect(exitCode).toBe(0);
      expect(stdout).toContain('desk is no longer deployed.\n');
      expect(stdout).toMatch(UNSEEN);
    });

    test('destroy --volumes removes the volumes of this node, and fails if others may be left', async () => {
      desk.engine.state.volumes = ['desk_db_data'];
      const { exitCode, stdout, stderr } = await desk.run(['destroy', 'desk', '--yes', '--volumes'], {}, 'cluster');
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(UNSEEN);
      expect(stdout).toContain('Removed the volume desk_db_data.\n');
    });
  });

  describe('with containers of others on its network', () => {
    const NETWORK = { 'docker_network.network': { actions: ['delete'], before: { name: 'desk' } } };
    const foreign = { labels: { 'cdktf-trading-stack.stack': undefined }, networks: ['desk'] };

    beforeEach(() => {
      desk.project.changes = NETWORK;
      desk.engine.state.containers = [{ name: 'desk-redis', networks: ['desk'] }, { name: 'other' }];
    });

    test('destroy names them and how to disconnect them, before anything is removed', async () => {
      const task = { ...foreign, labels: { ...foreign.labels, 'com.docker.swarm.service.name': 'web' } };
      desk.engine.state.containers.push({ name: 'debug', ...foreign }, { name: 'web.1.x', ...task });
      const { exitCode, stderr } = await desk.run(['destroy', 'desk', '--yes']);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(
        'The network desk cannot be removed while others than the stack are connected to it: the container debug, the ' +
          'service web. Disconnect them, and run the command again: docker network disconnect desk debug && docker ' +
          'service update --network-rm desk web\nNothing was changed. [network-in-use]\n',
      );
      expect(desk.project.terraformCommands).not.toContain('apply');
    });

    test('deploy refuses to replace the network', async () => {
      desk.project.changes = { 'docker_network.network': { actions: ['delete', 'create'], before: { name: 'desk' } } };
      desk.engine.state.containers.push({ name: 'debug', ...foreign });
      expect((await desk.run(['deploy', 'desk', '--yes'])).stderr).toContain('[network-in-use]');
      expect(desk.project.terraformCommands).not.toContain('apply');
    });

    test('destroy removes a network that only its own containers use', async () => {
      expect((await desk.run(['destroy', 'desk', '--yes'])).exitCode).toBe(0);
    });
  });

  test('destroy generates no secrets', async () => {
    await desk.run(['destroy', 'desk', '--yes']);
    expect(desk.project.read('.secrets/desk/redis_password')).toBeUndefined();
  });

  test('A destroy that fails keeps the volumes', async () => {
    const { exitCode, stderr } = await desk.run(['destroy', 'desk', '--yes', '--volumes'], { FAKE_APPLY: '1' });
    expect(exitCode).toBe(1);
    expect(stderr).toBe('The destroy of desk failed. Run it again to continue. [destroy-failed]\n');
    expect(desk.engine.state.volumes).toHaveLength(4);
  });
});
