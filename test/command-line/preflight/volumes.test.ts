import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { heldVolumes, missingVolumes } from '../../../lib/command-line/preflight/volumes';
import {
  BackupRetention,
  BackupSchedule,
  BackupTarget,
  Volume,
  Engine,
  Image,
  RedisCache,
  type TradingStack,
  Workload,
} from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { FakeEngine } from '../desk/engine';
import { problem } from '../desk/problem';

const VOLUME = 'desk_redis_data';

let engine: FakeEngine;
let docker: DockerApi;

beforeEach(async () => {
  engine = await FakeEngine.start();
  const api = DockerApi.at(engineAddress(undefined, { DOCKER_CONFIG: engine.clientFolder }));
  docker = api;
});

afterEach(async () => {
  await engine.stop();
});

function stackOn(kind: Engine): TradingStack {
  return createStack(
    (stack) => {
      new RedisCache(stack, 'redis');
      new Workload(stack, 'reader', {
        image: Image.fromRegistry('node:24-slim'),
        volumes: [Volume.fromName('archive').mountAt('/archive')],
      });
    },
    { engine: kind },
  );
}

function taskOf(service: string): object {
  return { labels: { 'com.docker.swarm.service.name': service }, volumes: [VOLUME] };
}

describe('volumes of servers', () => {
  test('A server may keep its own volume, as a container or as a task', async () => {
    engine.state.containers = [{ name: 'desk-redis', volumes: [VOLUME] }];
    expect(await heldVolumes(stackOn(Engine.docker()), docker)).toEqual([]);
    engine.state.containers = [{ name: 'desk-redis.1.a', ...taskOf('desk-redis') }];
    expect(await heldVolumes(stackOn(Engine.swarm()), docker)).toEqual([]);
  });

  test('The container of its backup may use it too', async () => {
    const stack = createStack((desk) => {
      new RedisCache(desk, 'redis').backup({
        to: BackupTarget.hostFolder('/srv/backups'),
        schedule: BackupSchedule.daily('03:00'),
        retention: BackupRetention.of({ daily: 7 }),
      });
    });
    engine.state.containers = ['desk-redis', 'desk-redis-backup'].map((name) => ({ name, volumes: [VOLUME] }));
    expect(await heldVolumes(stack, docker)).toEqual([]);
  });

  test('A volume that the former name of a service still uses is reported with how to stop it', async () => {
    engine.state.containers = [{ name: 'desk-cache.1.a', ...taskOf('desk-cache') }];
    expect(await heldVolumes(stackOn(Engine.swarm()), docker)).toEqual([
      problem(
        'volume-in-use',
        'service desk-cache',
        'desk_redis_data of desk-redis',
        'docker service scale desk-cache=0',
      ),
    ]);
  });

  test('A container of the same name on the other engine still uses the volume', async () => {
    engine.state.containers = [{ name: 'desk-redis', volumes: [VOLUME] }];
    expect(await heldVolumes(stackOn(Engine.swarm()), docker)).toHaveLength(1);
    engine.state.containers = [{ name: 'desk-redis.1.a', ...taskOf('desk-redis') }];
    expect(await heldVolumes(stackOn(Engine.docker()), docker)).toHaveLength(1);
  });
});

describe('volumes of Volume.fromName', () => {
  test.each([
    ['docker', 1, Engine.docker(), 3],
    ['swarm', 1, Engine.swarm(), 1],
    ['swarm', 0, Engine.swarm(), 3],
  ])(
    'On %s a missing volume gives %i problems: other nodes of a Swarm cannot be checked',
    async (_, times, kind, nodes) => {
      engine.state.swarmNodes = nodes;
      expect(await missingVolumes(stackOn(kind), docker)).toHaveLength(times);
      engine.state.volumes = ['archive'];
      expect(await missingVolumes(stackOn(kind), docker)).toEqual([]);
    },
  );
});
