import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/engine/address';
import { FakeEngine } from '../desk/engine';

let engine: FakeEngine;
let docker: DockerApi;

beforeEach(async () => {
  engine = await FakeEngine.start();
  const api = DockerApi.at(engineAddress(undefined, { DOCKER_HOST: engine.host }));
  if (api === undefined) throw new Error('a socket can be reached');
  docker = api;
});

afterEach(async () => {
  await engine.stop();
});

test('The version of the engine is asked for over its socket', async () => {
  expect(await docker.version()).toBe('28.2.2');
});

test('Logs come without the frames that carry them, from both streams', async () => {
  engine.state.containers = [{ name: 'web', log: 'listening\nÄrger: no such table\n' }];
  expect(await docker.logs('web', 20)).toEqual(['listening', 'Ärger: no such table']);
});

test('Logs of a container with a terminal have no frames', async () => {
  engine.state.containers = [{ name: 'web', log: 'listening\r\nready\r\n', isTerminal: true }];
  expect(await docker.logs('web', 20)).toEqual(['listening', 'ready']);
});

test('A volume exists or it does not', async () => {
  engine.state.volumes = ['desk_logs'];
  expect(await docker.volumeExists('desk_logs')).toBe(true);
  expect(await docker.volumeExists('desk_other')).toBe(false);
});

test('A volume can be removed, unless it is in use', async () => {
  engine.state.volumes = ['free', 'busy'];
  engine.state.volumesInUse = ['busy'];
  await docker.removeVolume('free');
  expect(engine.state.volumes).toEqual(['busy']);
  await expect(docker.removeVolume('busy')).rejects.toThrow('remove busy: volume is in use');
});

test('Containers with a volume are those that run', async () => {
  engine.state.containers = [
    { name: 'server', volumes: ['data'] },
    { name: 'ended', volumes: ['data'], status: 'exited' },
    { name: 'other', volumes: ['logs'] },
  ];
  expect((await docker.containersWith('data')).map(({ Id }) => Id)).toEqual(['server']);
});

test('An image has labels, or none, or is not there', async () => {
  engine.state.images = { 'quay.io/desk/gateway:1.0': { team: 'desk' }, 'redis:7': {} };
  expect(await docker.imageLabels('quay.io/desk/gateway:1.0')).toEqual({ team: 'desk' });
  expect(await docker.imageLabels('redis:7')).toEqual({});
  expect(await docker.imageLabels('redis:8')).toBeUndefined();
});

test('An engine that is no manager of a Swarm says so', async () => {
  expect(await docker.isSwarmManager()).toBe(false);
  engine.state.isSwarmManager = true;
  expect(await docker.isSwarmManager()).toBe(true);
});

test('A question that is not answered says what was asked for, where, and what can be done', async () => {
  engine.state.failing = ['/containers'];
  await expect(docker.containers()).rejects.toThrow(
    `Docker at ${engine.host} answered GET /containers/json with 500: no space left on device. Run the command again; ` +
      'if that does not help, look into the log of the engine (journalctl --unit docker).',
  );
  const gone = DockerApi.at(engineAddress('unix:///nowhere/docker.sock', {}));
  await expect(gone?.containersWith('data')).rejects.toThrow(
    'Docker does not answer at unix:///nowhere/docker.sock (GET /containers/json: connect ENOENT ' +
      '/nowhere/docker.sock). Start it, or set DOCKER_HOST.',
  );
});

test('There is no API where only Terraform can reach the engine', () => {
  expect(DockerApi.at(engineAddress('ssh://desk@host'))).toBeUndefined();
});
