import { DockerfileParser, From, type Instruction } from 'dockerfile-ast';
import { TradingStackError } from '../../errors';

/**
 * The base image of the stage that is built, through all stages before it.
 * @param target stage to build; `undefined` for the last one
 */
export function baseOf(dockerfile: string, target: string | undefined): string[] {
  const stages = stagesOf(dockerfile);
  const last = target === undefined ? -1 : indexOf(stages, target);
  // A stage can only start from an earlier one.
  return stages.slice(0, last === -1 ? undefined : last + 1).reduceRight<string[]>((wanted, stage) => {
    const image = stage.getImage();
    const isWanted = wanted.length === 0 || isCalled(stage, wanted[0]);
    return isWanted && image !== null ? [image] : wanted;
  }, []);
}

/**
 * The entry point that the Dockerfile sets for the stage that is built, in the stage itself or in one that it starts from;
 * `undefined` if none does, and the base image decides.
 * @param target stage to build; `undefined` for the last one
 */
export function entrypointIn(dockerfile: string, target: string | undefined): string[] | undefined {
  const stages: { readonly from: From; entrypoint?: string[]; shell?: string[] }[] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const stage = stages.at(-1);
    if (instruction instanceof From) stages.push({ from: instruction });
    else if (stage !== undefined && instruction.getKeyword() === 'SHELL') stage.shell = wordsOf(instruction) ?? [];
    else if (stage !== undefined && instruction.getKeyword() === 'ENTRYPOINT') {
      const line = instruction.getArgumentsContent() ?? '';
      stage.entrypoint = wordsOf(instruction) ?? [...(stage.shell ?? ['/bin/sh', '-c']), line];
    }
  }
  const froms = stages.map(({ from }) => from);
  let index = target === undefined ? stages.length - 1 : indexOf(froms, target);
  for (let stage = stages[index]; stage !== undefined; stage = stages[index]) {
    if (stage.entrypoint !== undefined) return stage.entrypoint;
    index = indexOf(froms.slice(0, index), stage.from.getImage() ?? '');
  }
  return undefined;
}

/** The list in the exec form of an instruction; `undefined` in its shell form. */
function wordsOf(instruction: Instruction): string[] | undefined {
  try {
    const words: unknown = JSON.parse(instruction.getArgumentsContent() ?? '');
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  } catch {
    // The builder, too, runs what is not a list of strings with the shell.
  }
  return undefined;
}

/** @throws TradingStackError if the Dockerfile has no such stage */
export function checkTarget(dockerfile: string, target: string | undefined, where: string): void {
  if (target === undefined) return;
  const stages = stagesOf(dockerfile);
  if (indexOf(stages, target) !== -1) return;
  const names = stages.flatMap((stage) => stage.getBuildStage() ?? []);
  const fix =
    names.length === 0
      ? 'Name a stage in the Dockerfile: FROM … AS …'
      : `Set target to one of the stages of the Dockerfile: ${names.join(', ')}`;
  throw new TradingStackError('build-folder-invalid', where, `the Dockerfile has no stage '${target}'`, fix);
}

function stagesOf(dockerfile: string): From[] {
  return DockerfileParser.parse(dockerfile).getFROMs();
}

/** The builder identifies stages by name only, and uses the last one with a name. */
function indexOf(stages: readonly From[], target: string): number {
  return stages.map((stage) => isCalled(stage, target)).lastIndexOf(true);
}

/** Names of stages are case-insensitive. */
function isCalled(stage: From, name: string | undefined): boolean {
  return name !== undefined && stage.getBuildStage()?.toLowerCase() === name.toLowerCase();
}
