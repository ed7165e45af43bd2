import { createHash } from 'node:crypto';
import { STAND_IN_LABEL } from '../../../lib/command-line/engine/stand-ins';
import { DeskFixture, HEALTHY, RUNNING } from '../desk/fixture';

const desk = new DeskFixture();

describe('Before a deploy', () => {
  test('everything that is missing is said at once, and nothing is written', async () => {
    desk.engine.state.containers = [{ name: 'other', port: { address: '0.0.0.0', host: 18_000 } }];
    desk.project.write('.secrets/desk/broker_key', '\n');
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { TERRAFORM_BINARY_NAME: 'nonexistent' });
    expect(exitCode).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^The program 'nonexistent' cannot be started\. Install Terraform/),
      'The secret desk/broker_key is empty. Write the API key of the paper account into the file .secrets/desk/broker_key.',
      'The port 127.0.0.1:18000/tcp of desk-gateway is held by other.',
    ]);
    expect(desk.project.read('.secrets/desk/redis_password')).toBeUndefined();
    expect(desk.project.terraformCommands).toEqual([]);
  });

  test('a Terraform that is too old is named', async () => {
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_VERSION: '1.4.7' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/terraform\.js 1\.4\.7 is too old: 1\.5\.0 or later is needed\.\n$/);
  });

  test('an engine that does not answer is named', async () => {
    const { exitCode, stderr } = await desk.project.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^Docker does not answer at unix:\/\/.*no\.sock \(GET \/version: connect ENOENT .*\)\. Start it, or set/,
    );
  });

  test('without a terminal and without --yes it is refused', async () => {
    const { exitCode, stderr } = await desk.project.runProgram(['deploy', 'desk']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'This has to be confirmed, and there is no terminal to ask on. Give --yes to go ahead without a question.\n',
    );
  });

  test.each(['deploy', 'diff'])('%s makes no new secret for data that exists', async (command) => {
    desk.engine.state.volumes = ['archive', 'desk_db_data', 'desk_redis_data'];
    const options = command === 'deploy' ? ['--yes'] : [];
    const { exitCode, stderr } = await desk.run([command, 'desk', ...options], {}, 'database');
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'There is no file .secrets/desk/db_password, and the server whose data is in the volume desk_db_data takes no ' +
        'password but the one that was in it at its first start. Another checkout may have deployed this stack: copy its ' +
        '.secrets folder. Otherwise restore the file (from a backup, or from its old name if the service was renamed); or ' +
        'set a new password in the server (PostgreSQL: ALTER ROLE; Grafana: grafana cli admin reset-admin-password) and ' +
        'write it into the file; or, if nobody needs the data any more, remove the volume: docker volume rm desk_db_data\n',
    );
    expect(desk.project.read('.secrets/desk/db_password')).toBeUndefined();
  });

  test('synth warns of a secret that data is bound to, and makes the others', async () => {
    desk.engine.state.volumes = ['archive', 'desk_db_data'];
    const { exitCode, stdout } = await desk.run(['synth'], {}, 'database');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /\nWarning: desk\/db\/password: There is no file \.secrets\/desk\/db_password, and the server/,
    );
    expect(desk.project.read('.secrets/desk/db_password')).toBeUndefined();
    expect(desk.project.read('.secrets/desk/redis_password')).toHaveLength(32);
  });

  describe('where the engine may be on another machine', () => {
    const refusal = (host: string): string =>
      `The secrets of desk are files of this machine, and the engine at ${host} may be on another one, where these would ` +
      'start without them: desk-redis, desk-migrate, desk-gateway. Deploy on the server itself, or choose an engine of this ' +
      'machine with DOCKER_HOST or DOCKER_CONTEXT: remote engines get secrets in a later version.';

    async function expectRefusal(command: string, environment: Readonly<Record<string, string>>): Promise<string> {
      const options = command === 'deploy' ? ['--yes'] : [];
      const { exitCode, stderr } = await desk.run([command, 'desk', ...options], environment);
      expect(exitCode).toBe(1);
      expect(desk.project.read('.secrets/desk/redis_password')).toBeUndefined();
      expect(desk.project.terraformCommands).toEqual(['version -json']);
      return stderr;
    }

    test.each(['deploy', 'diff'])('%s is refused for the secrets, which would not get there', async (command) => {
      const stderr = await expectRefusal(command, { DOCKER_HOST: 'ssh://desk@host' });
      expect(stderr).toBe(`${refusal('ssh://desk@host')}\n`);
    });

    test('a port of this machine is none that has its files for certain', async () => {
      const host = 'tcp://127.0.0.1:1';
      expect(await expectRefusal('deploy', { DOCKER_HOST: host })).toContain(refusal(host));
    });

    test('it may be DOCKER_CONTEXT that names it', async () => {
      const id = createHash('sha256').update('server').digest('hex');
      const context = { Name: 'server', Endpoints: { docker: { Host: 'ssh://desk@server' } } };
      desk.project.write(`docker/contexts/meta/${id}/meta.json`, JSON.stringify(context));
      const environment = { DOCKER_CONTEXT: 'server', DOCKER_CONFIG: `${desk.project.folder}/docker` };
      expect(await expectRefusal('deploy', environment)).toBe(`${refusal('ssh://desk@server')}\n`);
    });

    test('a stack is destroyed all the same, which takes no secrets', async () => {
      const { exitCode } = await desk.run(['destroy', 'desk', '--yes'], { DOCKER_HOST: 'ssh://desk@host' });
      expect(exitCode).toBe(0);
    });
  });

  describe('where data cannot be looked at', () => {
    const PASSWORD = '.secrets/desk/db_password';

    /** A Swarm whose data is on a node of its own, and that knows nothing of the stack. */
    function aCluster(dataNode: string): void {
      Object.assign(desk.engine.state, { isSwarmManager: true, services: [[]], containers: [], swarmNodes: 2 });
      desk.engine.state.nodes = { here: {}, far: {}, [dataNode]: { data: 'true' } };
    }

    test.each(['deploy', 'diff'])('%s makes no password for data on another node', async (command) => {
      aCluster('far');
      const options = command === 'deploy' ? ['--yes'] : [];
      const { exitCode, stderr } = await desk.run([command, 'desk', ...options], {}, 'cluster');
      expect(exitCode).toBe(1);
      expect(stderr).toBe(
        `There is no file ${PASSWORD}, and the node far of the Swarm cannot be looked at from here. If there is a volume ` +
          'desk_db_data with data, its server takes no password but the one of its first start: copy the .secrets folder ' +
          'of the checkout that deployed it. If there is none, as before a first deploy, give deploy the option ' +
          '--new-secrets\n',
      );
      expect(desk.project.read(PASSWORD)).toBeUndefined();
    });

    test('deploy makes one when it is told to', async () => {
      aCluster('far');
      await desk.run(['deploy', 'desk', '--yes', '--new-secrets'], {}, 'cluster');
      expect(desk.project.terraformCommands).toContain('apply');
      expect(desk.project.read(PASSWORD)).toHaveLength(32);
    });

    test('deploy makes none for data that is seen, whatever it is told', async () => {
      aCluster('here');
      desk.engine.state.volumes = ['desk_db_data'];
      const { stderr } = await desk.run(['deploy', 'desk', '--yes', '--new-secrets'], {}, 'cluster');
      expect(stderr).toContain('the server whose data is in the volume desk_db_data takes no password but');
      expect(desk.project.read(PASSWORD)).toBeUndefined();
    });

    test('deploy makes one where the only node of the data is this one', async () => {
      aCluster('here');
      await desk.run(['deploy', 'desk', '--yes'], {}, 'cluster');
      expect(desk.project.read(PASSWORD)).toHaveLength(32);
    });

    test('deploy makes none for an engine that only Terraform can reach', async () => {
      const { exitCode, stderr } = await desk.run(
        ['deploy', 'desk', '--yes'],
        { DOCKER_HOST: 'ssh://desk@host' },
        'cluster',
      );
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`no file ${PASSWORD}, and the engine at ssh://desk@host cannot be looked at from here.`);
    });

    test.each([
      ['without Docker', 'database', { DOCKER_HOST: 'unix:///nowhere.sock' }],
      ['on a Swarm', 'cluster', {}],
    ])('synth %s leaves it to the deploy', async (_, problem, environment) => {
      aCluster('far');
      const { exitCode, stdout } = await desk.run(['synth'], environment, problem);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`\nLeft to the deploy, which looks first whether there is data: ${PASSWORD}\n`);
      expect(stdout).not.toContain('Warning');
      expect(desk.project.read(PASSWORD)).toBeUndefined();
      const { stdout: document } = await desk.run(['synth', '--json'], environment, problem);
      expect(JSON.parse(document)).toMatchObject({ stacks: [{ laterSecrets: [PASSWORD] }] });
    });

    test('synth without Docker makes the other files, and this one when it is told to', async () => {
      await desk.run(['synth'], { DOCKER_HOST: 'unix:///nowhere.sock' }, 'database');
      expect(desk.project.read('.secrets/desk/redis_password')).toHaveLength(32);
      await desk.run(['synth', '--new-secrets'], { DOCKER_HOST: 'unix:///nowhere.sock' }, 'database');
      expect(desk.project.read(PASSWORD)).toHaveLength(32);
    });
  });

  describe('a volume of somebody else, which may be empty', () => {
    const PASSWORD = '.secrets/desk/db_password';
    const OBJECTION =
      `There is no file ${PASSWORD}. The volume compose_data was there before this stack, and nobody can tell from here ` +
      'whether it is empty. If it has data, its server takes no password but the one of its first start: write that one ' +
      'into the file, or copy the .secrets folder of the checkout that deployed it. If it is empty, give synth or deploy ' +
      'the option --new-secrets';

    beforeEach(() => {
      desk.engine.state.volumes = ['archive', 'compose_data'];
      desk.engine.state.containers = [...RUNNING, { name: 'desk-db', ...HEALTHY }];
    });

    test.each(['deploy', 'diff'])('gets no new password from %s', async (command) => {
      const options = command === 'deploy' ? ['--yes'] : [];
      const { exitCode, stderr } = await desk.run([command, 'desk', ...options], {}, 'database of somebody else');
      expect(exitCode).toBe(1);
      expect(stderr).toBe(`${OBJECTION}\n`);
      expect(desk.project.read(PASSWORD)).toBeUndefined();
    });

    test('is warned of by synth', async () => {
      const { exitCode, stdout } = await desk.run(['synth'], {}, 'database of somebody else');
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`\nWarning: desk/db/password: ${OBJECTION}\n`);
      expect(desk.project.read(PASSWORD)).toBeUndefined();
    });

    test.each([['synth'], ['deploy', 'desk', '--yes']])('gets one from %s when it is told to', async (...command) => {
      const { exitCode } = await desk.run([...command, '--new-secrets'], {}, 'database of somebody else');
      expect(exitCode).toBe(0);
      expect(desk.project.read(PASSWORD)).toHaveLength(32);
    });

    test('stays when the stack and its own volumes go', async () => {
      desk.project.write(PASSWORD, 'as-it-was-on-the-first-start');
      desk.engine.state.volumes.push('desk_redis_data');
      await desk.run(['destroy', 'desk', '--yes', '--volumes'], {}, 'database of somebody else');
      expect(desk.engine.state.volumes).toEqual(['archive', 'compose_data']);
    });
  });

  test('a password file that is empty is called empty', async () => {
    desk.engine.state.volumes = ['archive', 'desk_db_data'];
    desk.project.write('.secrets/desk/db_password', '\n');
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], {}, 'database');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^The file \.secrets\/desk\/db_password is empty, and the server whose data/);
  });

  test('a new role of a database that has data gets its password', async () => {
    desk.engine.state.volumes = ['archive', 'desk_db_data'];
    desk.engine.state.containers = [...RUNNING, { name: 'desk-db', ...HEALTHY }];
    desk.project.write('.secrets/desk/db_password', 'as-it-was-on-the-first-start');
    expect((await desk.run(['deploy', 'desk', '--yes'], {}, 'database')).exitCode).toBe(0);
    expect(desk.project.read('.secrets/desk/db_reports_password')).toHaveLength(32);
  });

  test('a server whose data does not depend on its password gets a new one', async () => {
    desk.engine.state.volumes = ['archive', 'desk_redis_data'];
    expect((await desk.run(['deploy', 'desk', '--yes'])).exitCode).toBe(0);
    expect(desk.project.read('.secrets/desk/redis_password')).toHaveLength(32);
  });

  test('a folder in the place of a secret file is a sentence', async () => {
    desk.project.write('.secrets/desk/redis_password/file', '');
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^desk\/redis\/password: there is a folder at \.secrets\/desk\/redis_password\. Remove it/);
    expect(desk.project.terraformCommands).not.toContain('plan');
  });

  test('a volume of somebody else that is not there is named', async () => {
    desk.engine.state.volumes = [];
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'There is no volume archive, which Volume.fromName names. Correct the name, or make an empty one: ' +
        'docker volume create archive\n',
    );
  });

  test('a container that still has the volume of a server is named, and how to stop it', async () => {
    desk.engine.state.containers = [
      { name: 'desk-redis', volumes: ['desk_redis_data'] },
      { name: 'desk-cache', volumes: ['desk_redis_data'] },
      { name: 'desk-older-cache', status: 'exited', volumes: ['desk_redis_data'] },
      { name: 'log-reader', volumes: ['desk_logs', 'archive'] },
    ];
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'The container desk-cache still has the volume desk_redis_data of desk-redis, and two servers on it would ' +
        'corrupt the data. Stop it first (docker stop desk-cache) and deploy again.\n',
    );
    expect(desk.project.terraformCommands).toEqual(['version -json']);
  });

  test('images that are stand-ins for tests are warned about', async () => {
    desk.engine.state.images = { 'node:24-slim': { [STAND_IN_LABEL]: 'Debian' }, 'redis:7.4-alpine': {} };
    const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      '\nWarning: these images are stand-ins that were built for tests, and not the real ones: node:24-slim\n',
    );
  });

  test('an engine behind ssh is left to Terraform', async () => {
    const environment = { DOCKER_HOST: 'ssh://desk@host' };
    const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes'], environment, 'plain');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('the engine at ssh://desk@host is not looked at: only Terraform can reach it');
  });
});
