import { Image, Job, Secret, Size, Volume, Workload } from '../../../lib';
import { containerNamed, synthesizeStack } from '../../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

test('an image stays on the engine when the stack is destroyed, because other stacks may use it', () => {
  const { resource } = synthesizeStack((stack) => new Workload(stack, 'bot', { image }));
  expect(Object.values(resource.docker_image ?? {})).toMatchObject([
    { name: 'ghcr.io/desk/bot:2.4', keep_locally: true },
  ]);
});

test('a container refers to the content of its image and not to the tag, so that moving the tag replaces it', () => {
  const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image }));
  expect(containerNamed(terraform, 'desk-bot').image).toMatch(/^\$\{docker_image\..*\.image_id\}$/);
});

test('a container refers to the network by its id', () => {
  const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image }));
  expect(containerNamed(terraform, 'desk-bot').networks_advanced).toEqual([
    { name: expect.stringMatching(/^\$\{docker_network\..*\.id\}$/) as string, aliases: ['bot'] },
  ]);
});

test('a container refers to a volume by its name, so that replacing the volume fails and the data stays', () => {
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
])('the memory reservation of %s is rendered, though the typed bindings lack it', (_what, create) => {
  const terraform = synthesizeStack((stack) => create(stack, { memoryReservation: Size.mebibytes(256) }));
  expect(containerNamed(terraform, 'desk-bot').memory_reservation).toBe(256);
});

test('a secret is mounted from its file, and only its path is in the output', () => {
  const terraform = synthesizeStack((stack) => {
    new Workload(stack, 'bot', { image, secrets: { API_KEY: Secret.generated(stack, 'api_key') } });
  });
  expect(terraform.resource).not.toHaveProperty('docker_secret');
  // Docker refuses to create a container if the source of such a mount is missing.
  expect(containerNamed(terraform, 'desk-bot').mounts).toEqual([
    {
      type: 'bind',
      source: '${abspath("${path.root}/../../../.secrets/desk/api_key")}',
      target: '/run/secrets/api_key',
      read_only: true,
    },
  ]);
});
