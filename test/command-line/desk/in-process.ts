import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { runProgram } from '../../../lib/command-line/terraform/process';
import type { CommandContext } from '../../../lib/command-line/context';

/** The program that stands in for Terraform. */
export const TERRAFORM = join(__dirname, 'terraform.js');

const SOURCE = readFileSync(TERRAFORM, 'utf8').replace(/^#!.*/, '');
const SCRIPT = compileFunction(SOURCE, ['require', 'process', 'console'], { filename: TERRAFORM });

class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/** Runs Terraform's stand-in in this process, which is faster than to start it, and every other program as it is. */
export const runInProcess: CommandContext['runProgram'] = async (program, command, options) => {
  if (program !== TERRAFORM) return runProgram(program, command, options);
  const { environment, onOutput, onError } = options;
  const linesTo = (listener: (line: string) => void) => (text: string) => {
    for (const line of text.split('\n')) listener(line);
  };
  const standIn = {
    argv: [process.execPath, program, ...command],
    env: environment,
    exit: (code: number) => {
      throw new Exit(code);
    },
  };
  // Like a program, it starts only when the caller waits for it.
  await new Promise(setImmediate);
  try {
    (SCRIPT as (...parts: unknown[]) => void)(require, standIn, { log: linesTo(onOutput), error: linesTo(onError) });
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    return { exitCode: error.code, isInterrupted: false };
  }
  return { exitCode: 0, isInterrupted: false };
};
