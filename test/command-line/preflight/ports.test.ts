import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer } from 'node:net';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/connection/address';
import type { Problem } from '../../../lib/command-line/output/output';
import { probePort, takenPorts } from '../../../lib/command-line/preflight/ports';
import { HealthCheck, PublishedPort, Image, Workload } from '../../../lib';
import type { RegisteredWorkload } from '../../../lib/internal';
import { createStack } from '../../setup/synthesize';
import { FakeEngine } from '../desk/engine';
import { problem } from '../desk/problem';

let engine: FakeEngine;
let docker: DockerApi;

beforeEach(async () => {
  engine = await FakeEngine.start();
  docker = DockerApi.at(engineAddress(undefined, { DOCKER_HOST: engine.host }));
});

afterEach(async () => {
  await engine.stop();
});

function publishing(exposure: PublishedPort): readonly RegisteredWorkload[] {
  const image = Image.fromRegistry('node:24-slim');
  return createStack((stack) => new Workload(stack, 'web', { image, ports: [exposure] })).platform.workloads;
}

async function listening(): Promise<{ port: number; close: () => void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

test('A port that another program listens on is in use until it stops', async () => {
  const { port, close } = await listening();
  const workloads = publishing(PublishedPort.loopback(8000, { hostPort: port }));
  expect(await takenPorts(workloads, docker, probePort)).toEqual([
    problem('port-in-use', `127.0.0.1:${port}/tcp of desk-web`, 'another program on this machine'),
  ]);
  close();
  expect(await takenPorts(workloads, docker, probePort)).toEqual([]);
});

test('A port on all interfaces conflicts with a listener on one of them', async () => {
  const { port, close } = await listening();
  const workloads = publishing(PublishedPort.allInterfaces(8000, { hostPort: port }));
  expect(await takenPorts(workloads, docker, probePort)).toHaveLength(1);
  close();
});

test('A UDP port is probed over UDP', async () => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  const overUdp = publishing(PublishedPort.loopback(8000, { hostPort: port, protocol: 'udp' }));
  expect(await takenPorts(overUdp, docker, probePort)).toHaveLength(1);
  socket.close();
});

test('An address that this machine does not have is reported', async () => {
  const workloads = publishing(PublishedPort.on('192.0.2.1', 8000));
  expect(await takenPorts(workloads, docker, probePort)).toEqual([
    problem('address-unavailable', '192.0.2.1:8000/tcp of desk-web'),
  ]);
});

test('Ports of an engine on another machine are not probed', async () => {
  const { port, close } = await listening();
  expect(await takenPorts(publishing(PublishedPort.loopback(8000, { hostPort: port })), docker, undefined)).toEqual([]);
  close();
});

describe('containers on the engine', () => {
  const taken = (): Promise<Problem[]> => takenPorts(publishing(PublishedPort.loopback(8000)), docker, undefined);

  test('A port of another container is reported with its name and another port to use', async () => {
    engine.state.containers = [{ name: 'other', port: { address: '0.0.0.0', host: 8000 } }];
    expect(await taken()).toEqual([
      problem(
        'port-in-use',
        '127.0.0.1:8000/tcp of desk-web',
        'the container other',
        'PublishedPort.loopback(8000, { hostPort: 18000 })',
      ),
    ]);
  });

  test('A port of a container of the stack is accepted', async () => {
    engine.state.containers = [{ name: 'desk-web', port: { address: '127.0.0.1', host: 8000 } }];
    expect(await taken()).toEqual([]);
  });

  test('A port of a task of the stack is accepted', async () => {
    const labels = { 'com.docker.swarm.service.name': 'desk-web' };
    engine.state.containers = [{ name: 'desk-web.1.x', labels, port: { address: '0.0.0.0', host: 8000 } }];
    expect(await taken()).toEqual([]);
  });

  describe('a workload on the network of the host', () => {
    const onHost = (): readonly RegisteredWorkload[] => {
      const image = Image.fromRegistry('node:24-slim');
      return createStack((stack) => {
        new Workload(stack, 'web', { image, networkMode: 'host', healthCheck: HealthCheck.http(8000) });
      }).platform.workloads;
    };
    const inUse = (): Promise<string> => Promise.resolve('EADDRINUSE');

    test('Its port is in use by a program of this machine or by another container', async () => {
      expect(await takenPorts(onHost(), docker, inUse)).toEqual([
        problem('port-in-use', '0.0.0.0:8000/tcp of desk-web', 'network of the host', 'another program'),
      ]);
      engine.state.containers = [{ name: 'other', port: { address: '127.0.0.1', host: 8000 } }];
      expect(await takenPorts(onHost(), docker, undefined)).toEqual([problem('port-in-use', 'the container other')]);
    });

    test('Its own container, whose ports the engine does not list, does not count', async () => {
      engine.state.containers = [{ name: 'desk-web' }];
      expect(await takenPorts(onHost(), docker, inUse)).toEqual([]);
    });
  });

  test('The same port on another address is accepted', async () => {
    engine.state.containers = [{ name: 'other', port: { address: '10.0.0.1', host: 8000 } }];
    expect(await taken()).toEqual([]);
  });

  test.each([
    [PublishedPort.allInterfaces(8000), 'PublishedPort.allInterfaces(8000, { hostPort: 18000 })'],
    [
      PublishedPort.on('10.0.0.7', 53, { protocol: 'udp' }),
      "PublishedPort.on('10.0.0.7', 53, { hostPort: 10053, protocol: 'udp' })",
    ],
    [PublishedPort.loopback(80, { hostPort: 65_535 }), 'PublishedPort.loopback(80, { hostPort: 65534 })'],
  ])('The suggestion %# for a port in use is complete', async (port, suggestion) => {
    const inUse = (): Promise<string> => Promise.resolve('EADDRINUSE');
    expect(await takenPorts(publishing(port), docker, inUse)).toEqual([problem('port-in-use', suggestion)]);
  });
});
