import { DataNodes } from '../../../lib/command-line/engine/data-nodes';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/engine/address';
import { Volume, Engine, Image, Placement, Workload } from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { FakeEngine } from '../desk/engine';

let engine: FakeEngine;

beforeEach(async () => {
  engine = await FakeEngine.start();
  engine.state.nodes = { here: { data: 'true' }, far: { disk: 'nvme' } };
});

afterEach(() => engine.stop());

/** The other nodes that may have the volume of a service. */
async function besideThis(placement: readonly Placement[], kind = Engine.swarm({ cluster: {} })): Promise<string[]> {
  const image = Image.fromRegistry('node:24-slim');
  const volumes = [Volume.retained('data').mountAt('/data')];
  const stack = createStack((scope) => new Workload(scope, 'api', { image, volumes, placement: [...placement] }), {
    engine: kind,
  });
  const docker = DockerApi.at(engineAddress(engine.host, {}));
  const [workload] = stack.platform.workloads;
  if (docker === undefined || workload === undefined) throw new Error('there is an engine, and a workload');
  return (await DataNodes.of(stack, docker)).besideThis(workload);
}

test('Data on the node of this engine is on no other', async () => {
  expect(await besideThis([], Engine.swarm({ cluster: { dataNode: { data: 'true' } } }))).toEqual([]);
  expect(await besideThis([Placement.node('here')])).toEqual([]);
});

test.each([
  ['by its name', Placement.node('far')],
  ['by its label', Placement.nodeLabel('disk', 'nvme')],
  ['by its role, which several may have', Placement.manager()],
])('Data on another node is found there %s', async (_, placement) => {
  expect(await besideThis([placement])).toEqual(['far']);
});

test('Data is on no other node where the engine is no Swarm', async () => {
  expect(await besideThis([], Engine.docker())).toEqual([]);
});
