import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { App } from 'cdktf';
import type { IConstruct } from 'constructs';
import { TradingStack } from '../../index';
import { CommandError, ExitCode } from '../output/output';

/** Every trading system of the app. */
export function stacksOf(app: IConstruct): TradingStack[] {
  return app.node.findAll().filter((construct) => construct instanceof TradingStack);
}

/**
 * @param name may be left out where there is one stack
 * @throws CommandError if there is no such stack
 */
export function stackNamed(app: App, name: string | undefined): TradingStack {
  const stacks = stacksOf(app);
  const stack = name === undefined && stacks.length === 1 ? stacks[0] : stacks.find(({ node }) => node.id === name);
  if (stack !== undefined) return stack;
  const known = stacks.map(({ node }) => node.id).join(', ');
  if (name === undefined)
    throw new CommandError('unknown-stack', `Name the stack. There are: ${known}.`, ExitCode.REFUSED);
  throw new CommandError('unknown-stack', `There is no stack '${name}'. There is: ${known}.`, ExitCode.REFUSED);
}

/** The folder that Terraform runs in. */
export function outputOf(app: App, stack: TradingStack): string {
  return join(app.outdir, app.manifest.forStack(stack).workingDirectory);
}

/**
 * Writes the Terraform configuration of all stacks, as `cdktf synth` does, and a `.gitignore` that leaves it out of git.
 * @throws CommandError for what validations and annotations object to
 */
export function synthesize(app: App): void {
  keepOutOfGit(app.outdir);
  try {
    app.synth();
  } catch (error) {
    if (error instanceof Error && isObjection(error))
      throw new CommandError('validation-failed', withoutAdvice(error.message));
    throw error;
  }
}

/** An output folder that has the project in it, such as `.`, has more than output in it. */
function keepOutOfGit(outdir: string): void {
  if (!relative(outdir, '.').startsWith('..')) return;
  const file = join(outdir, '.gitignore');
  if (!existsSync(file)) writeFileSync(file, '*\n');
}

// cdktf throws plain errors for these: https://github.com/hashicorp/terraform-cdk/blob/main/packages/cdktf/lib/errors.ts
function isObjection(error: Error): boolean {
  return /^(App-level validation|Validation) failed with|^Encountered Annotations with level "ERROR"/.test(
    error.message,
  );
}

/** What is left is what was found; how to switch validations off is no way to put it right. */
function withoutAdvice(message: string): string {
  return message.replace(/\n+(If you wish|Validations allow|Either fix)[^]*$/, '');
}

/** What a construct was marked with. */
export interface Annotation {
  readonly path: string;
  readonly message: string;
}

/** The warnings, or the errors, on the constructs of a stack. */
export function annotationsOf(stack: TradingStack, level: 'warn' | 'error'): Annotation[] {
  return stack.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === `@cdktf/${level}`)
        .map(({ data }) => ({ path: node.path, message: String(data) })),
    );
}
