import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import type { NetworkSummary } from '../../../lib/command-line/engine/responses';
import { engineAddress } from '../../../lib/command-line/connection/address';
import type { Problem } from '../../../lib/command-line/output/output';
import { takenSubnets } from '../../../lib/command-line/preflight/subnets';
import { Engine, TradingStack } from '../../../lib';
import { createApp } from '../../setup/synthesize';
import { FakeEngine } from '../desk/engine';
import { problem } from '../desk/problem';

let docker: FakeEngine;

beforeEach(async () => {
  docker = await FakeEngine.start();
});

afterEach(async () => {
  await docker.stop();
});

function network(Name: string, Subnet: string, more: Partial<NetworkSummary> = {}): NetworkSummary {
  return { Id: `id of ${Name}`, Name, Labels: {}, IPAM: { Config: [{ Subnet }] }, ...more };
}

/** The problems of the subnet 172.20.0.0/16 on an engine that has these networks. */
async function problems(networks: NetworkSummary[], engine = Engine.docker()): Promise<Problem[]> {
  docker.state.networks = networks;
  const network = { name: 'desk-net', subnet: '172.20.0.0/16' };
  const stack = new TradingStack(createApp(), 'desk', { engine, network });
  const api = DockerApi.at(engineAddress(undefined, { DOCKER_HOST: docker.host }));
  return takenSubnets(stack, api);
}

test.each(['172.20.0.0/16', '172.20.7.0/24', '172.16.0.0/12'])(
  'A network on the engine that overlaps the subnet is reported: %s',
  async (taken) => {
    expect(await problems([network('bridge', '172.17.0.0/16'), network('blog_default', taken)])).toEqual([
      problem('subnet-in-use', '172.20.0.0/16 of the network desk-net', `${taken} of the network blog_default`),
    ]);
  },
);

test('A subnet that no other network overlaps is accepted', async () => {
  const withoutAddresses = { IPAM: { Config: null } };
  const others = [
    network('bridge', '172.17.0.0/16'),
    network('blog', '172.21.0.0/16'),
    network('six', 'fd00::/80'),
    network('host', '', withoutAddresses),
    network('none', '', { IPAM: { Config: [{}] }, Labels: null }),
  ];
  expect(await problems(others)).toEqual([]);
});

test('The network of the stack itself is accepted, also under a former name', async () => {
  const labelled = (stack: string): Partial<NetworkSummary> => ({ Labels: { 'cdktf-trading-stack.stack': stack } });
  expect(await problems([network('desk-net', '172.20.0.0/16')])).toEqual([]);
  expect(await problems([network('desk', '172.20.0.0/16', labelled('desk'))])).toEqual([]);
  expect(await problems([network('blog', '172.20.0.0/16', labelled('blog'))])).toHaveLength(1);
});

test('A network of a Swarm must not overlap a network of its node', async () => {
  expect(await problems([network('docker_gwbridge', '172.20.0.0/16')], Engine.swarm())).toEqual([
    problem('subnet-in-use', '172.20.0.0/16', 'docker_gwbridge'),
  ]);
});
