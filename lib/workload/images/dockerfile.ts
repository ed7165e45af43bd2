import { DockerfileParser, type From } from 'dockerfile-ast';
import { invalidValue } from '../../errors';

/**
 * The images that the stage which is built starts from, through all stages before it.
 * @param target stage to build; `undefined` for the last one
 */
export function baseOf(dockerfile: string, target: string | undefined): string[] {
  const stages = stagesOf(dockerfile);
  const last = target === undefined ? -1 : indexOf(stages, target);
  // A stage can start from an earlier one only, so looking backwards ends.
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
  const allowed =
    names.length === 0
      ? 'a stage of the Dockerfile, which names none: FROM … AS …'
      : `one of the stages of the Dockerfile: ${names.join(', ')}`;
  throw invalidValue(where, 'target', target, allowed);
}

function stagesOf(dockerfile: string): From[] {
  return DockerfileParser.parse(dockerfile).getFROMs();
}

/** The builder knows stages by name only, and takes the last one of a name. */
function indexOf(stages: readonly From[], target: unknown): number {
  return typeof target === 'string' ? stages.map((stage) => isCalled(stage, target)).lastIndexOf(true) : -1;
}

/** Docker tells no capital letters from small ones. */
function isCalled(stage: From, name: string | undefined): boolean {
  return name !== undefined && stage.getBuildStage()?.toLowerCase() === name.toLowerCase();
}
