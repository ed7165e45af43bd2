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

test('a port on loopback is rejected before a missing placement', () => {
  const ports = [PublishedPort.loopback(8080)];
  expect(() => onCluster((stack) => new Workload(stack, 'bot', { image, ports }))).toThrowCode(
    'unsupported-by-engine',
    'publishing port 8080 only on 127.0.0.1',
  );
});

describe('placement on a cluster', () => {
  test('a server runs on the node with the data', () => {
    const terraform = onCluster((stack) => new RedisCache(stack, 'redis'));
    expect(serviceNamed(terraform, 'desk-redis')).toMatchObject({
      task_spec: { placement: { constraints: ['node.labels.trading.data == true'] } },
      lifecycle: { ignore_changes: ['task_spec[0].placement[0].platforms'] },
    });
  });

  test.each([
    ['a retained', Volume.retained('logs')],
    ['an ephemeral', Volume.ephemeral('logs')],
    ['an external', Volume.fromName('logs')],
  ])('a service with %s volume runs on the node with the data', (_what, volume) => {
    const expected = { constraints: ['node.labels.trading.data == true'] };
    expect(placementOf({ volumes: [volume.mountAt('/a')] })).toEqual(expected);
  });

  test('the node with the data has to have all labels of dataNode', () => {
    const engine = { cluster: { dataNode: { rack: 'a', disk: 'nvme' } } };
    expect(placementOf({ volumes }, engine)).toEqual({
      constraints: ['node.labels.disk == nvme', 'node.labels.rack == a'],
    });
  });

  test('a service without data has no placement', () => {
    expect(placementOf({ replicas: 3 })).toBeUndefined();
  });

  test('a maximum of replicas per node is combined with the node with the data', () => {
    expect(placementOf({ volumes, placement: [Placement.replicasPerNode(1)] })).toEqual({
      constraints: ['node.labels.trading.data == true'],
      max_replicas: 1,
    });
  });

  test('a service that names its node runs there', () => {
    const expected = { constraints: ['node.hostname == desk-3'] };
    expect(placementOf({ volumes, placement: [Placement.node('desk-3')] })).toEqual(expected);
  });

  test('further constraints are added to the node with the data, as other nodes have an empty volume', () => {
    const placement = [Placement.withoutNodeLabel('gpu', 'true'), Placement.nodeLabel('disk', 'nvme')];
    expect(placementOf({ volumes, placement })).toEqual({
      constraints: ['node.labels.disk == nvme', 'node.labels.gpu != true', 'node.labels.trading.data == true'],
    });
  });

  test('further constraints of a server are added to the node with the data', () => {
    const placement = [Placement.withoutNodeLabel('gpu', 'true')];
    const terraform = onCluster((stack) => new PostgresDb(stack, 'db', { placement }));
    expect(serviceNamed(terraform, 'desk-db')).toHaveProperty('task_spec.placement.constraints', [
      'node.labels.gpu != true',
      'node.labels.trading.data == true',
    ]);
  });

  test('the registered workload has the final placement', () => {
    const stack = createStack((desk) => new Workload(desk, 'bot', { image, volumes }), {
      engine: Engine.swarm({ cluster: { dataNode } }),
    });
    expect(stack.platform.workloads.map(({ spec }) => spec.placement.constraints)).toEqual([
      [{ on: 'label', name: 'trading.data', value: 'true', equals: true }],
    ]);
  });

  test.each([
    ['no placement', []],
    ['a label to avoid', [Placement.withoutNodeLabel('gpu', 'true')]],
    ['a maximum per node', [Placement.replicasPerNode(1)]],
  ])('rejects a published port with %s', (_what, placement) => {
    const publish = [PublishedPort.allInterfaces(8080)];
    expect(() => placementOf({ ports: publish, placement })).toThrowCode(
      'placement-missing',
      'desk/bot',
      'the port 8080',
    );
  });

  test.each([
    ['Placement.node', { placement: [Placement.node('desk-1')] }, 'node.hostname == desk-1'],
    ['a label', { placement: [Placement.nodeLabel('edge', 'true')] }, 'node.labels.edge == true'],
    ['its data', { volumes }, 'node.labels.trading.data == true'],
  ])('a published port is on the node selected by %s', (_what, options, constraint) => {
    const publish = [PublishedPort.allInterfaces(8080)];
    expect(placementOf({ ports: publish, ...options })).toEqual({ constraints: [constraint] });
  });

  test('rejects a volume without a node for the data', () => {
    const placement = [Placement.withoutNodeLabel('gpu', 'true')];
    for (const options of [{ volumes }, { volumes, placement }]) {
      expect(() => placementOf(options, { cluster: {} })).toThrowCode('placement-missing', 'desk/bot', 'desk_models');
    }
  });

  test('rejects a bind mount without a placement', () => {
    const mounts = [BindMount.readOnly('package.json', '/app/package.json')];
    for (const placement of [[], [Placement.withoutNodeLabel('gpu', 'true')]]) {
      expect(() => placementOf({ bindMounts: mounts, placement })).toThrowCode(
        'placement-missing',
        'desk/bot',
        '/app/package.json',
      );
    }
    expect(placementOf({ bindMounts: mounts, placement: [Placement.manager()] })).toEqual({
      constraints: ['node.role == manager'],
    });
  });

  test('rejects a volume of a job, which runs on the manager and not on the node with the data', () => {
    const build = (options: Partial<WorkloadProps>) =>
      onCluster((stack) => new Job(stack, 'migrate', { image, command: ['migrate'], ...options }));
    expect(containerNamed(build({}), 'desk-migrate').command).toEqual(['migrate']);
    expect(() => build({ volumes })).toThrowCode('unsupported-by-engine', 'desk/migrate', 'desk_models');
  });
});

describe('a built image on a cluster', () => {
  const built = Image.fromBuild('test/engines', { name: 'desk-bot', dockerfile: __filename });

  test('a built image is pushed to the registry of the cluster and referred to by its digest there', () => {
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

  test('a job refers to a built image by its digest in the registry, too', () => {
    const terraform = onCluster((stack) => new Job(stack, 'migrate', { image: built }));
    expect(containerNamed(terraform, 'desk-migrate').image).toMatch(
      /^registry\.desk\.example:5000\/desk-bot@\$\{docker_registry_image\..*\.sha256_digest\}$/,
    );
  });

  test('rejects a built image without a registry, because other nodes could not pull it', () => {
    const build = () => onCluster((stack) => new Workload(stack, 'bot', { image: built }), { cluster: { dataNode } });
    expect(build).toThrowCode('unsupported-by-engine', 'desk/bot', 'desk-bot:', 'cluster.registry');
  });

  test('a built image is not pushed on a Swarm with one node', () => {
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

  test('the registry of a cluster needs no login by default', () => {
    expect(authOf({})).toEqual([{ address: registry, auth_disabled: true }]);
  });

  test('the registry of a cluster uses the login of the deploying machine if `registries` lists it', () => {
    expect(authOf({ registries: [registry, 'ghcr.io'] })).toEqual([{ address: 'ghcr.io' }, { address: registry }]);
  });

  test('the registry of a cluster may have no TLS, and a path', () => {
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

  test.each(['', 'Registry', 'ftp://a', 'a b'])('rejects the cluster registry %j', (name) => {
    expect(() => Engine.swarm({ cluster: { registry: name } })).toThrowCode(
      'invalid-value',
      `cluster.registry cannot be '${name}'`,
    );
  });

  test('rejects a label of dataNode that Docker would parse differently', () => {
    expect(() => Engine.swarm({ cluster: { dataNode: { 'a b': 'true' } } })).toThrowCode(
      'invalid-value',
      "cluster.dataNode cannot be 'a b'",
    );
  });

  test('rejects an unknown option of the engine or its cluster', () => {
    const cluster: object = { dataNodes: { 'trading.data': 'true' } };
    expect(() => Engine.swarm({ cluster })).toThrowCode('unknown-option', 'cluster.dataNodes', 'dataNode');
    const options: object = { hosts: 'ssh://desk@trading-1' };
    expect(() => Engine.swarm(options)).toThrowCode('unknown-option', 'Engine.swarm', 'hosts');
    expect(() => Engine.docker(options)).toThrowCode('unknown-option', 'Engine.docker', 'hosts');
  });
});
