import {
  ConfigFile,
  Duration,
  Engine,
  type ErrorCode,
  ExternalEndpoint,
  Image,
  Logging,
  Workload,
  type WorkloadOptions,
} from '../../lib';
import { TradingStack } from '../../lib';
import { WORKLOAD_PROPS } from '../../lib/workload/workload-props';
import { createApp, createStack } from '../setup/synthesize';
import '../setup/matchers';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
const DEVICE = { hostPath: '/dev/hsm', containerPath: '/dev/hsm', permissions: 'rw' };

/** Creates a workload with options that are not type-checked. */
function creating(options: object): () => unknown {
  return () => createStack((stack) => new Workload(stack, 'bot', { image, ...options }));
}

test.each<[object, ErrorCode, string]>([
  [{ runAs: 'a b' }, 'invalid-value', 'runAs'],
  [{ runAs: '' }, 'invalid-value', 'runAs'],
  [{ groups: ['video', 'a b'] }, 'invalid-value', 'groups[1]'],
  [{ workingDirectory: 'app' }, 'invalid-path', 'workingDirectory'],
  [{ hostname: 'a b!' }, 'invalid-host', 'hostname'],
  [{ hostname: 'a'.repeat(64) }, 'invalid-host', 'hostname'],
  [{ dns: ['10.0.0.2', 'foo'] }, 'invalid-host', 'dns[1]'],
  [{ extraHosts: [{ name: 'x y', address: '10.0.0.7' }] }, 'invalid-host', 'extraHosts[0].name'],
  [{ extraHosts: [{ name: 'x', address: 'nonsense' }] }, 'invalid-host', 'extraHosts[0].address'],
  [{ devices: [{ ...DEVICE, permissions: 'x' }] }, 'invalid-value', 'devices[0].permissions'],
  [{ devices: [{ ...DEVICE, permissions: 'rr' }] }, 'invalid-value', 'devices[0].permissions'],
  [{ devices: [{ ...DEVICE, hostPath: 'hsm' }] }, 'invalid-path', 'devices[0].hostPath'],
  [{ ulimits: [{ name: 'nofile', soft: -2, hard: 1 }] }, 'invalid-value', 'ulimits[0].soft'],
  [{ ulimits: [{ name: 'nofile', soft: 1, hard: 1.5 }] }, 'invalid-value', 'ulimits[0].hard'],
  [{ gpus: '1' }, 'invalid-value', 'gpus'],
  [{ resources: { cpuset: 'abc' } }, 'invalid-value', 'resources.cpuset'],
  [{ startTimeout: Duration.seconds(0) }, 'invalid-value', 'startTimeout'],
])('refuses the value in %j', (options, code, option) => {
  expect(creating(options)).toThrowCode(code, 'desk/bot: ', option);
});

test.each([
  { name: 'nofile', soft: 2, hard: 1 },
  { name: 'nofile', soft: -1, hard: 1 },
])('refuses a soft limit above the hard limit: %j', (ulimit) => {
  expect(creating({ ulimits: [ulimit] })).toThrowCode('option-conflict', `ulimits[0].soft is ${ulimit.soft}`);
});

test.each<Partial<WorkloadOptions>>([
  { runAs: 'node' },
  { runAs: '1000:1000' },
  { runAs: 'systemd-network:video' },
  { groups: ['video', '5000'] },
  { stopSignal: 'SIGINT' },
  { stopSignal: 'SIGRTMIN+3' },
  { dns: ['10.0.0.2', 'fd00::2'] },
  { extraHosts: [{ name: 'broker.desk.example', address: '10.0.0.7' }] },
  { extraHosts: [{ name: 'host_of_mine', address: 'host-gateway' }] },
  { hostname: 'trader-1.desk.example' },
  { ulimits: [{ name: 'memlock', soft: -1, hard: -1 }] },
  { ulimits: [{ name: 'core', soft: 0, hard: -1 }] },
  { devices: [{ ...DEVICE, permissions: 'rwm' }] },
  { resources: { cpuset: '0-3,6' } },
  { labels: { empty: '' } },
])('accepts %j', (options) => {
  expect(creating(options)).not.toThrow();
});

test.each(Object.keys(WORKLOAD_PROPS))(
  'refuses values of other types for %s with an error of this library',
  (option) => {
    const values = [5, '', 'x y', true, {}, [undefined], [null], [5], [{}], [[]], Logging.jsonFile(), null];
    for (const value of values) {
      const work = creating({ [option]: value });
      try {
        work();
      } catch (error) {
        expect(error).toHaveProperty('code');
      }
    }
  },
);

test('refuses a workload of another stack, which is on another network', () => {
  const app = createApp();
  const [one, other] = ['one', 'other'].map((id) => new TradingStack(app, id, { engine: Engine.docker() }));
  if (!one || !other) throw new Error('no stacks');
  const database = new Workload(one, 'db', { image });
  expect(() => new Workload(other, 'bot', { image, uses: [database] })).toThrowCode(
    'dependency-not-reachable',
    'other/bot: it uses one/db of another stack',
  );
});

test('accepts an endpoint outside of all stacks', () => {
  const stack = createStack();
  const broker = new ExternalEndpoint(stack, 'broker', { host: 'broker.example', port: 443 });
  expect(() => new Workload(stack, 'bot', { image, uses: [broker] })).not.toThrow();
});

test('refuses an unknown property, but accepts undefined ones', () => {
  expect(creating({ enviroment: {} })).toThrowCode('unknown-option', 'desk/bot: ', "Did you mean 'environment'?");
  expect(creating({ enviroment: undefined })).not.toThrow();
});

test('refuses a workload without an image', () => {
  expect(creating({ image: undefined })).toThrowCode('missing-option', "desk/bot: the option 'image' is missing");
});

test('leaves the properties of a service to its construct', () => {
  const files = [ConfigFile.fromText('/app/plan.yaml', 'steps: []')];
  const props = { image, files, ofTheService: 1 };
  expect(() => new Workload(createStack(), 'bot', props, {})).not.toThrow();
});
