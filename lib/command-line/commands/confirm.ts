import { createInterface } from 'node:readline';
import type { CommandContext } from '../context';
import { CommandError, ExitCode } from '../output/output';

/**
 * Checks that the question can be answered, before anything is done.
 * @param script the npm script that asks it
 * @param words what the command was started with, as far as it matters
 * @throws CommandError without a terminal and without `--yes`
 */
export function checkCanConfirm(
  yes: boolean,
  script: 'deploy' | 'destroy' | 'images' | 'restore' | 'rollback' | 'rotate',
  words: readonly string[],
  { isInteractive }: CommandContext,
): void {
  if (yes || isInteractive) return;
  const command = ['npm run', script, '--', ...words, '--yes'].join(' ');
  throw new CommandError(
    'no-terminal',
    `This needs confirmation, but there is no terminal to ask on. Use --yes to skip the question: ${command}`,
    ExitCode.REFUSED,
  );
}

/**
 * Asks a question and accepts only `yes`.
 * @param otherwise what happens after any other answer
 * @throws CommandError for any other answer
 */
export async function confirm(question: string, otherwise: string): Promise<void> {
  if ((await ask(`\n${question} Only 'yes' is accepted: `)) === 'yes') return;
  throw new CommandError('not-confirmed', `Not confirmed: ${otherwise}`, ExitCode.REFUSED);
}

function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    terminal.question(question, (answer) => {
      resolve(answer.trim());
      terminal.close();
    });
    // At the end of the input there is no answer.
    terminal.on('close', () => {
      resolve('');
    });
  });
}
