import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/engine/address';
import { nodeProblems } from '../../../lib/command-line/engine/nodes';
import {
  Cpu,
  Volume,
  Engine,
  Image,
  Placement,
  type SwarmClusterOptions,
  type TradingStack,
  Workload,
  type WorkloadOptions,
} from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { FakeEngine } from '../desk/engine';

let engine: FakeEngine;

beforeEach(async () => {
  engine = await FakeEngine.start();
  engine.state.isSwarmManager = true;
});

afterEach(() => engine.stop());

function problems(
  cluster?: SwarmClusterOptions,
  build: (stack: TradingStack) => void = () => undefined,
): Promise<string[]> {
  const docker = DockerApi.at(engineAddress(engine.host, {}));
  if (docker === undefined) throw new Error('the engine has a socket');
  const stack = createStack(build, { engine: Engine.swarm(cluster === undefined ? {} : { cluster }) });
  return nodeProblems(stack, docker);
}

test('A stack for one node is fine on a Swarm of one', async () => {
  engine.state.nodes = { desk: {} };
  expect(await problems()).toEqual([]);
});

test('A stack for one node is not deployed to a Swarm of several', async () => {
  engine.state.nodes = { desk: {}, spare: {} };
  expect(await problems()).toEqual([
    expect.stringMatching(/^This Swarm has 2 nodes, and the stack is for one: .* with `cluster` of Engine\.swarm\.$/),
  ]);
});

test('A cluster is fine with one node that has every label of the data', async () => {
  engine.state.nodes = { desk: { data: 'true', disk: 'nvme' }, spare: { data: 'true' } };
  expect(await problems({ dataNode: { data: 'true', disk: 'nvme' } })).toEqual([]);
  expect(await problems({})).toEqual([]);
});

test('A cluster needs a node with the data', async () => {
  engine.state.nodes = { desk: { data: 'false' }, spare: {} };
  expect(await problems({ dataNode: { data: 'true' } })).toEqual([
    'No node has the label data=true, which cluster.dataNode names. Give it to one: ' +
      'docker node update --label-add data=true <node>',
  ]);
});

test('A cluster cannot have its data on any of two nodes', async () => {
  engine.state.nodes = { desk: { data: 'true' }, spare: { data: 'true' } };
  expect(await problems({ dataNode: { data: 'true' } })).toEqual([
    '2 nodes have the label data=true (desk, spare), and the data would be on any of them. Leave it to one: ' +
      'docker node update --label-rm data <node>',
  ]);
});

test('An engine that is no manager is named before anything else', async () => {
  engine.state.isSwarmManager = false;
  expect(await problems()).toEqual([expect.stringMatching(/^This engine is no manager of a Swarm\./)]);
});

test('A service that may use more processors than any node has is not deployed', async () => {
  engine.state.nodes = { desk: {}, spare: {} };
  engine.state.nodeCores = 2;
  const build = (stack: TradingStack): void => {
    const image = Image.fromRegistry('redis:7.4-alpine');
    new Workload(stack, 'small', { image, resources: { cpus: Cpu.cores(2) } });
    new Workload(stack, 'large', { image, resources: { cpus: Cpu.cores(2.5) } });
  };
  expect(await problems({}, build)).toEqual([
    'desk-large may use 2.5 CPU, and no node of the Swarm has more than 2, so none would start it. ' +
      'Give it a lower limit: resources.cpus.',
  ]);
});

describe('The placement of a service', () => {
  const image = Image.fromRegistry('redis:7.4-alpine');
  const volumes = [Volume.retained('data').mountAt('/data')];
  const placed = (options: WorkloadOptions) => (stack: TradingStack) => {
    new Workload(stack, 'bot', { image, ...options });
  };

  beforeEach(() => {
    engine.state.nodes = { desk: { data: 'true', disk: 'NVMe' }, spare: { disk: 'nvme' }, gpu: { gpu: 'true' } };
    engine.state.workers = ['spare', 'gpu'];
  });

  test.each([
    ['its host name', [Placement.node('Spare')]],
    ['a label', [Placement.nodeLabel('gpu', 'true')]],
    ['a label that another one has too', [Placement.nodeLabel('disk', 'nvme'), Placement.worker()]],
    ['its role', [Placement.manager()]],
    ['what it has not', [Placement.worker(), Placement.withoutNodeLabel('gpu', 'true')]],
  ])('is fine with data on the one node that has %s', async (_what, placement) => {
    expect(await problems({}, placed({ volumes, placement }))).toEqual([]);
  });

  test('is fine without data on several', async () => {
    expect(await problems({}, placed({ placement: [Placement.worker()] }))).toEqual([]);
    expect(await problems({}, placed({}))).toEqual([]);
  });

  test('has to fit a node', async () => {
    const dataNode = { data: 'true' };
    const placement = [Placement.nodeLabel('gpu', 'true')];
    expect(await problems({ dataNode }, placed({ volumes, placement }))).toEqual([
      'No node fits the placement of desk-bot (node.labels.data == true and node.labels.gpu == true). ' +
        'Change `placement`, or the labels of a node.',
    ]);
  });

  test.each([
    ['a label', [Placement.nodeLabel('disk', 'nvme')], 'node.labels.disk == nvme', 'desk, spare'],
    [
      'what they have not',
      [Placement.worker(), Placement.withoutNodeLabel('data', 'true')],
      'node.role == worker and node.labels.data != true',
      'spare, gpu',
    ],
  ])('has to fit no more than one node that has its data, by %s', async (_what, placement, wanted, nodes) => {
    expect(await problems({}, placed({ volumes, placement }))).toEqual([
      `2 nodes fit the placement of desk-bot (${wanted}): ${nodes}. ` +
        'Its data would be on any of them. Name one with Placement.node.',
    ]);
  });
});
