import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { managerProblems, nodeProblems, RemoteNodes } from '../../../lib/command-line/engine/nodes';
import type { Problem } from '../../../lib/command-line/output/output';
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
import { problem } from '../desk/problem';

let engine: FakeEngine;

beforeEach(async () => {
  engine = await FakeEngine.start();
  engine.state.isSwarmManager = true;
});

afterEach(() => engine.stop());

function problems(
  cluster?: SwarmClusterOptions,
  build: (stack: TradingStack) => void = () => undefined,
): Promise<Problem[]> {
  const docker = DockerApi.at(engineAddress(engine.host, {}));
  const stack = createStack(build, { engine: Engine.swarm(cluster === undefined ? {} : { cluster }) });
  return nodeProblems(stack, docker);
}

test('A stack for one node is accepted on a Swarm of one node', async () => {
  engine.state.nodes = { desk: {} };
  expect(await problems()).toEqual([]);
});

test('A stack for one node is rejected on a Swarm of several nodes', async () => {
  engine.state.nodes = { desk: {}, spare: {} };
  expect(await problems()).toEqual([
    problem('placement-mismatch', '2 nodes', "Engine.swarm({ cluster: { dataNode: { 'trading.data': 'true' } } })"),
  ]);
});

test('A cluster is accepted if exactly one node has every label of dataNode', async () => {
  engine.state.nodes = { desk: { data: 'true', disk: 'nvme' }, spare: { data: 'true' } };
  expect(await problems({ dataNode: { data: 'true', disk: 'nvme' } })).toEqual([]);
  expect(await problems({})).toEqual([]);
});

test('A cluster is rejected if no node has the labels of dataNode', async () => {
  engine.state.nodes = { desk: { data: 'false' }, spare: {} };
  expect(await problems({ dataNode: { data: 'true' } })).toEqual([
    problem('placement-mismatch', 'No node', 'node update --label-add data=true <node>'),
  ]);
});

test('A cluster is rejected if two nodes have the labels of dataNode', async () => {
  engine.state.nodes = { desk: { data: 'true' }, spare: { data: 'true' } };
  expect(await problems({ dataNode: { data: 'true' } })).toEqual([
    problem('placement-mismatch', '2 nodes', 'data=true', 'desk, spare', 'node update --label-rm data <node>'),
  ]);
});

test('Only the stack of a Swarm needs an engine that manages one', async () => {
  engine.state.isSwarmManager = false;
  const docker = DockerApi.at(engineAddress(engine.host, {}));
  const ofSwarm = createStack(() => undefined, { engine: Engine.swarm() });
  expect(await managerProblems(ofSwarm, docker)).toEqual([problem('not-swarm-manager')]);
  expect(
    await managerProblems(
      createStack(() => undefined),
      docker,
    ),
  ).toEqual([]);
});

test('A CPU limit above what any node has is rejected on a Swarm', async () => {
  engine.state.nodes = { desk: {}, spare: {} };
  engine.state.nodeCores = 2;
  const build = (stack: TradingStack): void => {
    const image = Image.fromRegistry('redis:7.4-alpine');
    new Workload(stack, 'small', { image, resources: { cpus: Cpu.cores(2) } });
    new Workload(stack, 'large', { image, resources: { cpus: Cpu.cores(2.5) } });
  };
  expect(await problems({}, build)).toEqual([
    problem('cpu-limit-too-high', 'desk-large', '2.5', 'resources: { cpus: Cpu.cores(2) }'),
  ]);
});

describe('placement', () => {
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
    ['host name', [Placement.node('Spare')]],
    ['label', [Placement.nodeLabel('gpu', 'true')]],
    ['label and role', [Placement.nodeLabel('disk', 'nvme'), Placement.worker()]],
    ['role', [Placement.manager()]],
    ['a label that it does not have', [Placement.worker(), Placement.withoutNodeLabel('gpu', 'true')]],
  ])('A placement by %s is accepted for a service with data if one node matches', async (_what, placement) => {
    expect(await problems({}, placed({ volumes, placement }))).toEqual([]);
  });

  test('A placement may match several nodes for a service without data', async () => {
    expect(await problems({}, placed({ placement: [Placement.worker()] }))).toEqual([]);
    expect(await problems({}, placed({}))).toEqual([]);
  });

  test('A placement that matches no node is rejected', async () => {
    const dataNode = { data: 'true' };
    const placement = [Placement.nodeLabel('gpu', 'true')];
    expect(await problems({ dataNode }, placed({ volumes, placement }))).toEqual([
      problem('placement-mismatch', 'No node', 'desk-bot (node.labels.data == true and node.labels.gpu == true)'),
    ]);
  });

  test.each([
    ['label', [Placement.nodeLabel('disk', 'nvme')], 'node.labels.disk == nvme', 'desk, spare'],
    [
      'a label that they do not have',
      [Placement.worker(), Placement.withoutNodeLabel('data', 'true')],
      'node.role == worker and node.labels.data != true',
      'spare, gpu',
    ],
  ])(
    'A placement by %s that matches two nodes is rejected for a service with data',
    async (_what, placement, wanted, nodes) => {
      expect(await problems({}, placed({ volumes, placement }))).toEqual([
        problem('placement-mismatch', '2 nodes', `desk-bot (${wanted}): ${nodes}`, 'Placement.node'),
      ]);
    },
  );
});

describe('remote nodes', () => {
  beforeEach(() => {
    engine.state.nodes = { here: { data: 'true' }, far: { disk: 'nvme' } };
  });

  /** The other nodes that may have the volume of a service. */
  async function nodesFor(placement: readonly Placement[], kind = Engine.swarm({ cluster: {} })): Promise<string[]> {
    const image = Image.fromRegistry('node:24-slim');
    const volumes = [Volume.retained('data').mountAt('/data')];
    const stack = createStack((scope) => new Workload(scope, 'api', { image, volumes, placement: [...placement] }), {
      engine: kind,
    });
    const docker = DockerApi.at(engineAddress(engine.host, {}));
    const [workload] = stack.platform.workloads;
    if (workload === undefined) throw new Error('the stack has a service');
    return (await RemoteNodes.of(stack, docker)).hostnamesFor(workload);
  }

  test('A service that is placed on this node has no volumes on other nodes', async () => {
    expect(await nodesFor([], Engine.swarm({ cluster: { dataNode: { data: 'true' } } }))).toEqual([]);
    expect(await nodesFor([Placement.node('here')])).toEqual([]);
  });

  test.each([
    ['host name', Placement.node('far')],
    ['label', Placement.nodeLabel('disk', 'nvme')],
    ['role, which several nodes have', Placement.manager()],
  ])('A service that is placed by %s may have volumes on another node', async (_, placement) => {
    expect(await nodesFor([placement])).toEqual(['far']);
  });

  test('Volumes of the Docker engine are never on other nodes', async () => {
    expect(await nodesFor([], Engine.docker())).toEqual([]);
  });
});
