import { run } from './cli/commands';
import { createApp } from './trading';

void run(process.argv, createApp).then((exitCode) => {
  process.exitCode = exitCode;
});
