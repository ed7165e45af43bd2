import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { App } from 'cdktf';
import type { IConstruct } from 'constructs';
import { TradingStack } from '../../index';
import { naming, shownPath } from '../../internal';
import { CommandLock } from '../state/command-lock';
import { CommandError, ExitCode, type Problem } from '../output/output';

/** Every trading system of the app. */
export function stacksOf(app: IConstruct): TradingStack[] {
  return app.node.findAll().filter((construct) => construct instanceof TradingStack);
}

/**
 * @param name optional if the app has only one stack
 * @throws CommandError if the stack does not exist
 */
export function stackNamed(app: App, name: string | undefined): TradingStack {
  const stacks = stacksOf(app);
  const stack = name === undefined && stacks.length === 1 ? stacks[0] : stacks.find(({ node }) => node.id === name);
  if (stack !== undefined) return stack;
  const known = stacks.map(({ node }) => node.id).join(', ');
  if (name === undefined)
    throw new CommandError(
      'unknown-stack',
      `The app has several stacks. Pass the name of one: ${known}.`,
      ExitCode.REFUSED,
    );
  throw new CommandError(
    'unknown-stack',
    `The stack '${name}' does not exist. Pass the name of one that does: ${known}.`,
    ExitCode.REFUSED,
  );
}

/** The folder that Terraform runs in. */
export function outputOf(app: App, stack: TradingStack): string {
  return join(app.outdir, app.manifest.forStack(stack).workingDirectory);
}

/**
 * Writes the Terraform configuration of all stacks, as `cdktf synth` does, with a `.gitignore` that excludes it from git.
 * That of a stack that a command in another process changes stays as it is.
 * @returns what validations and error annotations of all stacks reject; nothing is written for a stack that is rejected
 */
export function synthesize(app: App): Problem[] {
  keepOutOfGit(app.outdir);
  for (const stack of stacksOf(app)) {
    // Its steps plan from what it has written.
    if (new CommandLock(outputOf(app, stack), stack).running() !== undefined) stack.synthesizer = onlyValidating(stack);
  }
  try {
    naming(app.outdir, () => {
      app.synth();
    });
    return [];
  } catch (error) {
    // cdktf stops at the first stack that it rejects, with an error that has no type of its own.
    const problems = app.node.findAll().flatMap(objectionsTo);
    if (problems.length === 0) throw error;
    return problems;
  }
}

/** Writes nothing. */
function onlyValidating(stack: TradingStack): TradingStack['synthesizer'] {
  return {
    synthesize: () => {
      stack.runAllValidations();
    },
  };
}

function objectionsTo(construct: IConstruct): Problem[] {
  const errors = construct.node.metadata.filter(({ type }) => type === '@cdktf/error').map(({ data }) => String(data));
  return [...construct.node.validate(), ...errors].map((message) => ({
    code: 'validation-failed',
    message: `${shownPath(construct)}: ${message}`,
  }));
}

/** An output folder that contains the project, such as `.`, contains more than output. */
function keepOutOfGit(outdir: string): void {
  if (!relative(outdir, '.').startsWith('..')) return;
  const file = join(outdir, '.gitignore');
  if (!existsSync(file)) writeFileSync(file, '*\n');
}

/** A message that was added to a construct. */
export interface Annotation {
  readonly path: string;
  readonly message: string;
}

/** The warnings, or the errors, on the constructs of a stack. */
export function annotationsOf(stack: TradingStack, level: 'warn' | 'error'): Annotation[] {
  return stack.node
    .findAll()
    .flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === `@cdktf/${level}`)
        .map(({ data }) => ({ path: shownPath(construct), message: String(data) })),
    );
}
