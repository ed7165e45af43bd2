import { DELIVERY_VARIABLE } from '../../internal';
import type { CommandContext } from '../context';
import { nonEmpty } from '../connection/address';
import { CommandError } from '../output/output';
import type { ProgramEnd, ProgramOptions } from './process';

const ENVIRONMENT = {
  CHECKPOINT_DISABLE: '1',
  TF_IN_AUTOMATION: '1',
  // A plan must not demand what a deploy does after it.
  [`TF_VAR_${DELIVERY_VARIABLE}`]: 'true',
};

/** The name of the program. cdktf uses the same variable, so `tofu` works in both. */
export function terraformBinary({ environment }: Pick<CommandContext, 'environment'>): string {
  return nonEmpty(environment.TERRAFORM_BINARY_NAME) ?? 'terraform';
}

/** The functions that receive the lines of Terraform. */
export type Listeners = Pick<ProgramOptions, 'onOutput' | 'onError' | 'onInterrupt' | 'stop'>;

/** Runs Terraform to its end. */
export function runTerraform(
  context: CommandContext,
  command: readonly string[],
  listeners: Listeners,
): Promise<ProgramEnd> {
  const environment = { ...context.environment, ...ENVIRONMENT };
  return context.runProgram(terraformBinary(context), command, { environment, ...listeners });
}

/**
 * The version of the program; `undefined` if it cannot be started.
 * @throws CommandError `interrupted` if the user stopped it
 */
export async function terraformVersion(context: CommandContext): Promise<string | undefined> {
  const lines: string[] = [];
  try {
    const onOutput = (line: string): void => void lines.push(line);
    const { isInterrupted } = await runTerraform(context, ['version', '-json'], { onOutput, onError: () => undefined });
    if (isInterrupted) throw new CommandError('interrupted', 'Interrupted.');
    return (JSON.parse(documentIn(lines)) as { terraform_version?: string }).terraform_version;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    return undefined;
  }
}

/**
 * Initializes a folder. Not with `-json`, which Terraform's init only has from 1.9 on.
 * @param collect runs a Terraform command and returns what it printed
 * @throws CommandError with Terraform's output
 */
export async function initialize(
  collect: (command: readonly string[]) => Promise<{ readonly exitCode: number | null; readonly text: string }>,
): Promise<void> {
  const command = ['init', '-no-color', '-input=false'];
  let { exitCode, text } = await collect(command);
  // The version of the provider has changed, for example after an update of the library.
  if (exitCode !== 0 && text.includes('init -upgrade')) ({ exitCode, text } = await collect([...command, '-upgrade']));
  if (exitCode !== 0) throw new CommandError('terraform-failed', `${text}\nterraform init failed.`);
}

/** The JSON document in the output of a command. OpenTofu prints warnings about its own configuration before it. */
export function documentIn(lines: readonly string[]): string {
  return lines
    .slice(
      Math.max(
        lines.findIndex((line) => line.startsWith('{')),
        0,
      ),
    )
    .join('\n');
}
