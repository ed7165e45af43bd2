import {
  AppService,
  BackupRetention,
  BackupSchedule,
  BackupTarget,
  BindMount,
  Engine,
  HealthCheck,
  Image,
  MonitoringStack,
  PostgresDb,
  RestartPolicy,
  type TradingStack,
  Workload,
  type WorkloadOptions,
} from '../../../lib';
import { containerNamed, createStack, serviceNamed, synthesizeStack } from '../../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
const healthCheck = HealthCheck.http(8000);
const WHEN_UNHEALTHY = RestartPolicy.unlessStopped({ whenUnhealthy: true });
const ON_STACK = { restartPolicy: WHEN_UNHEALTHY };

/** Names of the containers of the stack that are restarted when they are unhealthy. */
function restartedIn(stack: TradingStack): string[] {
  return stack.platform.workloads
    .filter(({ spec }) => spec.restart.whenUnhealthy !== 'never')
    .map(({ spec }) => spec.name);
}

test('an unhealthy container is not restarted by default', () => {
  expect(restartedIn(createStack((stack) => new Workload(stack, 'bot', { image, healthCheck })))).toEqual([]);
});

test('the health check of a container that is restarted when unhealthy runs its probe in the script', () => {
  const testOf = (options: WorkloadOptions) => {
    const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image, healthCheck, ...options }));
    return (containerNamed(terraform, 'desk-bot').healthcheck as { readonly test: readonly string[] }).test;
  };
  const [, line] = testOf({});
  const restarting = testOf({ restartPolicy: WHEN_UNHEALTHY });

  expect(restarting.slice(0, 3)).toEqual(['CMD', '/bin/sh', '-c']);
  // After 5 failures with SIGTERM, 30 s of grace, a start period of 30 s, and no restart of a start before 5 minutes.
  expect(restarting.slice(4)).toEqual([
    'restart-when-unhealthy',
    ...['5', '30', '30', '300', 'SIGTERM'],
    ...['/bin/sh', '-c', line],
  ]);
});

test('the policy of the stack leaves out servers with data, backups and jobs', () => {
  const stack = createStack((stack) => {
    const database = new PostgresDb(stack, 'db');
    database.backup({
      to: BackupTarget.hostFolder('/srv/backups'),
      schedule: BackupSchedule.daily('04:00'),
      retention: BackupRetention.of({ last: 3 }),
    });
    const api = new AppService(stack, 'api', { image, port: 8000 });
    new Workload(stack, 'mongo', { image: Image.fromRegistry('mongo:8.0'), healthCheck });
    new MonitoringStack(stack, 'monitoring', { watch: [database, api] });
  }, ON_STACK);

  expect(restartedIn(stack)).toEqual(['desk-api', 'desk-db-exporter', 'desk-grafana']);
});

test.each<[string, WorkloadOptions & { image?: Image }, string]>([
  ['has no health check', { healthCheck: HealthCheck.none() }, 'it has none'],
  ['keeps that of its image', { healthCheck: HealthCheck.ofImage() }, 'it is that of the image'],
  ['has no init process', { init: false }, 'Use `init: true`'],
  ['sees the processes of the host', { pid: 'host' }, 'those of the host. Remove `pid`'],
  ['shares the memory of the host', { ipc: 'host' }, 'that of the host. Remove `ipc`'],
  ['has no shared memory', { ipc: 'none' }, 'is missing. Remove `ipc`'],
  [
    'has the shared memory of the host mounted',
    { bindMounts: [BindMount.writable('/dev/shm', '/dev/shm')] },
    'with a mount at /dev/shm that is not new for each start. Remove the mount',
  ],
  ['may become another user', { capabilities: ['SETUID', 'SETGID'] }, "Add 'KILL' to `capabilities`"],
  [
    'has no shell',
    { image: Image.fromRegistry('gcr.io/distroless/cc:1.0'), healthCheck: HealthCheck.command(['/bot', 'ping']) },
    'Use an image with a shell',
  ],
])(
  'a container that %s is left out by the policy of the stack, and refused with its own',
  (_what, options, message) => {
    const create = (stack: TradingStack, own: WorkloadOptions = {}) =>
      new Workload(stack, 'bot', { image, healthCheck, ...options, ...own });

    expect(restartedIn(createStack((stack) => create(stack), ON_STACK))).toEqual([]);
    expect(() => createStack((stack) => create(stack, { restartPolicy: WHEN_UNHEALTHY }))).toThrowCode(
      'option-conflict',
      'desk/bot',
      'whenUnhealthy',
      message,
    );
  },
);

test('a server with data is restarted if its own policy says so, but not while it starts and may be in recovery', () => {
  const stack = createStack((stack) => new PostgresDb(stack, 'db', { restartPolicy: WHEN_UNHEALTHY }));
  expect(stack.platform.workloads.map(({ spec }) => spec.restart.whenUnhealthy)).toEqual(['after-start']);
});

test('the policy of a workload replaces that of the stack', () => {
  const restartPolicy = RestartPolicy.unlessStopped();
  const stack = createStack((stack) => new Workload(stack, 'bot', { image, healthCheck, restartPolicy }), ON_STACK);
  expect(restartedIn(stack)).toEqual([]);
});

test('a Swarm, which replaces unhealthy containers by itself, keeps the health check as it is', () => {
  const check = (options: object): unknown =>
    serviceNamed(
      synthesizeStack((stack) => new Workload(stack, 'bot', { image, healthCheck, ...options }), {
        engine: Engine.swarm(),
        ...ON_STACK,
      }),
      'desk-bot',
    );
  expect(check(ON_STACK)).toEqual(check({ restartPolicy: RestartPolicy.unlessStopped() }));
});
