import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Workflow {
  readonly on: unknown;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly uses?: string; readonly run?: string }[] }>
  >;
}

const GUIDES = join(__dirname, '../../docs/guides');

/** The workflows in the guides, by the name of the guide. */
const WORKFLOWS = readdirSync(GUIDES).flatMap((guide) =>
  [...readFileSync(join(GUIDES, guide), 'utf8').matchAll(/```yaml\n(.*?)```/gs)]
    .map(([, text = '']) => parse(text, { strict: true }) as Workflow)
    .filter((document) => 'jobs' in document)
    .map((workflow) => [guide, workflow] as const),
);

/** The scripts that Getting started puts into `package.json`. */
function scripts(): string[] {
  const guide = readFileSync(join(GUIDES, 'getting-started.md'), 'utf8');
  return [...guide.matchAll(/^ {4}"(\w+)": "[^"]*stack\.ts \w+"/gm)].map(([, name = '']) => name);
}

test('There is a workflow', () => {
  expect(WORKFLOWS.map(([guide]) => guide)).toContain('testing.md');
});

test.each(WORKFLOWS)(
  'The workflow in %s pins its actions, has the rights it needs, and runs scripts that exist',
  (_guide, workflow) => {
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.filter((action) => !/@v\d+$/.test(action))).toEqual([]);
    expect(steps.map(({ uses, run }) => [uses, run].filter((one) => one !== undefined).length)).toEqual(
      steps.map(() => 1),
    );
    expect(workflow.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
    const run = steps.flatMap(({ run: line }) =>
      [...(line ?? '').matchAll(/npm run (?:-s )?(\w+)/g)].map(([, name]) => name),
    );
    expect(run).toEqual(['synth', 'changes']);
    expect(scripts()).toEqual(expect.arrayContaining(run));
  },
);
