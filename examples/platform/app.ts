import { App } from 'cdktf';
import { runCommandLine } from '../../lib/command-line';
import { createPlatformStack } from './stack';

// This system alone, on the host ports of its documents: npx ts-node examples/platform/app.ts deploy
void runCommandLine(() => {
  const app = new App();
  createPlatformStack(app);
  return app;
});
