import { DeskFixture } from '../desk/fixture';

const desk = new DeskFixture();

describe('destroy', () => {
  beforeEach(() => {
    desk.engine.state.volumes = ['desk_redis_data', 'desk_logs', 'archive', 'other_data'];
  });

  test('keeps the kept volumes and names them', async () => {
    const { exitCode, stdout } = await desk.run(['destroy', 'desk', '--yes']);
    expect(exitCode).toBe(0);
    expect(desk.project.terraformCommands).toEqual(['version -json', 'init', 'plan -destroy', 'show -json', 'apply']);
    expect(stdout).toContain('docker volume rm desk_redis_data desk_logs\n');
    expect(desk.engine.state.volumes).toHaveLength(4);
  });

  test('--volumes removes the stack’s own and no other', async () => {
    expect((await desk.run(['destroy', 'desk', '--yes', '--volumes'])).exitCode).toBe(0);
    expect(desk.engine.state.volumes).toEqual(['archive', 'other_data']);
  });

  test('--volumes says when one is still in use', async () => {
    desk.engine.state.volumesInUse = ['desk_logs'];
    const { exitCode, stderr } = await desk.run(['destroy', 'desk', '--yes', '--volumes']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe('The volume desk_logs could not be removed: remove desk_logs: volume is in use\n');
  });

  describe('on a Swarm whose data may be on another node', () => {
    const UNSEEN =
      'The volume desk_db_data may be on far, where it cannot be looked at from here. To remove it with its data, on that ' +
      'node: docker volume rm desk_db_data\n';

    beforeEach(() => {
      Object.assign(desk.engine.state, { isSwarmManager: true, services: [[]], containers: [], volumes: [] });
      desk.engine.state.nodes = { here: {}, far: { data: 'true' } };
    });

    test('says which volumes it could not look at', async () => {
      const { exitCode, stdout } = await desk.run(['destroy', 'desk', '--yes'], {}, 'cluster');
      expect(exitCode).toBe(0);
      expect(stdout.endsWith(`desk is not deployed any more.\n${UNSEEN}`)).toBe(true);
    });

    test('--volumes has failed where they may be left, and removes those of this node', async () => {
      desk.engine.state.volumes = ['desk_db_data'];
      const { exitCode, stdout, stderr } = await desk.run(['destroy', 'desk', '--yes', '--volumes'], {}, 'cluster');
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: UNSEEN });
      expect(stdout).toContain('Removed the volume desk_db_data.\n');
    });
  });

  test('--volumes is refused before anything is destroyed where only Terraform can reach the engine', async () => {
    const command = ['destroy', 'desk', '--yes', '--volumes'];
    const { exitCode, stderr } = await desk.run(command, { DOCKER_HOST: 'ssh://desk@host' });
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'The volumes cannot be removed from here: only Terraform can reach the engine at ssh://desk@host. Destroy without ' +
        '--volumes, and remove them there with `docker volume rm`.\n',
    );
    expect(desk.project.terraformCommands).toEqual([]);
  });

  test('makes no secrets', async () => {
    await desk.run(['destroy', 'desk', '--yes']);
    expect(desk.project.read('.secrets/desk/redis_password')).toBeUndefined();
  });

  test('that fails keeps everything that is left', async () => {
    const { exitCode, stderr } = await desk.run(['destroy', 'desk', '--yes', '--volumes'], { FAKE_APPLY: '1' });
    expect(exitCode).toBe(1);
    expect(stderr).toBe('The destroy of desk failed. Run it again to continue.\n');
    expect(desk.engine.state.volumes).toHaveLength(4);
  });
});
