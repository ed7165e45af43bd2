import { type AddressInfo, connect, createServer } from 'node:net';
import { DeskFixture, HEALTHY, RUNNING } from '../desk/fixture';
import { problem } from '../desk/problem';

const desk = new DeskFixture();

describe('preflight', () => {
  test('All problems are shown together, and nothing is written', async () => {
    desk.engine.state.containers = [{ name: 'other', port: { address: '0.0.0.0', host: 18_000 } }];
    desk.project.write('.secrets/desk/broker_key', '\n');
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { TERRAFORM_BINARY_NAME: 'nonexistent' });
    expect(exitCode).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/'nonexistent'.* \[terraform-missing\]$/),
      expect.stringMatching(/desk\/broker_key is empty.*\.secrets\/desk\/broker_key.* \[secret-missing\]$/),
      expect.stringMatching(/127\.0\.0\.1:18000\/tcp of desk-gateway.* the container other.* \[port-in-use\]$/),
    ]);
    expect(desk.project.read('.secrets/desk/redis_password')).toBeUndefined();
    expect(desk.project.terraformCommands).toEqual([]);
  });

  test('The problems of a validation are shown together with those of the preflight', async () => {
    desk.project.write('.secrets/desk/broker_key', '');
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], {}, 'validation');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/no risk limits.* \[validation-failed\]\n.*desk\/broker_key.* \[secret-missing\]\n$/);
  });

  test('--json lists each problem with its code', async () => {
    desk.project.write('.secrets/desk/broker_key', '');
    desk.engine.state.volumes = [];
    const { stdout } = await desk.run(['deploy', 'desk', '--yes', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'failed',
      code: 'several-problems',
      problems: [problem('secret-missing', 'broker_key'), problem('volume-missing', 'archive')],
    });
  });

  test('A Terraform below 1.5 is rejected', async () => {
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_VERSION: '1.4.7' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/terraform\.js 1\.4\.7 .*1\.5\.0.* \[terraform-missing\]\n$/);
  });

  test('An engine that is older than the stack is for is refused with the option that accepts it', async () => {
    desk.engine.state.version = '20.10.24+dfsg1';
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/ 20\.10\.24.* desk is for 25\.0.*\{ engineVersion: '20\.10' \}\) \[engine-too-old\]\n$/);
    expect(desk.project.terraformCommands).toEqual(['version -json']);
  });

  test('An engine that is too old for the library is refused without an option', async () => {
    desk.engine.state.version = '19.03.15';
    const { stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(stderr).toMatch(/Update it\. \[engine-too-old\]\n$/);
  });

  test.each([
    ['diff', 'desk'],
    ['secrets', 'desk'],
    ['destroy', 'desk', '--yes'],
  ])('%s works on an engine that is too old for new containers', async (...command) => {
    desk.engine.state.version = '20.10.24';
    const { stderr } = await desk.run(command);
    expect(stderr).toBe('');
  });

  describe('a Swarm none of whose nodes has the label of the data any more', () => {
    beforeEach(() => {
      Object.assign(desk.engine.state, { isSwarmManager: true, nodes: { here: {} }, services: [[]], containers: [] });
    });

    test('Its stack is not deployed', async () => {
      const { stderr } = await desk.run(['deploy', 'desk', '--yes'], {}, 'cluster');
      expect(stderr).toContain('[placement-mismatch]');
    });

    test('Its stack can be destroyed', async () => {
      const { exitCode } = await desk.run(['destroy', 'desk', '--yes'], {}, 'cluster');
      expect(exitCode).toBe(0);
    });
  });

  test.each(['deploy', 'destroy'])('%s does not check the nodes if the engine manages none', async (command) => {
    const { exitCode, stderr } = await desk.run([command, 'desk', '--yes'], {}, 'cluster');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('[not-swarm-manager]');
    expect(stderr).not.toContain('[placement-mismatch]');
  });

  test.each(['25.0.0', '29.1.0-rc.2', 'dev'])('An engine of version %s is not refused for its age', async (version) => {
    desk.engine.state.version = version;
    const { stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(stderr).not.toContain('engine-too-old');
  });

  test('An engine that does not answer is reported with its address', async () => {
    const { exitCode, stderr } = await desk.project.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/unix:\/\/.*no\.sock \(GET \/version: connect ENOENT.* \[docker-unreachable\]\n/);
  });

  test('A deploy without a terminal and without --yes is refused', async () => {
    const { exitCode, stderr } = await desk.project.runProgram(['deploy', 'desk']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/--yes.* \[no-terminal\]\n$/);
  });

  test.each([
    [['deploy'], 'npm run deploy -- desk --yes'],
    [['deploy', 'desk', '--new-secrets'], 'npm run deploy -- desk --new-secrets --yes'],
    [['destroy'], 'npm run destroy -- desk --yes'],
    [['destroy', 'desk', '--volumes'], 'npm run destroy -- desk --volumes --yes'],
  ])('The error without a terminal has the command that does the same: %j', async (command, withYes) => {
    expect((await desk.run(command)).stderr).toContain(`the question: ${withYes} [no-terminal]\n`);
  });

  test.each(['deploy', 'diff'])('%s generates no new password for existing data', async (command) => {
    desk.engine.state.volumes = ['archive', 'desk_db_data', 'desk_redis_data'];
    const options = command === 'deploy' ? ['--yes'] : [];
    const { exitCode, stderr } = await desk.run([command, 'desk', ...options], {}, 'database');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /\.secrets\/desk\/db_password is missing.*docker volume rm desk_db_data \[password-lost\]\n$/,
    );
    expect(desk.project.read('.secrets/desk/db_password')).toBeUndefined();
  });

  test.each([
    ['containers', {}, 'docker rm --force desk-db desk-psql && docker volume rm desk_db_data'],
    [
      'tasks of a Swarm',
      { 'com.docker.swarm.service.name': 'desk-db' },
      'docker service rm desk-db && until docker volume rm desk_db_data; do sleep 1; done',
    ],
  ])(
    'The command that removes the data of a lost password works while it is used by %s',
    async (_, labels, command) => {
      const volumes = ['desk_db_data'];
      desk.engine.state.volumes = ['archive', ...volumes];
      desk.engine.state.containers = [
        { name: 'desk-db', volumes, labels },
        { name: 'desk-psql', volumes, labels, status: 'exited' },
        { name: 'desk-redis' },
      ];
      const { stderr } = await desk.run(['deploy', 'desk', '--yes'], {}, 'database');
      expect(stderr).toContain(`: ${command} [password-lost]\n`);
    },
  );

  test('A database of the same name that runs is said to be that of another folder before anything else', async () => {
    const volumes = ['desk_db_data'];
    desk.engine.state.volumes = ['archive', ...volumes];
    desk.engine.state.containers = [{ name: 'desk-db', volumes }, { name: 'desk-redis' }];
    const { stderr } = await desk.run(['deploy', 'desk', '--yes'], {}, 'database');
    expect(stderr).toContain(
      'db_password is missing, and desk-db is running with the data in the volume desk_db_data. If another folder ' +
        'deployed it, set another `name` on the stack, or deploy from that folder. Here, the server',
    );
    desk.engine.state.containers = [{ name: 'desk-db', volumes, status: 'exited' }];
    expect((await desk.run(['deploy', 'desk', '--yes'], {}, 'database')).stderr).not.toContain('another folder');
  });

  test('synth warns about a missing password of existing data and generates the others', async () => {
    desk.engine.state.volumes = ['archive', 'desk_db_data'];
    const { exitCode, stdout } = await desk.run(['synth'], {}, 'database');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\nWarning: desk\/db\/password: The file \.secrets\/desk\/db_password is missing/);
    expect(desk.project.read('.secrets/desk/db_password')).toBeUndefined();
    expect(desk.project.read('.secrets/desk/redis_password')).toHaveLength(32);
  });

  describe('engines on other machines', () => {
    test('Ports of this machine are not those of an engine behind a TCP port, which may be a tunnel', async () => {
      const taken = () => Promise.resolve('EADDRINUSE');
      desk.context = { probePort: taken };
      const tunnel = createServer((socket) => {
        const engine = connect(desk.engine.socket);
        socket.pipe(engine).pipe(socket);
        socket.on('close', () => engine.destroy()).on('error', () => undefined);
      });
      await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve));
      const { port } = tunnel.address() as AddressInfo;
      const { stderr } = await desk.run(
        ['deploy', 'desk', '--yes'],
        { DOCKER_HOST: `tcp://localhost:${port}` },
        'plain',
      );
      tunnel.close();
      expect(stderr).not.toContain('port-in-use');
      expect(desk.project.terraformCommands).toContain('apply');
    });

    test('A stack on a remote engine can be destroyed, which needs no secrets', async () => {
      const { exitCode } = await desk.run(['destroy', 'desk', '--yes'], desk.overSsh());
      expect(exitCode).toBe(0);
    });
  });

  describe('data that cannot be checked', () => {
    const PASSWORD = '.secrets/desk/db_password';

    /** A Swarm without the stack, with the label of the data on one node. */
    function startCluster(dataNode: string): void {
      Object.assign(desk.engine.state, { isSwarmManager: true, services: [[]], containers: [], swarmNodes: 2 });
      desk.engine.state.nodes = { here: {}, far: {}, [dataNode]: { data: 'true' } };
    }

    test.each(['deploy', 'diff'])('%s generates no password for data that may be on another node', async (command) => {
      startCluster('far');
      const options = command === 'deploy' ? ['--yes'] : [];
      const { exitCode, stderr } = await desk.run([command, 'desk', ...options], {}, 'cluster');
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/db_password is missing, and the Swarm node far .*--new-secrets\. \[password-lost\]\n$/);
      expect(desk.project.read(PASSWORD)).toBeUndefined();
    });

    test('deploy --new-secrets generates a password although data may exist', async () => {
      startCluster('far');
      await desk.run(['deploy', 'desk', '--yes', '--new-secrets'], {}, 'cluster');
      expect(desk.project.terraformCommands).toContain('apply');
      expect(desk.project.read(PASSWORD)).toHaveLength(32);
    });

    test('deploy --new-secrets generates no password for data that certainly exists', async () => {
      startCluster('here');
      desk.engine.state.volumes = ['desk_db_data'];
      const { stderr } = await desk.run(['deploy', 'desk', '--yes', '--new-secrets'], {}, 'cluster');
      expect(stderr).toMatch(/volume desk_db_data.* \[password-lost\]\n$/);
      expect(desk.project.read(PASSWORD)).toBeUndefined();
    });

    test('deploy generates a password if data could only be on this node, which has none', async () => {
      startCluster('here');
      await desk.run(['deploy', 'desk', '--yes'], {}, 'cluster');
      expect(desk.project.read(PASSWORD)).toHaveLength(32);
    });

    test.each([
      ['without Docker', 'database', { DOCKER_HOST: 'unix:///nowhere.sock' }],
      ['on a Swarm', 'cluster', {}],
    ])('synth %s leaves a password that may not fit existing data to the deploy', async (_, problem, environment) => {
      startCluster('far');
      const { exitCode, stdout } = await desk.run(['synth'], environment, problem);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`\nWill be generated by deploy, after a check for existing data: ${PASSWORD}\n`);
      expect(stdout).not.toContain('Warning');
      expect(desk.project.read(PASSWORD)).toBeUndefined();
      const { stdout: document } = await desk.run(['synth', '--json'], environment, problem);
      expect(JSON.parse(document)).toMatchObject({ stacks: [{ laterSecrets: [PASSWORD] }] });
    });

    test('synth without Docker generates the other passwords, and with --new-secrets this one too', async () => {
      await desk.run(['synth'], { DOCKER_HOST: 'unix:///nowhere.sock' }, 'database');
      expect(desk.project.read('.secrets/desk/redis_password')).toHaveLength(32);
      await desk.run(['synth', '--new-secrets'], { DOCKER_HOST: 'unix:///nowhere.sock' }, 'database');
      expect(desk.project.read(PASSWORD)).toHaveLength(32);
    });
  });

  describe('existing volumes', () => {
    const PASSWORD = '.secrets/desk/db_password';
    const OBJECTION = /db_password is missing\. The volume compose_data .*--new-secrets/;

    beforeEach(() => {
      desk.engine.state.volumes = ['archive', 'compose_data'];
      desk.engine.state.containers = [...RUNNING, { name: 'desk-db', ...HEALTHY }];
    });

    test.each(['deploy', 'diff'])('%s generates no password for a volume that may contain data', async (command) => {
      const options = command === 'deploy' ? ['--yes'] : [];
      const { exitCode, stderr } = await desk.run([command, 'desk', ...options], {}, 'existing database');
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(OBJECTION);
      expect(stderr).toContain('[password-lost]');
      expect(desk.project.read(PASSWORD)).toBeUndefined();
    });

    test('synth warns about the missing password of a volume that may contain data', async () => {
      const { exitCode, stdout } = await desk.run(['synth'], {}, 'existing database');
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/\nWarning: desk\/db\/password: The file/);
      expect(stdout).toMatch(OBJECTION);
      expect(desk.project.read(PASSWORD)).toBeUndefined();
    });

    test.each([['synth'], ['deploy', 'desk', '--yes']])(
      '%s --new-secrets generates the password of a volume that may contain data',
      async (...command) => {
        const { exitCode } = await desk.run([...command, '--new-secrets'], {}, 'existing database');
        expect(exitCode).toBe(0);
        expect(desk.project.read(PASSWORD)).toHaveLength(32);
      },
    );

    test('An existing volume stays when destroy removes the volumes of the stack', async () => {
      desk.project.write(PASSWORD, 'as-it-was-on-the-first-start');
      desk.engine.state.volumes.push('desk_redis_data');
      await desk.run(['destroy', 'desk', '--yes', '--volumes'], {}, 'existing database');
      expect(desk.engine.state.volumes).toEqual(['archive', 'compose_data']);
    });
  });

  test('An empty password file is reported as empty', async () => {
    desk.engine.state.volumes = ['archive', 'desk_db_data'];
    desk.project.write('.secrets/desk/db_password', '\n');
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], {}, 'database');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^The file \.secrets\/desk\/db_password is empty.* \[password-lost\]/);
  });

  test('A new role of an existing database gets its password', async () => {
    desk.engine.state.volumes = ['archive', 'desk_db_data'];
    desk.engine.state.containers = [...RUNNING, { name: 'desk-db', ...HEALTHY }];
    desk.project.write('.secrets/desk/db_password', 'as-it-was-on-the-first-start');
    expect((await desk.run(['deploy', 'desk', '--yes'], {}, 'database')).exitCode).toBe(0);
    expect(desk.project.read('.secrets/desk/db_reports_password')).toHaveLength(32);
  });

  test('A server whose data does not depend on its password gets a new one', async () => {
    desk.engine.state.volumes = ['archive', 'desk_redis_data'];
    expect((await desk.run(['deploy', 'desk', '--yes'])).exitCode).toBe(0);
    expect(desk.project.read('.secrets/desk/redis_password')).toHaveLength(32);
  });

  describe('the password of backups', () => {
    const FILE = '.secrets/desk/db_backup_password';

    test.each(['deploy', 'diff', 'synth'])('is not replaced by %s while their container exists', async (command) => {
      desk.project.write('.secrets/desk/db_password', 'as-it-was-on-the-first-start');
      desk.engine.state.volumes = ['archive', 'desk_db_data'];
      desk.engine.state.containers = [...RUNNING, { name: 'desk-db-backup', ...HEALTHY }];
      const options = command === 'deploy' ? ['--yes'] : [];
      const { stdout, stderr } = await desk.run([command, 'desk', ...options], {}, 'backup');
      expect(stdout + stderr).toContain(`docker exec desk-db-backup cat /run/secrets/db_backup_password > ${FILE}. `);
      expect(stderr.includes('docker rm --force desk-db-backup [password-lost]\n')).toBe(command !== 'synth');
      expect(desk.project.read(FILE)).toBeUndefined();
    });

    test.each([['synth'], ['deploy', '--yes']])(
      'is to be copied once it was generated by %s',
      async (command, ...options) => {
        desk.engine.state.containers = [...RUNNING, { name: 'desk-db', ...HEALTHY }];
        const run = () => desk.run([command, 'desk', ...options], {}, 'backup');
        const first = await run();
        expect(first.stdout + first.stderr).toContain(`${FILE} was generated. Backups cannot be read without it`);
        const second = await run();
        expect(second.stdout + second.stderr).not.toContain('was generated');
      },
    );
  });

  test('A folder instead of a secret file is reported without a stack trace', async () => {
    desk.project.write('.secrets/desk/redis_password/file', '');
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^desk\/redis\/password: \.secrets\/desk\/redis_password is a folder.*\[secret-file-invalid\]/,
    );
    expect(stderr).not.toMatch(/^ +at .*node_modules/m);
    expect(desk.project.terraformCommands).not.toContain('plan');
  });

  test('A missing volume of Volume.fromName is reported', async () => {
    desk.engine.state.volumes = [];
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/volume archive .*docker volume create archive \[volume-missing\]\n$/);
  });

  test('A container that still uses the volume of a server is reported with how to stop it', async () => {
    desk.engine.state.containers = [
      { name: 'desk-redis', volumes: ['desk_redis_data'] },
      { name: 'desk-cache', volumes: ['desk_redis_data'] },
      { name: 'desk-older-cache', status: 'exited', volumes: ['desk_redis_data'] },
      { name: 'log-reader', volumes: ['desk_logs', 'archive'] },
    ];
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/desk-cache .*desk_redis_data of desk-redis.*docker stop desk-cache.* \[volume-in-use\]\n$/);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(desk.project.terraformCommands).toEqual(['version -json']);
  });

  test('An engine is checked over ssh like a local one', async () => {
    const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes'], desk.overSsh(), 'plain');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Docker 28.2.2 at ssh://desk@host');
  });

  test('A server that refuses the login is a problem like any other, and nothing is planned', async () => {
    const environment = desk.overSsh({ prints: 'desk@host: Permission denied (publickey).', exitCode: 255 });
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes'], environment, 'plain');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/ssh-copy-id desk@host.* \[ssh-login-refused\]\n$/);
    expect(desk.project.terraformCommands).toEqual(['version -json']);
  });
});
