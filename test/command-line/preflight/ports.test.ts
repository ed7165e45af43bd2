import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer } from 'node:net';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/engine/address';
import type { Problem } from '../../../lib/command-line/output/output';
import { probePort } from '../../../lib/command-line/preflight/probe-port';
import { takenPorts } from '../../../lib/command-line/preflight/ports';
import { PublishedPort, Image, type RegisteredWorkload, Workload } from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { FakeEngine } from '../desk/engine';
import { problem } from '../desk/problem';

function publishing(exposure: PublishedPort): readonly RegisteredWorkload[] {
  const image = Image.fromRegistry('node:24-slim');
  return createStack((stack) => new Workload(stack, 'web', { image, ports: [exposure] })).platform.workloads;
}

async function listening(): Promise<{ port: number; close: () => void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

test('A port that another program listens on is named, and is free when it stops', async () => {
  const { port, close } = await listening();
  const workloads = publishing(PublishedPort.loopback(8000, { hostPort: port }));
  expect(await takenPorts(workloads, undefined, probePort)).toEqual([
    problem('port-in-use', `127.0.0.1:${port}/tcp of desk-web`, 'another program on this machine'),
  ]);
  close();
  expect(await takenPorts(workloads, undefined, probePort)).toEqual([]);
});

test('A port on every address clashes with a listener on one of them', async () => {
  const { port, close } = await listening();
  const workloads = publishing(PublishedPort.allInterfaces(8000, { hostPort: port }));
  expect(await takenPorts(workloads, undefined, probePort)).toHaveLength(1);
  close();
});

test('A UDP port is its own', async () => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  const overUdp = publishing(PublishedPort.loopback(8000, { hostPort: port, protocol: 'udp' }));
  expect(await takenPorts(overUdp, undefined, probePort)).toHaveLength(1);
  socket.close();
});

test('An address that this machine does not have is named', async () => {
  const workloads = publishing(PublishedPort.on('192.0.2.1', 8000));
  expect(await takenPorts(workloads, undefined, probePort)).toEqual([
    problem('address-unavailable', '192.0.2.1:8000/tcp of desk-web'),
  ]);
});

test('Ports of another machine are not tried on this one', async () => {
  const { port, close } = await listening();
  expect(await takenPorts(publishing(PublishedPort.loopback(8000, { hostPort: port })), undefined, undefined)).toEqual(
    [],
  );
  close();
});

describe('With containers on the engine', () => {
  let engine: FakeEngine;
  const taken = (): Promise<Problem[]> =>
    takenPorts(
      publishing(PublishedPort.loopback(8000)),
      DockerApi.at(engineAddress(undefined, { DOCKER_HOST: engine.host })),
      undefined,
    );

  beforeEach(async () => {
    engine = await FakeEngine.start();
  });

  afterEach(async () => {
    await engine.stop();
  });

  test('a port that another container holds is named with it', async () => {
    engine.state.containers = [{ name: 'other', port: { address: '0.0.0.0', host: 8000 } }];
    expect(await taken()).toEqual([problem('port-in-use', '127.0.0.1:8000/tcp of desk-web', 'other')]);
  });

  test('a port that a container of the stack holds is fine', async () => {
    engine.state.containers = [{ name: 'desk-web', port: { address: '127.0.0.1', host: 8000 } }];
    expect(await taken()).toEqual([]);
  });

  test('a port that a task of the stack holds is fine', async () => {
    const labels = { 'com.docker.swarm.service.name': 'desk-web' };
    engine.state.containers = [{ name: 'desk-web.1.x', labels, port: { address: '0.0.0.0', host: 8000 } }];
    expect(await taken()).toEqual([]);
  });

  test('the same port on another address is fine', async () => {
    engine.state.containers = [{ name: 'other', port: { address: '10.0.0.1', host: 8000 } }];
    expect(await taken()).toEqual([]);
  });
});
