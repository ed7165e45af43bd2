import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { App } from 'cdktf';
import type { TradingStack } from '../../index';
import type { CommandContext } from '../context';
import { changeSummary } from '../output/change-summary';
import { CommandError, ExitCode } from '../output/output';
import { redaction } from '../output/redaction';
import type { PlannedChanges } from '../plan/changes';
import { compareResources, type Resources, resourcesOf } from '../plan/configurations';
import { type ChangeReport, describeChanges } from '../plan/details';
import { secretValuesOf } from '../plan/secret-values';
import { CommandLock } from '../state/command-lock';
import { CONFIGURATION_FILE } from '../synthesis/configuration';
import { outputOf, stackNamed, stacksOf, synthesize } from '../synthesis/stacks';

/** How a change of a configuration is called: what Terraform does about it depends on what is deployed. */
const OUTCOMES = { create: 'added', update: 'changed', replace: 'changed', delete: 'removed' } as const;

const NOTE =
  'Two versions of the configuration are compared here, without the engine: what is deployed may differ from both, and ' +
  '`diff` shows how each container would be changed.';

/**
 * Compares the stacks of the app with those in the output folder of another version of the project. Needs no engine, no
 * Terraform and no secrets.
 * @param base the folder, such as `cdktf.out` of a checkout of the base branch
 * @returns whether there is a difference
 * @throws CommandError `path-missing` or `config-file-invalid` if the folder is not the output of `synth`
 */
export async function changes(
  app: App,
  base: string,
  name: string | undefined,
  { output }: CommandContext,
): Promise<boolean> {
  const stacks = name === undefined ? stacksOf(app) : [stackNamed(app, name)];
  // Before the output of this project is written: it may be the same folder.
  const earlier = new EarlierOutput(base);
  for (const stack of stacks) new CommandLock(outputOf(app, stack), stack).check();
  const problems = synthesize(app);
  if (problems.length > 0) throw CommandError.fromProblems(problems);
  const compared = stacks.map((stack) => compare(stack, outputOf(app, stack), earlier));
  const known = new Set(stacksOf(app).map(({ node }) => node.id));
  const removed = name === undefined ? earlier.stacks.filter((id) => !known.has(id)) : [];
  const isChanged = removed.length > 0 || compared.some(({ reports }) => reports.length > 0);
  if (output.isJson) {
    output.document({
      outcome: isChanged ? 'changes' : 'unchanged',
      stacks: compared.map(({ stack, reports }) => ({
        stack: stack.node.id,
        changes: reports.map(({ name: of, kind, address, outcome, details }) => ({
          ...{ name: of, kind, address, change: outcome, details },
        })),
      })),
      removedStacks: removed,
    });
    return isChanged;
  }
  const sections = compared.map(({ stack, reports, planned }) => changeSummary(reports, planned, stack));
  await output.write([...sections, ...removed.map(farewell), `${NOTE}\n`].join('\n'));
  return isChanged;
}

interface Comparison {
  readonly stack: TradingStack;
  readonly planned: PlannedChanges;
  readonly reports: readonly ChangeReport[];
}

function compare(stack: TradingStack, directory: string, earlier: EarlierOutput): Comparison {
  const after = resourcesOf(readFileSync(join(directory, CONFIGURATION_FILE), 'utf8'));
  const planned = compareResources(earlier.resources(stack.node.id), after);
  const terraform = { directory, redact: redaction(stack, secretValuesOf(stack, planned)) };
  const reports = describeChanges(planned.changes, { stack, planned, terraform, reasons: new Map() });
  return { stack, planned, reports: reports.map((report, index) => renamed(report, planned.changes[index]?.action)) };
}

function renamed(report: ChangeReport, action: keyof typeof OUTCOMES | undefined): ChangeReport {
  if (report.kind === 'image' && action === 'delete') return { ...report, outcome: 'no longer used', details: [] };
  return { ...report, replacement: null, outcome: action === undefined ? report.outcome : OUTCOMES[action] };
}

/** A deploy does not know a stack that is not in the code any more. */
function farewell(id: string): string {
  return (
    `### ${id}\n\nThe stack is removed from the code, and what is deployed stays. Destroy it before the change is merged. In a ` +
    `checkout of the target branch: \`npm run destroy -- ${id}\`.\n`
  );
}

/** The output folder of another version of the project. */
class EarlierOutput {
  /** Ids of its stacks. */
  readonly stacks: readonly string[];
  private readonly documents: ReadonlyMap<string, Resources>;

  constructor(folder: string) {
    const manifest = join(folder, 'manifest.json');
    if (!existsSync(manifest)) {
      throw new CommandError(
        'path-missing',
        `The folder ${resolve(folder)} has no manifest.json, so \`synth\` has not written it. Run \`npm run synth\` in a checkout of the version to compare with, and pass the ` +
          'folder that it writes: npm run changes -- ../base/cdktf.out',
        ExitCode.REFUSED,
      );
    }
    const { stacks } = this.parsed(manifest, (text) => JSON.parse(text) as Manifest);
    this.stacks = Object.keys(stacks);
    this.documents = new Map(
      Object.entries(stacks).map(([id, { synthesizedStackPath }]) => [
        id,
        this.parsed(join(folder, synthesizedStackPath), resourcesOf),
      ]),
    );
  }

  /** Empty for a stack that it does not have. */
  resources(stack: string): Resources {
    return this.documents.get(stack) ?? new Map();
  }

  private parsed<Content>(file: string, parse: (text: string) => Content): Content {
    try {
      return parse(readFileSync(file, 'utf8'));
    } catch (error) {
      const message = `${file} cannot be read: ${(error as Error).message}. Run \`npm run synth\` there again`;
      throw new CommandError('config-file-invalid', message);
    }
  }
}

interface Manifest {
  readonly stacks: Readonly<Record<string, { readonly synthesizedStackPath: string }>>;
}
