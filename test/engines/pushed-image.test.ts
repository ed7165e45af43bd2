import { Engine, Image, type TradingStack, Workload } from '../../lib';
import { containerNamed, createStack, serviceNamed, synthesizeStack } from '../setup/synthesize';
import { TemporaryProject } from '../workload/temporary-project';

const project = TemporaryProject.forEveryTest();
const NAME = 'registry.example.com/desk/gateway:v1.0.0';
const registries = ['registry.example.com'];

beforeEach(() => {
  project.write('gateway/Dockerfile', 'FROM python:3.14-slim\n');
});

function addGateway(stack: TradingStack, name?: string): void {
  new Workload(stack, 'gateway', {
    image: Image.fromBuild('gateway', { ...(name !== undefined && { name }), push: true }),
  });
}

describe('an image that is pushed', () => {
  test('is built and pushed under its version, and runs on the Docker engine as it was built', () => {
    const terraform = synthesizeStack(
      (stack) => {
        addGateway(stack, NAME);
      },
      { engine: Engine.docker({ registries }) },
    );
    const [[address, built] = []] = Object.entries(terraform.resource.docker_image ?? {});
    expect(built).toMatchObject({ name: NAME, build: { context: '../../../gateway' }, keep_locally: true });
    expect(Object.values(terraform.resource.docker_registry_image ?? {})).toEqual([
      {
        name: `\${docker_image.${address}.name}`,
        keep_remotely: true,
        triggers: { image: `\${docker_image.${address}.image_id}` },
      },
    ]);
    expect(containerNamed(terraform, 'desk-gateway').image).toBe(`\${docker_image.${address}.image_id}`);
  });

  test.each([
    ['one node', {}],
    ['several nodes, instead of the registry of the cluster', { cluster: { registry: 'registry.desk.example:5000' } }],
  ])('is pulled by its digest on a Swarm with %s', (_, options) => {
    const engine = Engine.swarm({ ...options, registries });
    const terraform = synthesizeStack(
      (stack) => {
        addGateway(stack, NAME);
      },
      { engine },
    );
    const [pushed] = Object.keys(terraform.resource.docker_registry_image ?? {});
    expect(serviceNamed(terraform, 'desk-gateway')).toMatchObject({
      task_spec: {
        container_spec: {
          image: `registry.example.com/desk/gateway@\${docker_registry_image.${String(pushed)}.sha256_digest}`,
        },
      },
    });
  });

  test('keeps its Terraform address in a new version', () => {
    const addressOf = (name: string): string | undefined => {
      const terraform = synthesizeStack(
        (stack) => {
          addGateway(stack, name);
        },
        { engine: Engine.docker({ registries }) },
      );
      return Object.keys(terraform.resource.docker_registry_image ?? {})[0];
    };
    expect(addressOf(NAME.replace('v1.0.0', 'v1.1.0'))).toBe(addressOf(NAME));
  });

  test.each([
    [['https://registry.example.com'], NAME],
    [['index.docker.io'], 'desk/gateway:v1.0.0'],
  ])('finds its registry in %j', (registries, name) => {
    expect(() =>
      createStack(
        (stack) => {
          addGateway(stack, name);
        },
        { engine: Engine.docker({ registries }) },
      ),
    ).not.toThrow();
  });

  test('is refused without a name, and if the engine does not list its registry', () => {
    const build = (name?: string) => () =>
      createStack(
        (stack) => {
          addGateway(stack, name);
        },
        { engine: Engine.docker({ registries: ['ghcr.io'] }) },
      );
    expect(build()).toThrowCode('missing-option', 'desk/gateway: ', 'name');
    expect(build(NAME)).toThrowCode('missing-option', NAME, "Engine.docker({ registries: ['registry.example.com'] })");
  });
});

test('Two builds cannot have the same version', () => {
  const build = (): unknown =>
    createStack((stack) => {
      project.write('other/Dockerfile', 'FROM node:24-slim\n');
      new Workload(stack, 'one', { image: Image.fromBuild('gateway', { name: NAME }) });
      new Workload(stack, 'two', { image: Image.fromBuild('other', { name: NAME }) });
    });
  expect(build).toThrowCode('image-name-taken', 'desk/two');
});

test.each(['latest', 'staging'])('The tag %s, which is no version, is refused for a build', (tag) => {
  const image = Image.fromBuild('gateway', { name: `desk/gateway:${tag}` });
  expect(() => createStack((stack) => new Workload(stack, 'gateway', { image }))).toThrowCode('image-not-pinned', tag);
});
