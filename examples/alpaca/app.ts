import { App } from 'cdktf';
import { runCommandLine } from '../../lib/command-line';
import { createAlpacaStack } from './stack';

// This system alone, on the host ports of its documents: npx ts-node examples/alpaca/app.ts deploy
void runCommandLine(() => {
  const app = new App();
  createAlpacaStack(app);
  return app;
});
