import { App } from 'cdktf';
import { runCommandLine } from '../../lib/command-line';
import { createPlatformStack } from './stack';

// This system alone, on the host ports of its documents: npx ts-node examples/platform/app.ts deploy
void runCommandLine(() => {
  const app = new App();
  // The variables of the original script: DOCKER_REGISTRY=gcr.io/your-project-id VERSION=v1.0.0
  const { DOCKER_REGISTRY: registry, VERSION: version } = process.env;
  createPlatformStack(app, registry && version ? { release: { registry, version } } : {});
  return app;
});
