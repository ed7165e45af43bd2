import { readFileSync } from 'node:fs';
import { Container } from '@cdktf/provider-docker/lib/container';
import { Service } from '@cdktf/provider-docker/lib/service';
import {
  AppService,
  Engine,
  Image,
  InfluxDb,
  QuestDb,
  Job,
  PostgresDb,
  Prometheus,
  RabbitMqBroker,
  RedisCache,
  ReverseProxy,
  StrategyRunner,
  type TradingStack,
  type TradingStackError,
  Workload,
} from '../../lib';
import { COMPOSE_HINTS } from '../../lib/workload/compose-hints';
import { WORKLOAD_PROPS } from '../../lib/workload/workload-props';
import { PASTED_CALLS, PASTED_OPTIONS } from '../hints/compose-pasted';
import { COMPOSE_PASTED_FILE, composePasted } from '../hints/generated';
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
    const hint = COMPOSE_HINTS.unknown.get(key)?.text ?? '';
    expect(() => create({ [key]: 'x' })).toThrowCode('unknown-option', `desk/bot: there is no option '${key}'`, hint);
  },
);

test.each([...COMPOSE_HINTS.wrongType])(
  'the option %s with a value in Compose syntax is refused',
  (option, { text }) => {
    expect(() => create({ [option]: null })).toThrowCode('wrong-type', `desk/bot: ${option} must be`, text);
  },
);

test('limits under the key that they have in a compose file are refused with a hint', () => {
  expect(() => create({ resources: { limits: { memory: '512m' } } })).toThrowCode(
    'unknown-option',
    "no option 'resources.limits'",
    'resources: { cpus: Cpu.cores(1), memory: Size.mebibytes(512) }',
  );
});

test('a network under the key of a build is refused with the options for networks', () => {
  expect(() => create({ network: 'host' })).toThrowCode(
    'unknown-option',
    "no option 'network'",
    "networks: [stack.network, Network.fromName('market')]",
    "networkMode: 'host'",
  );
});

test('a setting of a build that does not exist is called a key of `build`', () => {
  expect(() => create({ sbom: true })).toThrowCode('unknown-option', 'As a key of `build`');
  expect(() => create({ no_cache: true })).toThrowCode('unknown-option', '`npm run deploy -- <stack> --no-cache`');
  expect(() => create({ pull: true })).toThrowCode('unknown-option', '`npm run deploy -- <stack> --pull`');
});

test('a command in one string is refused without a guess at how to split it', () => {
  expect(() => create({ command: 'bash -c "a && b"' })).toThrowCode(
    'wrong-type',
    'command must be a list',
    /^(?!.*&&)/,
  );
});

test('all code in a hint is data, so that it is pasted by these tests', () => {
  const inText = HINTS.flatMap(([key, { text, code }]) =>
    [...text.matchAll(/`([^`]+)`/g)]
      .map(([, one = '']) => one)
      .filter((one) => /[:(]/.test(one) && !code.includes(one))
      .map((one) => `${key}: ${one}`),
  );
  expect(inText).toEqual([]);
});

test('test/hints/compose-pasted.ts is current; `npm run docs:generate` updates it', () => {
  expect(readFileSync(COMPOSE_PASTED_FILE, 'utf8')).toBe(composePasted());
});

test.each(PASTED_OPTIONS)('the option of a hint works when it is pasted: %s', (code, options) => {
  const isOfSwarm = /^(placement|updatePolicy):/.test(code);
  const engine = isOfSwarm ? Engine.swarm() : Engine.docker();
  const stack = createStack(undefined, { engine });
  const database = new PostgresDb(stack, 'database', { majorVersion: 17 });
  const pasted = options({ stack, database });
  // A bare workload has no check whose timings could be changed.
  if (code.includes('withTimings')) new AppService(stack, 'bot', { image, ...pasted });
  else create(pasted, stack);
  expect(() => synthesize(stack)).not.toThrow();
});

test.each(PASTED_CALLS)('the escape hatch of a hint works when it is pasted: %s', (code, call) => {
  const stack = createStack(undefined, { engine: code.includes('endpoint_spec') ? Engine.swarm() : Engine.docker() });
  call(create({}, stack));
  const [, attribute = ''] = /'(.+?)'/.exec(code) ?? [];
  const blocks = Object.values(synthesize(stack).resource).flatMap((resources) => Object.values(resources));
  expect(blocks).toContainEqual(
    expect.objectContaining({ [attribute.split('.')[0] ?? '']: expect.anything() as never }),
  );
});

test.each(PASTED_CALLS)('the escape hatch of a hint sets an attribute of the provider: %s', (code) => {
  const [attribute = ''] = /'(.+?)'/.exec(code)?.[1]?.split('.') ?? [];
  const property = attribute.replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase());
  expect(property in (code.includes('endpoint_spec') ? Service : Container).prototype).toBe(true);
});

test('most keys have a hint that can be pasted', () => {
  expect(HINTS.filter(([, { code }]) => code.length > 0).length).toBeGreaterThan(90);
});

type Build = (stack: TradingStack, options: object) => unknown;

const CONSTRUCTS: readonly (readonly [string, Build])[] = [
  ['PostgresDb', (stack, options) => new PostgresDb(stack, 'it', options)],
  ['RedisCache', (stack, options) => new RedisCache(stack, 'it', options)],
  ['RabbitMqBroker', (stack, options) => new RabbitMqBroker(stack, 'it', options)],
  ['InfluxDb', (stack, options) => new InfluxDb(stack, 'it', options)],
  ['QuestDb', (stack, options) => new QuestDb(stack, 'it', options)],
  ['Prometheus', (stack, options) => new Prometheus(stack, 'it', { services: [], ...options })],
  ['ReverseProxy', (stack, options) => new ReverseProxy(stack, 'it', { routes: [], ...options })],
  ['Job', (stack, options) => new Job(stack, 'it', { image, ...options })],
  ['StrategyRunner', (stack, options) => new StrategyRunner(stack, 'it', { image, ...options })],
];

describe.each(CONSTRUCTS)('the hints of %s', (_name, build) => {
  test.each([...COMPOSE_HINTS.unknown.keys()])('for %s name no option that it does not have', (key) => {
    const fix = fixOf(() => build(createStack(), { [key]: 'x' }));
    const [, option] = /^Use `(\w+): /.exec(fix) ?? [];
    if (option === undefined) return;
    // A wrong value shows that the option exists.
    expect(codeOf(() => build(createStack(), { [option]: null }))).not.toBe('unknown-option');
  });
});

test('a server has no replicas, and the hint for Compose\u2019s key does not propose them', () => {
  expect(() => new PostgresDb(createStack(), 'db', { scale: 2 } as never)).toThrowCode(
    'unknown-option',
    "no option 'scale'",
    'Leave it out: this construct has no `replicas`',
  );
});

function fixOf(work: () => unknown): string {
  return errorOf(work)?.fix ?? '';
}

function codeOf(work: () => unknown): string | undefined {
  return errorOf(work)?.code;
}

function errorOf(work: () => unknown): TradingStackError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error as TradingStackError;
  }
}
