import { Volume, Image, Job, Secret, Size, Workload } from '../../../lib';
import { containerNamed, synthesizeStack } from '../../setup/synthesize';

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
