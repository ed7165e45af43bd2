import { AppService, type DockerEngineOptions, Engine, Image, TradingStack, Workload } from '../../lib';
import { createApp, type Terraform, synthesize } from '../setup/synthesize';
import { warningsUnder } from '../../lib/platform/warnings';

type Options = Pick<DockerEngineOptions, 'providerVersion'>;

const SERVICE = 'examples/reference-service';

function terraformFor(engine: Engine): Terraform {
  const stack = new TradingStack(createApp(), 'desk', { engine });
  new AppService(stack, 'api', { image: Image.fromBuild(SERVICE) });
  new Workload(stack, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4') });
  return synthesize(stack);
}

describe.each([
  { name: 'docker', create: (options: Options) => Engine.docker(options) },
  { name: 'swarm', create: (options: Options) => Engine.swarm(options) },
])('the provider on $name', ({ create }) => {
  test('is 3.9.0 by default', () => {
    expect(terraformFor(create({})).terraform).toHaveProperty('required_providers.docker.version', '3.9.0');
  });

  test('has the version that the engine asks for', () => {
    const { terraform } = terraformFor(create({ providerVersion: '4.5.0' }));
    expect(terraform).toHaveProperty('required_providers.docker.version', '4.5.0');
  });

  test.each(['3.6.2', '5.0.0', '~> 4.5', '4.5', 'v4.5.0', ''])('cannot be %j', (providerVersion) => {
    expect(() => create({ providerVersion })).toThrowCode(
      'invalid-value',
      `Engine.`,
      'providerVersion',
      '3.9.0',
      '4.5.0',
    );
  });

  test('4.x builds on the engine of the stack, and not again when a stack moves to it', () => {
    const images = Object.values(terraformFor(create({ providerVersion: '4.5.0' })).resource.docker_image ?? {});
    expect(images).toContainEqual(
      expect.objectContaining({
        build: expect.objectContaining({ context: `../../../${SERVICE}`, use_legacy_builder: true }) as unknown,
        lifecycle: { ignore_changes: ['build'] },
      }),
    );
    expect(images).toContainEqual(expect.not.objectContaining({ build: expect.anything() as unknown }));
  });

  test('3.9.0 has no field for the builder', () => {
    const images = Object.values(terraformFor(create({})).resource.docker_image ?? {});
    expect(JSON.stringify(images)).not.toContain('use_legacy_builder');
  });
});

test.each([
  { providerVersion: '3.9.0', field: 'name' },
  { providerVersion: '4.0.0', field: 'id' },
  { providerVersion: '4.5.0', field: 'id' },
])('a service refers to its network in the field $field of version $providerVersion', ({ providerVersion, field }) => {
  const { resource } = terraformFor(Engine.swarm({ providerVersion }));
  const networks = Object.values(resource.docker_service ?? {}).map((service) => service.task_spec);
  expect(networks).toHaveLength(2);
  expect(networks).toMatchObject([
    { networks_advanced: [{ [field]: expect.stringMatching(/^\$\{docker_network/) as string, aliases: ['api'] }] },
    { networks_advanced: [{ [field]: expect.stringMatching(/^\$\{docker_network/) as string, aliases: ['bot'] }] },
  ]);
});

test.each([
  { providerVersion: '4.5.0', warnings: 0 },
  { providerVersion: '4.1.0', warnings: 1 },
  { providerVersion: '4.6.0', warnings: 1 },
])('version $providerVersion has $warnings warnings that it was not tested', ({ providerVersion, warnings }) => {
  const stack = new TradingStack(createApp(), 'desk', { engine: Engine.docker({ providerVersion }) });
  const untested = warningsUnder(stack).filter(({ code }) => code === 'provider-untested');
  expect(untested.filter(({ about }) => about.includes(providerVersion))).toHaveLength(warnings);
});
