import { Engine, Image, Job, RedisCache, Secret, SecretDelivery, Size, Volume, Workload } from '../../../lib';
import { containerNamed, createStack, synthesizeStack } from '../../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

test('an image stays on the engine when the stack goes: others may use it', () => {
  const { resource } = synthesizeStack((stack) => new Workload(stack, 'bot', { image }));
  expect(Object.values(resource.docker_image ?? {})).toMatchObject([
    { name: 'ghcr.io/desk/bot:2.4', keep_locally: true },
  ]);
});

test('a container names the content of its image, not the tag, so that a tag that moves replaces it', () => {
  const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image }));
  expect(containerNamed(terraform, 'desk-bot').image).toMatch(/^\$\{docker_image\..*\.image_id\}$/);
});

test('a container names the network by its id', () => {
  const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image }));
  expect(containerNamed(terraform, 'desk-bot').networks_advanced).toEqual([
    { name: expect.stringMatching(/^\$\{docker_network\..*\.id\}$/) as string, aliases: ['bot'] },
  ]);
});

test('a container names a volume by its name, so that its replacement fails and the data stays', () => {
  const volumes = [Volume.ephemeral('scratch').mountAt('/scratch')];
  const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image, volumes }));
  expect(containerNamed(terraform, 'desk-bot').volumes).toMatchObject([
    { volume_name: '${docker_volume.volume_desk_scratch.name}' },
  ]);
});

test.each([
  [
    'a service',
    (stack: ConstructorParameters<typeof Workload>[0], resources: { memoryReservation: Size }) =>
      new Workload(stack, 'bot', { image, resources }),
  ],
  [
    'a job',
    (stack: ConstructorParameters<typeof Workload>[0], resources: { memoryReservation: Size }) =>
      new Job(stack, 'bot', { image, resources }),
  ],
])('the memory that %s gets back to is passed on, though the typed bindings do not know it', (_what, create) => {
  const terraform = synthesizeStack((stack) => create(stack, { memoryReservation: Size.mebibytes(256) }));
  expect(containerNamed(terraform, 'desk-bot').memory_reservation).toBe(256);
});

test('a secret is the file itself: nothing of it is in the output but its path', () => {
  const terraform = synthesizeStack((stack) => {
    new Workload(stack, 'bot', { image, secrets: { API_KEY: Secret.generated(stack, 'api_key') } });
  });
  expect(terraform.resource).not.toHaveProperty('docker_secret');
  expect(containerNamed(terraform, 'desk-bot').volumes).toEqual([
    {
      host_path: '${abspath("${path.root}/../../../.secrets/desk/api_key")}',
      container_path: '/run/secrets/api_key',
      read_only: true,
    },
  ]);
});

describe('a secret on an engine', () => {
  const botOn = (host: string, delivery: SecretDelivery) => () =>
    createStack(
      (stack) => {
        const secrets = { API_KEY: Secret.generated(stack, 'api_key').deliveredAs(delivery) };
        new Workload(stack, 'bot', { image, command: ['/bot'], secrets });
      },
      { engine: Engine.docker({ host }) },
    );

  test.each([
    'ssh://desk@trading-1',
    'tcp://10.0.0.2:2376',
    'https://10.0.0.2:2376',
    'tcp://127.0.0.1:2375',
    'tcp://localhost:2375',
  ])('that may be elsewhere, %s, is refused: the container would start without it', (host) => {
    expect(botOn(host, SecretDelivery.FILE)).toThrow(
      `desk/bot: its secrets (api_key) are files of the machine that deploys, and the engine at ${host} may be on another ` +
        'one, where its container would start without them. Deploy on the server itself, without `host` of Engine.docker, ' +
        'or use an engine of this machine: remote engines get secrets in a later version.',
    );
    expect(botOn(host, SecretDelivery.EXPORTED)).toThrow('desk/bot: its secrets (api_key) are files');
  });

  test('that may be elsewhere is refused to a server for its own password', () => {
    const engine = Engine.docker({ host: 'ssh://desk@trading-1' });
    expect(() => createStack((stack) => new RedisCache(stack, 'redis'), { engine })).toThrow(
      'desk/redis: its secrets (redis_password, redis_auth.conf) are files of the machine that deploys',
    );
  });

  test.each(['', 'unix:///run/user/1000/docker.sock', 'npipe:////./pipe/docker_engine'])(
    'of this machine, %j, is mounted',
    (host) => {
      expect(botOn(host, SecretDelivery.FILE)).not.toThrow();
    },
  );

  test('that may be elsewhere arrives there in a variable: Terraform reads it here', () => {
    expect(botOn('ssh://desk@trading-1', SecretDelivery.ENVIRONMENT)).not.toThrow();
  });
});
