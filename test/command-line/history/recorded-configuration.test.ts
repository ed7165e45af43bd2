import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppService, Engine, HealthCheck, Image, Job, type TradingStack } from '../../../lib';
import type { DeployedContent, RecordedImage } from '../../../lib/command-line/history/deploy-record';
import type { Configuration } from '../../../lib/command-line/synthesis/configuration';
import { configurationFor, imagesIn } from '../../../lib/command-line/history/recorded-configuration';
import { createStack, synthesize } from '../../setup/synthesize';
import { inTemporaryFolder } from '../../setup/temporary-folder';

const NODE = Image.fromRegistry('node:24-slim');
const TODAY: Configuration = {
  terraform: { backend: { local: { path: 'new' } }, required_providers: { docker: { version: '4.5.0' } } },
  provider: { docker: [{ host: 'ssh://desk@new' }] },
};

/** A job, a service that is built, and one that is pulled. */
function createDesk(engine: Engine): TradingStack {
  return inTemporaryFolder((folder) => {
    mkdirSync(join(folder, 'bot'));
    writeFileSync(join(folder, 'bot/Dockerfile'), 'FROM node:24-slim\nCMD ["node", "main.js"]\n');
    return createStack(
      (stack) => {
        const healthCheck = HealthCheck.http(8000, { via: 'node' });
        const job = new Job(stack, 'migrate', { image: NODE, command: ['node', 'migrate.js'] });
        new AppService(stack, 'bot', { image: Image.fromBuild(join(folder, 'bot')), uses: [job], healthCheck });
        new AppService(stack, 'feed', { image: NODE, healthCheck });
      },
      { engine },
    );
  });
}

function contentOf(stack: TradingStack): DeployedContent {
  const configuration = synthesize(stack) as unknown as Configuration;
  const { workloads, prefix, engine } = stack.platform;
  const images = imagesIn(configuration).map((image): RecordedImage => ({
    ...image,
    id: `sha256:${image.isBuilt ? 'b' : 'a'}`,
    digest: image.isBuilt ? null : 'node@sha256:d',
  }));
  return { configuration, workloads, images, prefix, engine: engine.name, stateFile: stack.stateFile };
}

type Block = Readonly<Record<string, unknown>>;

function resourceOf({ resource = {} }: Configuration, type: string, id: RegExp): Block {
  const [found] = Object.entries(resource[type] ?? {}).filter(([key]) => id.test(key));
  return found?.[1] ?? {};
}

describe('the configuration of a rollback', () => {
  const content = contentOf(createDesk(Engine.docker()));
  const earlier = configurationFor(content, TODAY);

  test('builds nothing, because the folder has other files by now', () => {
    const built = resourceOf(content.configuration, 'docker_image', /bot/);
    const reused = resourceOf(earlier, 'docker_image', /bot/);

    expect(built.build).toBeDefined();
    expect(reused).toEqual({ ...built, build: undefined });
    expect(imagesIn(content.configuration).filter(({ isBuilt }) => isBuilt)).toEqual([
      expect.objectContaining({ name: expect.stringMatching(/^desk-bot:/) as unknown }),
    ]);
  });

  test('names the images by their ids, whatever their names refer to by now', () => {
    expect(resourceOf(content.configuration, 'docker_container', /bot/).image).toMatch(/\.image_id\}$/);
    expect(resourceOf(earlier, 'docker_container', /bot/).image).toBe('${"sha256:b"}');
    expect(resourceOf(earlier, 'docker_container', /feed/).image).toBe('${"sha256:a"}');
  });

  test('names the published images of a Swarm by their digests', () => {
    const onSwarm = configurationFor(contentOf(createDesk(Engine.swarm())), TODAY);

    expect(JSON.stringify(resourceOf(onSwarm, 'docker_service', /feed/))).toContain('node@sha256:d');
    expect(JSON.stringify(onSwarm)).not.toContain('repo_digest');
  });

  test('does not run a job again that has run', () => {
    const lifecycle = resourceOf(earlier, 'docker_container', /migrate/).lifecycle as Block;

    expect(lifecycle.ignore_changes).toBe('all');
    expect(resourceOf(earlier, 'docker_container', /feed/).lifecycle).toEqual(
      resourceOf(content.configuration, 'docker_container', /feed/).lifecycle,
    );
  });

  test('accepts that a job of the later version has failed, but not that it fails again', () => {
    const [address = ''] = content.workloads.filter(({ spec }) => spec.kind === 'job').map((job) => job.address);
    const tolerant = configurationFor(content, TODAY, new Map([[address, 'c0ffee']]));
    const lifecycle = resourceOf(tolerant, 'docker_container', /migrate/).lifecycle as Block;

    expect(lifecycle.postcondition).toEqual([
      expect.objectContaining({ condition: '${self.id == "c0ffee" || self.exit_code == 0}' }),
    ]);
  });

  test('leaves the state and the engine where they are, with the version of the provider that it was for', () => {
    expect(earlier.terraform.backend).toEqual({ local: { path: 'new' } });
    expect(earlier.terraform.required_providers).toEqual(content.configuration.terraform.required_providers);
    expect(earlier.provider).toEqual({ docker: [{ host: 'ssh://desk@new' }] });
  });
});
