import { lastLines, LogFollower } from '../../../lib/command-line/engine/container-log';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { FakeEngine } from '../desk/engine';

let engine: FakeEngine;
let docker: DockerApi;

beforeEach(async () => {
  engine = await FakeEngine.start();
  docker = DockerApi.at(engineAddress(engine.host, {}));
});

afterEach(async () => {
  await engine.stop();
});

test('A log is read from both streams, without their frame headers', async () => {
  engine.state.containers = [{ name: 'web', log: 'listening\nÄrger: no such table\n' }];
  expect(await lastLines('web', docker)).toEqual(['listening', 'Ärger: no such table']);
});

test('The log of a container with a terminal is read as it is', async () => {
  engine.state.containers = [{ name: 'web', log: 'listening\r\nready\r\n', isTerminal: true }];
  expect(await lastLines('web', docker)).toEqual(['listening', 'ready']);
});

test('Only what a container printed since its last start is read', async () => {
  engine.state.containers = [{ name: 'web', log: 'no route\n', earlierLog: 'no route\nno route\n' }];
  expect(await lastLines('web', docker)).toEqual(['no route']);
});

test('A container that has printed nothing since its last start has the log of earlier ones', async () => {
  engine.state.containers = [{ name: 'web', log: '', earlierLog: 'no route\n' }];
  expect(await lastLines('web', docker)).toEqual(['no route']);
});

test('A container that was removed has no lines', async () => {
  expect(await lastLines('web', docker)).toEqual([]);
});

test('A follower has the last lines of a container that is removed', async () => {
  const log = Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join('');
  engine.state.containers = [{ name: 'web', log }];
  const follower = await LogFollower.of('web', docker);
  engine.state.containers = [];
  const lines = await follower.lastLines();
  expect(lines).toHaveLength(20);
  expect(lines.at(-1)).toBe('line 99');
});
