import {
  BindMount,
  Volume,
  Engine,
  PublishedPort,
  Image,
  Job,
  Placement,
  PostgresDb,
  RedisCache,
  type SwarmEngineOptions,
  type TradingStack,
  Workload,
  type WorkloadProps,
} from '../../../lib';
import { Reviewed } from '../../setup/review-snapshot';
import { containerNamed, createStack, serviceNamed, synthesizeStack, type Terraform } from '../../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
const dataNode = { 'trading.data': 'true' };
const registry = 'registry.desk.example:5000';

function onCluster(build: (stack: TradingStack) => void, options: SwarmEngineOptions = {}): Terraform {
  return synthesizeStack(build, { engine: Engine.swarm({ cluster: { dataNode, registry }, ...options }) });
}

function placementOf(options: Partial<WorkloadProps>, engine: SwarmEngineOptions = {}): unknown {
  const terraform = onCluster((stack) => new Workload(stack, 'bot', { image, ...options }), engine);
  return (serviceNamed(terraform, 'desk-bot').task_spec as { placement?: unknown }).placement;
}

const volumes = [Volume.retained('models').mountAt('/models')];

test('a port that no Swarm can have is said before where it would have to be', () => {
  const publish = [PublishedPort.loopback(8080)];
  expect(() => onCluster((stack) => new Workload(stack, 'bot', { image, ports: publish }))).toThrow(
    'publishing 8080 on 127.0.0.1 only',
  );
});

describe('on a cluster', () => {
  test('a server runs on the node with the data', () => {
    const terraform = onCluster((stack) => new RedisCache(stack, 'redis'));
    expect(serviceNamed(terraform, 'desk-redis')).toMatchObject({
      task_spec: { placement: { constraints: ['node.labels.trading.data == true'] } },
      lifecycle: { ignore_changes: ['task_spec[0].placement[0].platforms'] },
    });
  });

  test.each([
    ['that is kept', Volume.retained('logs')],
    ['that goes with the stack', Volume.ephemeral('logs')],
    ['of somebody else', Volume.fromName('logs')],
  ])('so does everything with a volume %s', (_what, volume) => {
    const expected = { constraints: ['node.labels.trading.data == true'] };
    expect(placementOf({ volumes: [volume.mountAt('/a')] })).toEqual(expected);
  });

  test('several labels all have to be there', () => {
    const engine = { cluster: { dataNode: { rack: 'a', disk: 'nvme' } } };
    expect(placementOf({ volumes }, engine)).toEqual({
      constraints: ['node.labels.disk == nvme', 'node.labels.rack == a'],
    });
  });

  test('what keeps nothing runs anywhere', () => {
    expect(placementOf({ replicas: 3 })).toBeUndefined();
  });

  test('a number of replicas for each node holds beside the node with the data', () => {
    expect(placementOf({ volumes, placement: [Placement.replicasPerNode(1)] })).toEqual({
      constraints: ['node.labels.trading.data == true'],
      max_replicas: 1,
    });
  });

  test('what says itself where its data is runs there', () => {
    const expected = { constraints: ['node.hostname == desk-3'] };
    expect(placementOf({ volumes, placement: [Placement.node('desk-3')] })).toEqual(expected);
  });

  test('what asks more of a node stays with its data: another node would have an empty volume', () => {
    const placement = [Placement.withoutNodeLabel('gpu', 'true'), Placement.nodeLabel('disk', 'nvme')];
    expect(placementOf({ volumes, placement })).toEqual({
      constraints: ['node.labels.disk == nvme', 'node.labels.gpu != true', 'node.labels.trading.data == true'],
    });
  });

  test('so does a server', () => {
    const placement = [Placement.withoutNodeLabel('gpu', 'true')];
    const terraform = onCluster((stack) => new PostgresDb(stack, 'db', { placement }));
    expect(serviceNamed(terraform, 'desk-db')).toHaveProperty('task_spec.placement.constraints', [
      'node.labels.gpu != true',
      'node.labels.trading.data == true',
    ]);
  });

  test('a preflight sees the placement that a service has', () => {
    const stack = createStack((desk) => new Workload(desk, 'bot', { image, volumes }), {
      engine: Engine.swarm({ cluster: { dataNode } }),
    });
    expect(stack.platform.workloads.map(({ spec }) => spec.placement.constraints)).toEqual([
      [{ on: 'label', name: 'trading.data', value: 'true', equals: true }],
    ]);
  });

  test.each([
    ['no node by its label', []],
    ['what a node is not', [Placement.withoutNodeLabel('gpu', 'true')]],
    ['a number for each node', [Placement.replicasPerNode(1)]],
  ])('a published port is refused where the placement says %s', (_what, placement) => {
    const publish = [PublishedPort.allInterfaces(8080)];
    expect(() => placementOf({ ports: publish, placement })).toThrow(
      /^desk\/bot: it publishes the port 8080 on the node that it runs on, .* Say with `placement` which node that is/,
    );
  });

  test.each([
    ['Placement.node', { placement: [Placement.node('desk-1')] }, 'node.hostname == desk-1'],
    ['a label', { placement: [Placement.nodeLabel('edge', 'true')] }, 'node.labels.edge == true'],
    ['its data', { volumes }, 'node.labels.trading.data == true'],
  ])('a published port is on the node that %s says', (_what, options, constraint) => {
    const publish = [PublishedPort.allInterfaces(8080)];
    expect(placementOf({ ports: publish, ...options })).toEqual({ constraints: [constraint] });
  });

  test('a volume without a node that has the data is refused', () => {
    const message =
      'desk/bot: its volume desk_models would be another one, and empty, on each node of the cluster. ' +
      'Say which node has the data: cluster.dataNode for all of the stack, or `placement`.';
    expect(() => placementOf({ volumes }, { cluster: {} })).toThrow(message);
    const placement = [Placement.withoutNodeLabel('gpu', 'true')];
    expect(() => placementOf({ volumes, placement }, { cluster: {} })).toThrow(message);
  });

  test('a file of the deploying host needs a placement', () => {
    const mounts = [BindMount.readOnly('package.json', '/app/package.json')];
    expect(() => placementOf({ bindMounts: mounts })).toThrow(
      /^desk\/bot: it mounts a file .* at \/app\/package\.json, which the nodes .* do not have\. Put it into the image/,
    );
    expect(() => placementOf({ bindMounts: mounts, placement: [Placement.withoutNodeLabel('gpu', 'true')] })).toThrow(
      'or say with `placement` which node has it',
    );
    expect(placementOf({ bindMounts: mounts, placement: [Placement.manager()] })).toEqual({
      constraints: ['node.role == manager'],
    });
  });

  test('a job runs on the manager, where the volume of another node is not', () => {
    const build = (options: Partial<WorkloadProps>) =>
      onCluster((stack) => new Job(stack, 'migrate', { image, command: ['migrate'], ...options }));
    expect(containerNamed(build({}), 'desk-migrate').command).toEqual(['migrate']);
    expect(() => build({ volumes })).toThrow(/^desk\/migrate: it mounts the volume desk_models, and a job runs on the/);
  });
});

describe('an image that is built for a cluster', () => {
  const built = Image.fromBuild('test/engines', { name: 'desk-bot', dockerfile: __filename });

  test('is pushed to its registry, and named by the digest that it has there', () => {
    const terraform = onCluster((stack) => new Workload(stack, 'bot', { image: built }));
    const { docker_image: images, docker_registry_image: pushed } = terraform.resource;

    expect(new Reviewed({ docker_image: images, docker_registry_image: pushed })).toMatchSnapshot();
    const [address] = Object.keys(pushed ?? {});
    expect(serviceNamed(terraform, 'desk-bot')).toMatchObject({
      task_spec: {
        container_spec: {
          image: `${registry}/desk-bot@\${docker_registry_image.${String(address)}.sha256_digest}`,
        },
      },
    });
  });

  test('is the same for a job, on the manager', () => {
    const terraform = onCluster((stack) => new Job(stack, 'migrate', { image: built }));
    expect(containerNamed(terraform, 'desk-migrate').image).toMatch(
      /^registry\.desk\.example:5000\/desk-bot@\$\{docker_registry_image\..*\.sha256_digest\}$/,
    );
  });

  test('is refused without a registry: the other nodes have nowhere to get it', () => {
    const build = () => onCluster((stack) => new Workload(stack, 'bot', { image: built }), { cluster: { dataNode } });
    expect(build).toThrow(
      /^desk\/bot: its image desk-bot:.* is built on one node.*\. Name a registry in cluster\.registry/,
    );
  });

  test('stays on the one node of a Swarm that is no cluster', () => {
    const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image: built }), {
      engine: Engine.swarm(),
    });
    expect(terraform.resource).not.toHaveProperty('docker_registry_image');
  });
});

describe('the registry of a cluster', () => {
  const authOf = (options: SwarmEngineOptions): unknown =>
    (onCluster(() => undefined, options) as unknown as { provider: { docker: { registry_auth: unknown }[] } }).provider
      .docker[0]?.registry_auth;

  test('is pushed to without a login', () => {
    expect(authOf({})).toEqual([{ address: registry, auth_disabled: true }]);
  });

  test('is pushed to with the login of the deploying machine where it stands among the registries', () => {
    expect(authOf({ registries: [registry, 'ghcr.io'] })).toEqual([{ address: 'ghcr.io' }, { address: registry }]);
  });

  test('may have no certificate, and a folder', () => {
    const options = { cluster: { dataNode, registry: `http://${registry}/team` } };
    expect(authOf(options)).toEqual([{ address: `http://${registry}`, auth_disabled: true }]);
    const built = Image.fromBuild('test/engines', { name: 'desk-bot', dockerfile: __filename });
    const { docker_image: images } = onCluster(
      (stack) => new Workload(stack, 'bot', { image: built }),
      options,
    ).resource;
    const [name] = Object.values(images ?? {}).map((block) => block.name);
    expect(name).toMatch(/^registry\.desk\.example:5000\/team\/desk-bot:[0-9a-f]{16}$/);
  });

  test.each(['', 'Registry', 'ftp://a', 'a b'])('is not %j', (name) => {
    expect(() => Engine.swarm({ cluster: { registry: name } })).toThrow(
      /^Engine\.swarm: cluster\.registry cannot be .*\. Give a host, with its port/,
    );
  });

  test('and labels that Docker would read as something else are refused', () => {
    expect(() => Engine.swarm({ cluster: { dataNode: { 'a b': 'true' } } })).toThrow(
      /^Engine\.swarm: cluster\.dataNode cannot be 'a b'\. Give labels of letters/,
    );
  });
});
