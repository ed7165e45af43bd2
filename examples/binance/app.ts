import { App } from 'cdktf';
import { runCommandLine } from '../../lib/command-line';
import { createBinanceStack } from './stack';

// This system alone, on the host ports of its documents: npx ts-node examples/binance/app.ts deploy
void runCommandLine(() => {
  const app = new App();
  createBinanceStack(app);
  return app;
});
