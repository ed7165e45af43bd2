import {
  ConfigFile,
  Duration,
  Engine,
  HealthCheck,
  Image,
  Job,
  type JobProps,
  RestartPolicy,
  Secret,
  UpdatePolicy,
  Workload,
} from '../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

test('a job runs once, whatever the restart policy of the stack', () => {
  const stack = createStack(() => undefined, { restartPolicy: RestartPolicy.always() });
  expect(new Job(stack, 'migrate', { image }).workload.spec).toMatchObject({
    kind: 'job',
    restart: { condition: 'no', maximumRetries: null, whenUnhealthy: 'never' },
  });
});

test('a job runs its command', () => {
  const terraform = synthesizeStack(
    (stack) => new Job(stack, 'migrate', { image, command: ['alembic', 'upgrade', 'head'] }),
  );
  expect(containerNamed(terraform, 'desk-migrate').command).toEqual(['alembic', 'upgrade', 'head']);
});

describe.each(ENGINES)('on $engineName', ({ createEngine }) => {
  test('a job starts after what it uses, and before what uses it', () => {
    const stack = createStack(() => undefined, { engine: createEngine() });
    const database = new Workload(stack, 'db', { image });
    const migration = new Job(stack, 'migrate', { image, uses: [database] });
    const api = new Workload(stack, 'api', { image, uses: [database, migration] });
    expect(migration.workload.spec.dependsOn).toEqual([database.address]);
    expect(api.spec.dependsOn).toEqual([database.address, 'docker_container.desk-migrate']);
  });

  test('the deploy fails if a job fails', () => {
    const terraform = synthesizeStack((stack) => new Job(stack, 'migrate', { image }), { engine: createEngine() });
    expect(containerNamed(terraform, 'desk-migrate').lifecycle).toMatchObject({
      postcondition: [{ condition: '${self.exit_code == 0}' }],
    });
  });
});

test('a job sets no variables of its consumers', () => {
  const { environment, secrets } = new Job(createStack(), 'migrate', { image }).connection();
  expect([environment, secrets]).toEqual([{}, {}]);
});

test('a job on a Swarm can have an init process, because it is a container', () => {
  const terraform = synthesizeStack((stack) => new Job(stack, 'migrate', { image, init: true }), {
    engine: Engine.swarm(),
  });
  expect(containerNamed(terraform, 'desk-migrate').init).toBe(true);
});

test.each([
  { restartPolicy: RestartPolicy.always() },
  { startTimeout: Duration.minutes(1) },
  { ports: [] },
  { healthCheck: HealthCheck.tcp(8000) },
  { replicas: 1 },
  { placement: [] },
  { updatePolicy: UpdatePolicy.stopFirst() },
])('a job refuses an option for programs that keep running: %p', (option) => {
  const [name = ''] = Object.keys(option);
  expect(() => new Job(createStack(), 'migrate', { image, ...option })).toThrowCode(
    'unknown-option',
    `desk/migrate: there is no option '${name}'`,
    'a job runs once',
  );
});

test('a job refuses keys of Compose with the same hints as a workload', () => {
  expect(() => new Job(createStack(), 'migrate', { image, mem_limit: '512m' } as JobProps)).toThrowCode(
    'unknown-option',
    "desk/migrate: there is no option 'mem_limit'",
    'memory: Size.mebibytes(512)',
  );
});

test('a job refuses a misspelled option and a missing image', () => {
  const create = (props: object) => () => new Job(createStack(), 'migrate', props as JobProps);
  expect(create({ image, comand: [] })).toThrowCode('unknown-option', "Did you mean 'command'?");
  expect(create({ command: [] })).toThrowCode('missing-option', "'image'");
});

describe('protection of jobs', () => {
  test('a job runs as an unprivileged user on a read-only root file system', () => {
    expect(new Job(createStack(), 'migrate', { image }).workload.spec).toMatchObject({
      user: '1000:1000',
      readOnlyRootFilesystem: true,
      tmpfs: [{ path: '/tmp' }],
    });
  });

  test('a job can run as root on a writable root file system', () => {
    const options = { runAs: '0', readOnlyRootFilesystem: false };
    expect(new Job(createStack(), 'migrate', { image, ...options }).workload.spec).toMatchObject({
      user: '0',
      readOnlyRootFilesystem: false,
    });
  });

  test.each(ENGINES)('a job has an init process and gains no privileges on $engineName', (engine) => {
    const stack = createStack(() => undefined, { engine: engine.createEngine() });
    expect(new Job(stack, 'migrate', { image }).workload.spec).toMatchObject({
      init: true,
      security: { noNewPrivileges: true },
    });
  });

  test.each(ENGINES)(
    'a job with files has a writable root on $engineName, because they are copied into it',
    (engine) => {
      const stack = createStack(() => undefined, { engine: engine.createEngine() });
      const files = [ConfigFile.fromText('/app/plan.yaml', 'steps: []')];
      expect(new Job(stack, 'migrate', { image, files }).workload.spec.readOnlyRootFilesystem).toBe(false);
    },
  );
});

test('a job of a Swarm runs again when a secret of it changes', () => {
  const terraform = synthesizeStack(
    (stack) => new Job(stack, 'migrate', { image, secrets: { KEY: Secret.generated(stack, 'key') } }),
    { engine: Engine.swarm() },
  );
  expect(containerNamed(terraform, 'desk-migrate').labels).toContainEqual({
    label: 'cdktf-trading-stack.secrets',
    value: expect.stringContaining('["key"].version') as string,
  });
});
