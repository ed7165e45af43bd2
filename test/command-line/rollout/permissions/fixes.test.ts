import * as library from '../../../../lib';
import { AppService, BindMount, Engine, Image, Size, Volume, Workload, type WorkloadOptions } from '../../../../lib';
import { permissionFixesOf, describePermissionFixes } from '../../../../lib/command-line/rollout/permissions/fixes';
import type { RegisteredWorkload } from '../../../../lib/internal';
import { createStack, synthesize } from '../../../setup/synthesize';

const image = Image.fromRegistry('redis:7.4-alpine');

/** A workload with these options, as the stack has registered it. */
function registered(options: WorkloadOptions, engine = Engine.docker()): RegisteredWorkload {
  const stack = createStack(() => undefined, { engine });
  new Workload(stack, 'bot', { image, ...options });
  const [workload] = stack.platform.workloads;
  if (workload === undefined) throw new Error('no workload');
  return workload;
}

const HARDENED = { hardened: true };
const SETPRIV = 'setpriv: setresuid failed: Operation not permitted';
const CHOWN = "chown: changing ownership of '/var/lib/redis': Operation not permitted";

const FIXES: readonly (readonly [string, WorkloadOptions, string[]])[] = [
  [
    'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
    {},
    ['noNewPrivileges: false'],
  ],
  [
    'java.lang.UnsatisfiedLinkError: /tmp/libyggdrasil.so: /tmp/libyggdrasil.so: failed to map segment from shared object: Operation not permitted',
    HARDENED,
    ["tmpfs: [{ path: '/tmp', exec: true }]"],
  ],
  ['sh: 1: /tmp/x: Permission denied', HARDENED, ["tmpfs: [{ path: '/tmp', exec: true }]"]],
  ['setpriv: setresuid failed: Operation not permitted', HARDENED, ['hardened: false']],
  [SETPRIV, { ...HARDENED, runAs: '0' }, ['hardened: false', "capabilities: ['SETGID', 'SETUID']"]],
  [SETPRIV, { capabilities: ['CHOWN'] }, ["capabilities: ['CHOWN', 'SETGID', 'SETUID']"]],
  [
    'error: failed switching to "postgres": operation not permitted',
    { capabilities: [] },
    ["capabilities: ['SETGID', 'SETUID']", "runAs: 'postgres'"],
  ],
  ['su-exec: setgroups(1000): Operation not permitted', { capabilities: [] }, ["capabilities: ['SETGID', 'SETUID']"]],
  [CHOWN, HARDENED, ['hardened: false']],
  [CHOWN, { capabilities: [] }, ["capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID']"]],
  [
    '[FATAL tini (7)] exec caddy failed: Operation not permitted',
    HARDENED,
    ['hardened: false', "capabilities: ['NET_BIND_SERVICE']"],
  ],
  ['ping: socket: Operation not permitted', { capabilities: [] }, ["capabilities: ['NET_RAW']"]],
  ['iopl: Operation not permitted', HARDENED, ['hardened: false']],
  [
    "mkdir: cannot create directory '/var/lib/bot': Read-only file system",
    HARDENED,
    ["tmpfs: [{ path: '/var/lib/bot' }]", 'hardened: false'],
  ],
  [
    "OSError: [Errno 30] Read-only file system: '/app/data/state.json'",
    { readOnlyRootFilesystem: true },
    [
      "tmpfs: [{ path: '/app/data' }]",
      "volumes: [Volume.retained('bot_data').mountAt('/app/data')]",
      'readOnlyRootFilesystem: false',
    ],
  ],
  ["OSError: [Errno 30] Read-only file system: '/app/bot.log'", HARDENED, ['hardened: false']],
  [
    "Error: EROFS: read-only file system, mkdir '/.cache'",
    HARDENED,
    ["environment: { HOME: '/tmp' }", 'hardened: false'],
  ],
  [
    "PermissionError: [Errno 13] Permission denied: '/app/data/state.json'",
    { ...HARDENED, readOnlyRootFilesystem: false },
    ["tmpfs: [{ path: '/app/data' }]", 'hardened: false'],
  ],
  ["cat: can't open '/etc/bot/key': Permission denied", { capabilities: [] }, ["capabilities: ['DAC_OVERRIDE']"]],
];

test.each(FIXES)('%s with %j: the fixes are %j', (line, options, fixes) => {
  expect(permissionFixesOf(['starting', line, 'stopping'], registered(options))).toEqual(fixes);
});

const PASTED = FIXES.flatMap(([line, options, fixes]) => fixes.map((fix) => [fix, line, options] as const));

test.each(PASTED)('%s can be pasted, and is not proposed again for %s', (fix, line, options) => {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- The code is text that a user pastes.
  const paste = new Function(...Object.keys(library), `return { ${fix} };`) as (...all: unknown[]) => WorkloadOptions;
  const fixed = { ...options, ...paste(...Object.values(library)) };
  const stack = createStack((desk) => {
    new Workload(desk, 'bot', { image, ...fixed });
    new AppService(desk, 'app', { image, ...fixed });
  });
  expect(() => synthesize(stack)).not.toThrow();
  expect(permissionFixesOf([line], registered(fixed))).not.toContain(fix);
});

const NONE: readonly (readonly [string, WorkloadOptions])[] = [
  [SETPRIV, {}],
  [SETPRIV, { hardened: true, runAs: '1000' }],
  [SETPRIV, { privileged: true, hardened: true, runAs: '0' }],
  ['sudo: The "no new privileges" flag is set', { noNewPrivileges: false }],
  ['sh: 1: /tmp/x: Permission denied', { tmpfs: [{ path: '/tmp', exec: true, size: Size.mebibytes(1) }] }],
  [
    "touch: '/data/a': Read-only file system",
    { ...HARDENED, volumes: [Volume.retained('quotes').mountAt('/data', { readOnly: true })] },
  ],
  [
    "touch: '/config/a': Read-only file system",
    { ...HARDENED, bindMounts: [BindMount.readOnly('package.json', '/config', { restartOnChange: false })] },
  ],
  ['[FATAL tini (7)] exec /app/start failed: Permission denied', HARDENED],
  ['connection refused', HARDENED],
];

test.each(NONE)('%s with %j: nothing is proposed that is in effect or would not help', (line, options) => {
  expect(permissionFixesOf([line], registered(options))).toEqual([]);
});

test('the tasks of a Swarm get a volume for programs, which cannot run from a tmpfs there', () => {
  const workload = registered(HARDENED, Engine.swarm());
  expect(permissionFixesOf(['sh: 1: /tmp/x: Permission denied'], workload)).toEqual([
    "volumes: [Volume.ephemeral('unpacked').mountAt('/tmp')]",
  ]);
});

test('replicas with the same fix share a line', () => {
  const stack = createStack((desk) => new Workload(desk, 'bot', { image, replicas: 2, capabilities: [] }));
  const tails = [1, 2].map((number) => ({ name: `desk-bot-${number}`, state: 'restarting', log: [SETPRIV] }));
  expect(describePermissionFixes(tails, stack.platform.workloads, [])).toEqual([
    "desk-bot-1, desk-bot-2 were refused a permission (see their logs). Set `capabilities: ['SETGID', 'SETUID']`.",
  ]);
});

test('a fix that keeps files in memory says so', () => {
  const stack = createStack((desk) => new Workload(desk, 'bot', { image, ...HARDENED }));
  const log = ["mkdir: cannot create directory '/srv/bot/data': Read-only file system"];
  const tails = [{ name: 'desk-bot', state: 'restarting', log }];
  const [line] = describePermissionFixes(tails, stack.platform.workloads, []);
  expect(line).toContain(
    "desk-bot was refused a permission (see its log). Set `tmpfs: [{ path: '/srv/bot/data' }]`; or ",
  );
  expect(line).toMatch(
    / is lost when the container stops: data needs a volume, and in the Dockerfile the folder for it: RUN mkdir -p \/srv\/bot\/data && chown 1000:1000 \/srv\/bot\/data$/,
  );
});

describe('A user other than root, for whom hardened: false changes nothing,', () => {
  const volumes = [Volume.retained('state').mountAt('/data')];
  const log = ["Error: EACCES: permission denied, open '/data/state.json'"];
  const tails = [{ name: 'desk-bot', state: 'restarting', log }];
  const options = { image, ...HARDENED, readOnlyRootFilesystem: false };

  test('gets the command of the Dockerfile that gives it the folder of a volume', () => {
    const stack = createStack((desk) => new Workload(desk, 'bot', { ...options, volumes }));
    expect(describePermissionFixes(tails, stack.platform.workloads, [])).toEqual([
      'desk-bot was refused a permission (see its log). It runs as 1000:1000, and the folder mounted at /data belongs ' +
        'to another user. Create it in the Dockerfile; an empty volume gets its owner from there: ' +
        'RUN mkdir -p /data && chown 1000:1000 /data',
    ]);
  });

  test('gets no second message about a volume that was found to belong to another user', () => {
    const stack = createStack((desk) => new Workload(desk, 'bot', { ...options, volumes }));
    const unwritable = [{ service: 'desk-bot', path: '/data' }];
    expect(describePermissionFixes(tails, stack.platform.workloads, unwritable)).toEqual([]);
  });

  test('is told to change a folder of the host there', () => {
    const bindMounts = [BindMount.writable('/srv/desk', '/data', { ifMissing: 'create' })];
    const stack = createStack((desk) => new Workload(desk, 'bot', { ...options, bindMounts }));
    const [line] = describePermissionFixes(tails, stack.platform.workloads, []);
    expect(line).toMatch(/mounted at \/data belongs to another user\. Give that user the folder on the host\.$/);
  });
});
