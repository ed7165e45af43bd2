import type { App } from 'cdktf';
import { runCommand } from './commands';

/**
 * Runs a command, such as `synth`, `deploy` or `logs`, on the stacks of an app, according to the arguments, and sets the exit
 * code of the process. With this in `stack.ts` of your project, `ts-node --transpile-only stack.ts deploy desk` deploys
 * a stack.
 * Without a command it synthesizes if cdktf runs it, as the `app` of a `cdktf.json`.
 *
 * @example
 * import { App } from 'cdktf';
 * import { Engine, TradingStack } from 'cdktf-trading-stack';
 * import { runCommandLine } from 'cdktf-trading-stack/command-line';
 *
 * void runCommandLine(() => {
 *   const app = new App();
 *   new TradingStack(app, 'desk', { engine: Engine.docker() });
 *   return app;
 * });
 * @param createApp creates the app with all of its stacks; its errors are shown like those of the command
 * @param argv in the form of `process.argv`: program and script, then the command and its options
 */
export async function runCommandLine(createApp: () => App, argv: readonly string[] = process.argv): Promise<void> {
  ignoreClosedOutput();
  process.exitCode = await runCommand(argv, createApp);
}

/**
 * A reader that stops early, as in `synth | head`, is not an error, and neither is a terminal that was closed: a deploy
 * continues to its end.
 */
function ignoreClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
}
