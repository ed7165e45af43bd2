import { Container } from '@cdktf/provider-docker/lib/container';
import { Service } from '@cdktf/provider-docker/lib/service';
import * as library from '../../lib';
import { Engine, Image, PostgresDb, type TradingStack, Workload } from '../../lib';
import { COMPOSE_HINTS } from '../../lib/workload/compose-hints';
import { WORKLOAD_PROPS } from '../../lib/workload/workload-props';
import { createStack, synthesize } from '../setup/synthesize';
import { TemporaryProject } from './temporary-project';

/**
 * Keys of a service, and of what is under `deploy`, `healthcheck` and `build`, in the Compose specification:
 * https://github.com/compose-spec/compose-spec/blob/a08f8d51631b7127ddac3d2c65537db429d0f1d0/schema/compose-spec.json
 * of 2025-10-21, the newest version on 2026-11-29.
 */
const SPECIFICATION: Readonly<Record<string, readonly string[]>> = {
  service: [
    'annotations',
    'attach',
    'blkio_config',
    'build',
    'cap_add',
    'cap_drop',
    'cgroup',
    'cgroup_parent',
    'command',
    'configs',
    'container_name',
    'cpu_count',
    'cpu_percent',
    'cpu_period',
    'cpu_quota',
    'cpu_rt_period',
    'cpu_rt_runtime',
    'cpu_shares',
    'cpus',
    'cpuset',
    'credential_spec',
    'depends_on',
    'deploy',
    'develop',
    'device_cgroup_rules',
    'devices',
    'dns',
    'dns_opt',
    'dns_search',
    'domainname',
    'entrypoint',
    'env_file',
    'environment',
    'expose',
    'extends',
    'external_links',
    'extra_hosts',
    'gpus',
    'group_add',
    'healthcheck',
    'hostname',
    'image',
    'init',
    'ipc',
    'isolation',
    'label_file',
    'labels',
    'links',
    'logging',
    'mac_address',
    'mem_limit',
    'mem_reservation',
    'mem_swappiness',
    'memswap_limit',
    'models',
    'network_mode',
    'networks',
    'oom_kill_disable',
    'oom_score_adj',
    'pid',
    'pids_limit',
    'platform',
    'ports',
    'post_start',
    'pre_stop',
    'privileged',
    'profiles',
    'provider',
    'pull_policy',
    'pull_refresh_after',
    'read_only',
    'restart',
    'runtime',
    'scale',
    'secrets',
    'security_opt',
    'shm_size',
    'stdin_open',
    'stop_grace_period',
    'stop_signal',
    'storage_opt',
    'sysctls',
    'tmpfs',
    'tty',
    'ulimits',
    'use_api_socket',
    'user',
    'userns_mode',
    'uts',
    'volumes',
    'volumes_from',
    'working_dir',
  ],
  deploy: [
    'endpoint_mode',
    'labels',
    'mode',
    'placement',
    'replicas',
    'resources',
    'restart_policy',
    'rollback_config',
    'update_config',
  ],
  healthcheck: ['disable', 'interval', 'retries', 'start_interval', 'start_period', 'test', 'timeout'],
  build: [
    'additional_contexts',
    'args',
    'cache_from',
    'cache_to',
    'context',
    'dockerfile',
    'dockerfile_inline',
    'entitlements',
    'extra_hosts',
    'isolation',
    'labels',
    'network',
    'no_cache',
    'platforms',
    'privileged',
    'provenance',
    'pull',
    'sbom',
    'secrets',
    'shm_size',
    'ssh',
    'tags',
    'target',
    'ulimits',
  ],
};
const KEYS = [...new Set(Object.values(SPECIFICATION).flat())];
const HINTS = [...COMPOSE_HINTS.unknown, ...COMPOSE_HINTS.wrongType];

const project = TemporaryProject.forEveryTest();
beforeEach(() => {
  project.write('bots.env', 'LEVEL=debug\n');
  project.write('services/bot/Dockerfile', 'FROM python:3.13-slim AS runtime');
  project.write('config/app.yaml', 'level: info');
  project.write('docker.sock', '');
});

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** A workload with options that are not type-checked. */
function create(options: object, stack: TradingStack = createStack()): Workload {
  return new Workload(stack, 'bot', { image, ...options });
}

test.each(KEYS)('the key %s of the Compose specification has a hint', (key) => {
  const isOption = Object.hasOwn(WORKLOAD_PROPS, key);
  expect([...(isOption ? COMPOSE_HINTS.wrongType : COMPOSE_HINTS.unknown).keys()]).toContain(key);
});

test('hints for unknown options name no existing one, and hints for wrong values name existing options only', () => {
  const options = Object.keys(WORKLOAD_PROPS);
  expect([...COMPOSE_HINTS.unknown.keys()].filter((key) => options.includes(key))).toEqual([]);
  expect([...COMPOSE_HINTS.wrongType.keys()].filter((key) => !options.includes(key))).toEqual([]);
});

test.each(KEYS.filter((key) => !Object.hasOwn(WORKLOAD_PROPS, key)))(
  'a workload with the Compose key %s is refused with its hint',
  (key) => {
    const hint = COMPOSE_HINTS.unknown.get(key) ?? '';
    expect(() => create({ [key]: 'x' })).toThrowCode('unknown-option', `desk/bot: there is no option '${key}'`, hint);
  },
);

test.each([...COMPOSE_HINTS.wrongType])(
  'the option %s with a value in Compose syntax is refused: %s',
  (option, hint) => {
    expect(() => create({ [option]: null })).toThrowCode('wrong-type', `desk/bot: ${option} must be`, hint);
  },
);

test('limits under the key that they have in a compose file are refused with a hint', () => {
  expect(() => create({ resources: { limits: { memory: '512m' } } })).toThrowCode(
    'unknown-option',
    "no option 'resources.limits'",
    'resources: { cpus: Cpu.cores(1), memory: Size.mebibytes(512) }',
  );
});

test('a command in one string is refused without a guess at how to split it', () => {
  expect(() => create({ command: 'bash -c "a && b"' })).toThrowCode(
    'wrong-type',
    'command must be a list',
    /^(?!.*&&)/,
  );
});

/** Code in backticks that is complete: options with their values, and calls. */
const PASTED = HINTS.flatMap(([key, hint]) =>
  [...hint.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => (/[:(]/.test(code) ? [[key, code] as const] : [])),
);
const OPTIONS = PASTED.filter(([, code]) => !code.startsWith('workload.'));
const CALLS = PASTED.filter(([, code]) => code.startsWith('workload.'));

/** Runs code that has the library's public names, a stack and a database in scope. */
function paste(code: string, scope: Readonly<Record<string, unknown>>): unknown {
  const names = { ...library, ...scope };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- what a user does with a hint
  return new Function(...Object.keys(names), `return ${code};`)(...Object.values(names));
}

test.each(OPTIONS)('the hint for %s works when it is pasted: %s', (_key, code) => {
  const isOfSwarm = /^(placement|updatePolicy):/.test(code);
  const stack = createStack(undefined, { engine: isOfSwarm ? Engine.swarm() : Engine.docker() });
  const database = new PostgresDb(stack, 'database', { majorVersion: 17 });
  // The host of these tests may have no Docker: its socket is a file of the project, at the same path in the container.
  const local = code.replace("readOnly('/var/run/docker.sock'", "readOnly('docker.sock'");
  create(paste(`({ ${local} })`, { stack, database }) as object, stack);
  expect(() => synthesize(stack)).not.toThrow();
});

test.each(CALLS)('the escape hatch for %s works when it is pasted: %s', (_key, code) => {
  const stack = createStack(undefined, { engine: code.includes('endpoint_spec') ? Engine.swarm() : Engine.docker() });
  paste(code, { workload: create({}, stack) });
  const [, attribute = ''] = /'(.+?)'/.exec(code) ?? [];
  const blocks = Object.values(synthesize(stack).resource).flatMap((resources) => Object.values(resources));
  expect(blocks).toContainEqual(
    expect.objectContaining({ [attribute.split('.')[0] ?? '']: expect.anything() as never }),
  );
});

test.each(CALLS)('the escape hatch for %s sets an attribute of the provider: %s', (_key, code) => {
  const [attribute = ''] = /'(.+?)'/.exec(code)?.[1]?.split('.') ?? [];
  const property = attribute.replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase());
  expect(property in (code.includes('endpoint_spec') ? Service : Container).prototype).toBe(true);
});

test('most keys have a hint that can be pasted', () => {
  expect(OPTIONS.length).toBeGreaterThan(80);
  expect(CALLS.length).toBeGreaterThan(5);
});
