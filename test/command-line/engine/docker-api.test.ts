import { DockerApi, DockerApiError } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { FakeEngine } from '../desk/engine';

let engine: FakeEngine;
let docker: DockerApi;

beforeEach(async () => {
  engine = await FakeEngine.start();
  docker = DockerApi.at(engineAddress(undefined, { DOCKER_HOST: engine.host }));
});

afterEach(async () => {
  await engine.stop();
});

test('The version of the engine is requested over its socket', async () => {
  expect(await docker.version()).toBe('28.2.2');
});

test('volumeExists finds a volume by its name', async () => {
  engine.state.volumes = ['desk_logs'];
  expect(await docker.volumeExists('desk_logs')).toBe(true);
  expect(await docker.volumeExists('desk_other')).toBe(false);
});

test('containersWith finds the running containers with a volume', async () => {
  engine.state.containers = [
    { name: 'server', volumes: ['data'] },
    { name: 'ended', volumes: ['data'], status: 'exited' },
    { name: 'other', volumes: ['logs'] },
  ];
  expect((await docker.containersWith('data')).map(({ Id }) => Id)).toEqual(['server']);
});

test('isSwarmManager distinguishes a manager from other engines', async () => {
  expect(await docker.isSwarmManager()).toBe(false);
  engine.state.isSwarmManager = true;
  expect(await docker.isSwarmManager()).toBe(true);
});

test('A failed request names the request, the engine and the reason', async () => {
  engine.state.failing = ['/containers'];
  await expect(docker.containers()).rejects.toMatchObject({
    code: 'docker-failed',
    message: expect.stringMatching(
      /unix:.* answered GET \/containers\/json with 500: no space left on device\..* the engine: journalctl --unit docker$/,
    ) as unknown,
  });
  const gone = DockerApi.at(engineAddress('unix:///nowhere/docker.sock', {}));
  await expect(gone.containersWith('data')).rejects.toMatchObject({
    code: 'docker-unreachable',
    message: expect.stringMatching(/unix:\/\/\/nowhere\/docker\.sock \(GET .*ENOENT.*DOCKER_HOST/) as unknown,
  });
});

test.each([
  ['ssh://desk@trading-1:2222', 'the engine: ssh -p 2222 desk@trading-1 journalctl --unit docker'],
  ['tcp://localhost:2375', 'the engine on its machine: journalctl --unit docker'],
])('The log to check is that of the engine, not of this machine: %s', (host, end) => {
  const error = DockerApiError.answered(engineAddress(host, {}), 'GET /info', 500, 'out of memory');
  expect(error.message.endsWith(end)).toBe(true);
});
