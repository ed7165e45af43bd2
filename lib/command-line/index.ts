import type { App } from 'cdktf';
import { runCommand } from './commands';

/**
 * Runs `synth`, `diff`, `deploy` or `destroy` on the stacks of an app, as the arguments say, and sets the exit code of
 * the process. A project of your own has this in its `stack.ts`, and `ts-node --transpile-only stack.ts deploy desk` deploys it.
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
 * @param createApp makes the app with all of its stacks; an error in it is shown as one of the command
 * @param argv as `process.argv` is: program and script, then the command and its options
 */
export async function runCommandLine(createApp: () => App, argv: readonly string[] = process.argv): Promise<void> {
  ignoreClosedPipes();
  process.exitCode = await runCommand(argv, createApp);
}

/** `synth | head` reads no further, and that is no failure; a deploy goes on to its end without a reader. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
