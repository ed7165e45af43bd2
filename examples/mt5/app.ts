import { App } from 'cdktf';
import { runCommandLine } from '../../lib/command-line';
import { createMt5Stack } from './stack';

// This system alone, on the host ports of its documents: npx ts-node examples/mt5/app.ts deploy
void runCommandLine(() => {
  const app = new App();
  createMt5Stack(app);
  return app;
});
