import { Arg, Copy, DockerfileParser, Env, From, type Instruction } from 'dockerfile-ast';
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
 * The images that a build needs: those that its stages start from, up to the one that is built, and those that they copy
 * files from.
 * @param target stage to build; `undefined` for the last one
 * @param buildArguments values that replace the defaults of `ARG`
 */
export function imagesIn(
  dockerfile: string,
  target: string | undefined,
  buildArguments: Readonly<Record<string, string>>,
): string[] {
  const values = new Map<string, string>();
  const expanded = (text: string): string => expand(text, { buildArguments: values, environment: new Map() });
  const stages: From[] = [];
  const last = target === undefined ? Infinity : indexOf(stagesOf(dockerfile), target);
  const images = new Set<string>();
  const add = (name: string | null): void => {
    const image = expanded(name ?? '');
    const isStage = /^\d+$/.test(image) || stages.some((stage) => isCalled(stage, image));
    if (image !== '' && image !== 'scratch' && !isStage) images.add(image);
  };
  for (const instruction of DockerfileParser.parse(withoutComments(dockerfile)).getInstructions()) {
    if (instruction instanceof From) {
      if (stages.length > last) break;
      add(instruction.getImage());
      stages.push(instruction);
    } else if (instruction instanceof Copy) {
      const from = instruction.getFlags().find((flag) => flag.getName() === 'from');
      add(from?.getValue() ?? null);
    } else if (instruction instanceof Arg && stages.length === 0) {
      const property = instruction.getProperty();
      const name = property?.getName() ?? '';
      values.set(name, buildArguments[name] ?? expanded(property?.getValue() ?? ''));
    }
  }
  return [...images];
}

/** What a Dockerfile sets for the image that is built; `undefined` where its base image decides. */
export interface DockerfileSettings {
  readonly entrypoint?: readonly string[] | undefined;
  readonly command?: readonly string[] | undefined;
  /** As in `USER`, with the values of build arguments and variables; that of a base image stays a variable. */
  readonly user?: string | undefined;
  readonly hasHealthCheck?: boolean | undefined;
}

/** The settings of a stage, and what they depend on. */
interface Stage {
  readonly from: From;
  /** Values of build arguments, which a stage does not pass on. */
  readonly buildArguments: Map<string, string>;
  readonly environment: Map<string, string>;
  setsCommand: boolean;
  shell: readonly string[];
  entrypoint?: readonly string[] | undefined;
  command?: readonly string[] | undefined;
  user?: string | undefined;
  hasHealthCheck?: boolean | undefined;
}

/**
 * What the Dockerfile sets in the stage that is built, and in those that it starts from.
 * @param target stage to build; `undefined` for the last one
 * @param buildArguments values that replace the defaults of `ARG`
 */
export function settingsIn(
  dockerfile: string,
  target: string | undefined,
  buildArguments: Readonly<Record<string, string>>,
): DockerfileSettings {
  const stages: Stage[] = [];
  const beforeStages = new Map<string, string>();
  for (const instruction of DockerfileParser.parse(withoutComments(dockerfile)).getInstructions()) {
    const stage = stages.at(-1);
    if (instruction instanceof From) {
      stages.push(startFrom(instruction, stages));
    } else if (instruction instanceof Arg) {
      const property = instruction.getProperty();
      if (property === null) continue;
      const name = property.getName();
      const value = buildArguments[name] ?? property.getValue() ?? beforeStages.get(name) ?? '';
      if (stage === undefined) beforeStages.set(name, value);
      else stage.buildArguments.set(name, expand(value, stage));
    } else if (stage !== undefined) {
      apply(instruction, stage);
    }
  }
  const froms = stages.map(({ from }) => from);
  return stages[target === undefined ? stages.length - 1 : indexOf(froms, target)] ?? {};
}

/** A stage has the settings of the one that it starts from. */
function startFrom(from: From, earlier: readonly Stage[]): Stage {
  const index = indexOf(
    earlier.map((stage) => stage.from),
    from.getImage() ?? '',
  );
  const base = earlier[index];
  return {
    ...(base ?? { shell: ['/bin/sh', '-c'] }),
    from,
    buildArguments: new Map(),
    environment: new Map(base?.environment),
    setsCommand: false,
  };
}

function apply(instruction: Instruction, stage: Stage): void {
  const started = (): readonly string[] =>
    wordsOf(instruction) ?? [...stage.shell, instruction.getArgumentsContent() ?? ''];
  switch (instruction.getKeyword()) {
    case 'SHELL':
      stage.shell = wordsOf(instruction) ?? stage.shell;
      break;
    case 'ENTRYPOINT':
      stage.entrypoint = started();
      // The builder drops the command that the entry point before this one was for.
      if (!stage.setsCommand) stage.command = [];
      break;
    case 'CMD':
      stage.command = started();
      stage.setsCommand = true;
      break;
    case 'USER':
      // Without a name it is root.
      stage.user = expand(instruction.getArguments()[0]?.getValue() ?? '', stage) || 'root';
      break;
    case 'ENV':
      for (const property of instruction instanceof Env ? instruction.getProperties() : []) {
        stage.environment.set(property.getName(), expand(property.getValue() ?? '', stage));
      }
      break;
    case 'HEALTHCHECK':
      stage.hasHealthCheck = instruction.getArguments()[0]?.getValue().toUpperCase() !== 'NONE';
      break;
  }
}

/** The value with those of variables. A variable that the base image may set stays as it is. */
function expand(value: string, { environment, buildArguments }: Pick<Stage, 'environment' | 'buildArguments'>): string {
  return value.replace(VARIABLE, (whole, plain?: string, braced?: string, otherwise?: string) => {
    const name = plain ?? braced ?? '';
    const known = environment.get(name) ?? buildArguments.get(name) ?? (otherwise === undefined ? undefined : '');
    return known === undefined ? whole : known || (otherwise ?? '');
  });
}

/** `$NAME`, `${NAME}` and `${NAME:-otherwise}`. */
const VARIABLE = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::-([^}]*))?\})/g;

/** The builder removes comments, also between the lines of an instruction; not so the parser. */
function withoutComments(dockerfile: string): string {
  return dockerfile.replace(/^[ \t]*#(?!\s*(escape|syntax|check)\s*=).*$\r?\n?/gm, '');
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
