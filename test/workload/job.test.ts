import { ConfigFile, Duration, Engine, Image, Job, RestartPolicy, Secret, Workload } from '../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

test('a job runs once, whatever the stack says of restarts', () => {
  const stack = createStack(() => undefined, { restartPolicy: RestartPolicy.always() });
  expect(new Job(stack, 'migrate', { image }).workload.spec).toMatchObject({
    kind: 'job',
    restart: { condition: 'no', maximumRetries: null },
  });
});

test('a job runs what it is told', () => {
  const terraform = synthesizeStack(
    (stack) => new Job(stack, 'migrate', { image, command: ['alembic', 'upgrade', 'head'] }),
  );
  expect(containerNamed(terraform, 'desk-migrate').command).toEqual(['alembic', 'upgrade', 'head']);
});

describe.each(ENGINES)('on $engineName', ({ createEngine }) => {
  test('who uses a job starts after it, and the job after what it uses', () => {
    const stack = createStack(() => undefined, { engine: createEngine() });
    const database = new Workload(stack, 'db', { image });
    const migration = new Job(stack, 'migrate', { image, uses: [database] });
    const api = new Workload(stack, 'api', { image, uses: [database, migration] });
    expect(migration.workload.spec.dependsOn).toEqual([database.address]);
    expect(api.spec.dependsOn).toEqual([database.address, 'docker_container.desk-migrate']);
  });

  test('the deploy fails when a job does', () => {
    const terraform = synthesizeStack((stack) => new Job(stack, 'migrate', { image }), { engine: createEngine() });
    expect(containerNamed(terraform, 'desk-migrate').lifecycle).toMatchObject({
      postcondition: [{ condition: '${self.exit_code == 0}' }],
    });
  });
});

test('a job gives its consumers no variables', () => {
  const { environment, secrets } = new Job(createStack(), 'migrate', { image }).connection();
  expect([environment, secrets]).toEqual([{}, {}]);
});

test('a job on a Swarm can have what only a container can', () => {
  const terraform = synthesizeStack((stack) => new Job(stack, 'migrate', { image, init: true }), {
    engine: Engine.swarm(),
  });
  expect(containerNamed(terraform, 'desk-migrate').init).toBe(true);
});

test('a job cannot be given a time that nobody keeps: the provider waits for its end', () => {
  // @ts-expect-error: the type has no such property; plain JavaScript gets the error.
  expect(() => new Job(createStack(), 'migrate', { image, startTimeout: Duration.minutes(1) })).toThrow(
    /^desk\/migrate: /,
  );
});

describe('a job is protected as services are', () => {
  test('it runs as a user of its own on a root file system that it cannot change', () => {
    expect(new Job(createStack(), 'migrate', { image }).workload.spec).toMatchObject({
      user: '1000:1000',
      readOnlyRootFilesystem: true,
      tmpfs: [{ path: '/tmp' }],
    });
  });

  test('unless it is told otherwise', () => {
    const options = { runAs: '0', readOnlyRootFilesystem: false };
    expect(new Job(createStack(), 'migrate', { image, ...options }).workload.spec).toMatchObject({
      user: '0',
      readOnlyRootFilesystem: false,
    });
  });

  test.each(ENGINES)('on $engineName it has an init process and gains no privileges: it is a container', (engine) => {
    const stack = createStack(() => undefined, { engine: engine.createEngine() });
    expect(new Job(stack, 'migrate', { image }).workload.spec).toMatchObject({
      init: true,
      security: { noNewPrivileges: true },
    });
  });

  test.each(ENGINES)('on $engineName its files are copied into it, which a read-only root refuses', (engine) => {
    const stack = createStack(() => undefined, { engine: engine.createEngine() });
    const files = [ConfigFile.fromText('/app/plan.yaml', 'steps: []')];
    expect(new Job(stack, 'migrate', { image, files }).workload.spec.readOnlyRootFilesystem).toBe(false);
  });
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
