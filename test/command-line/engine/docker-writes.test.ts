import { engineAddress } from '../../../lib/command-line/connection/address';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { DockerWrites } from '../../../lib/command-line/engine/docker-writes';
import { FakeEngine } from '../desk/engine';

let engine: FakeEngine;
let docker: DockerWrites;

beforeEach(async () => {
  engine = await FakeEngine.start();
  docker = new DockerWrites(DockerApi.at(engineAddress(undefined, { DOCKER_HOST: engine.host })));
});

afterEach(async () => {
  await engine.stop();
});

test('An image that is not imported is an error although the response begins as a success', async () => {
  engine.state.importError = 'write /layer.tar: no space left on device';
  await expect(docker.importImage('desk/empty', '1', Buffer.alloc(1024))).rejects.toThrow('no space left on device');
  engine.state.importError = undefined;
  await docker.importImage('desk/empty', '1', Buffer.alloc(1024));
  expect(engine.state.images).toEqual(['desk/empty:1']);
});

test('A volume is removed unless it is in use', async () => {
  engine.state.volumes = ['free', 'busy'];
  engine.state.volumesInUse = ['busy'];
  await docker.removeVolume('free');
  expect(engine.state.volumes).toEqual(['busy']);
  await expect(docker.removeVolume('busy')).rejects.toThrow('remove busy: volume is in use');
});

test('What is to be removed and does not exist is no error', async () => {
  await expect(docker.removeVolume('gone')).resolves.toBeUndefined();
  await expect(docker.removeContainer('gone')).resolves.toBeUndefined();
});
