import { DockerfileParser, type From } from 'dockerfile-ast';
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
