import { App } from 'cdktf';
import { runCommandLine } from '../../lib/command-line';
import { createMasterTradeStack } from './stack';

// This system alone, on the host ports of its documents: npx ts-node examples/mastertrade/app.ts deploy
void runCommandLine(() => {
  const app = new App();
  createMasterTradeStack(app);
  return app;
});
