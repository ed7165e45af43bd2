import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import ts from 'typescript';
import { Engine, TradingStack, TradingStackError } from '../../lib';
import { stacksOf } from '../../lib/command-line/synthesis/stacks';
import { createApp, synthesize } from '../setup/synthesize';
import { TemporaryProject } from '../workload/temporary-project';
import { HINT_CASES, type HintCase, type Scope } from './cases';
import { compact, fragmentsOf } from './fragments';
import { printedHints } from './sources';

const project = TemporaryProject.forEveryTest();

function createScope(app: App): Scope {
  return {
    stack: new TradingStack(app, 'desk', { engine: Engine.docker() }),
    swarm: new TradingStack(app, 'swarm-of-one', { engine: Engine.swarm({ host: 'unix:///run/swarm.sock' }) }),
    cluster: new TradingStack(app, 'swarm-of-several', {
      engine: Engine.swarm({ host: 'ssh://desk@manager', cluster: { dataNode: { data: 'true' } } }),
    }),
    remote: new TradingStack(app, 'remote', { engine: Engine.docker({ host: 'ssh://desk@trading-1' }) }),
    project,
  };
}

/** What the user reads, and the part that says what to write. */
function textOf({ problem }: HintCase): { readonly message: string; readonly fix: string } {
  try {
    const text = problem(createScope(createApp()));
    return typeof text === 'string' ? { message: text, fix: text } : { message: '', fix: '' };
  } catch (error) {
    if (error instanceof TradingStackError) return error;
    throw error;
  }
}

/** The text of the code of every case, in order. */
const PASTED = ((): string[] => {
  const file = join(__dirname, 'cases.ts');
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'pasted') texts.push(node.initializer.getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true));
  return texts;
})();

const CASES = HINT_CASES.map((one, index) => [index, one] as const);

test('every case has its own code', () => {
  expect(PASTED).toHaveLength(HINT_CASES.length);
});

test.each(CASES)('the code of case %i is what the hint says to write', (index, one) => {
  const fragments = fragmentsOf(textOf(one).fix).map(compact);
  const code = compact(PASTED[index] ?? '');
  expect(fragments).not.toEqual([]);
  expect(fragments.filter((fragment) => !code.includes(fragment))).toEqual([]);
});

test.each(CASES)('the code of case %i compiles and can be synthesized', (_index, one) => {
  const scope = createScope(createApp());
  one.pasted(scope);
  for (const stack of stacksOf(scope.stack.node.root)) expect(() => synthesize(stack)).not.toThrow();
});

test('every string of the library with code for its reader is pasted by a case', () => {
  const messages = HINT_CASES.map((one) => textOf(one).message);
  const missing = printedHints().filter(({ pattern }) => !messages.some((message) => pattern.test(message)));
  expect(missing.map(({ at, pattern }) => `${at}: ${pattern.source}`)).toEqual([]);
});

test('the strings with code are found', () => {
  expect(printedHints().length).toBeGreaterThan(45);
});
