import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { engineAddress } from '../../lib/command-line/connection/address';
import { StackWarnings } from '../../lib/command-line/output/warnings';
import { Output } from '../../lib/command-line/output/output';
import { stacksOf } from '../../lib/command-line/synthesis/stacks';
import { ERROR_CODES, type ErrorCode, TradingStack, TradingStackError, type WarningCode } from '../../lib';
import { WARNING_CODES } from '../../lib/errors';
import { createApp, createStack } from '../setup/synthesize';
import { EXAMPLES } from './examples';
import type { CodeExample, ErrorExample } from './examples/example';
import { WARNING_EXAMPLES } from './examples/warnings';

const FOLDER = join(__dirname, 'examples');

/** The error that an example raises. */
export function errorOf(example: CodeExample): unknown {
  try {
    example({ app: createApp(), stack: createStack() });
    return undefined;
  } catch (error) {
    return error;
  }
}

/** What the report of the stacks of an example prints about a warning code. */
export function warningOf(code: WarningCode, example: CodeExample): string {
  const app = createApp();
  const stack = new TradingStack(app, 'desk');
  example({ app, stack });
  const output = new Output();
  const printed: string[] = [];
  output.warn = (text) => void printed.push(text);
  for (const one of stacksOf(app)) new StackWarnings(one, engineAddress(undefined, {})).print(output, true);
  return printed.filter((text) => text.includes(`[${code}]`)).join('\n');
}

/** `docs/errors.md`: every code with its meaning and an example. */
export function errorsDocument(): string {
  const sources = exampleSources();
  const sections = Object.entries(ERROR_CODES).map(([code, meaning]) => {
    const example = (EXAMPLES as Readonly<Record<string, ErrorExample>>)[code];
    return [`## ${code}`, '', meaning, '', ...linesOf(example, sources.get(code) ?? '')].join('\n');
  });
  const warnings = (Object.keys(WARNING_CODES) as WarningCode[]).map((code) => {
    const { problem, fix } = WARNING_CODES[code];
    return [`## ${code}`, '', `${problem}. ${fix}.`, '', ...linesOfWarning(code, sources.get(code) ?? '')].join('\n');
  });
  return `${HEAD}\n${sections.join('\n')}\n${WARNINGS}\n${warnings.join('\n')}`;
}

const WARNINGS = `# Warnings

\`synth\` and \`deploy\` show warnings grouped by their code. One that you have decided to live with is acknowledged at the construct, at the stack or at the app, with a reason: \`Warnings.of(exporter).acknowledge('privileged', 'reads the SMART data of all disks')\`. Acknowledged warnings are counted, and \`--verbose\` shows them with their reasons.
`;

const HEAD = `# Errors

Every error has a stable code, in square brackets at the end of its message and in the \`code\` of a \`TradingStackError\`. Messages may be reworded; codes change only with a major version. [Warnings](#warnings) have codes too. This file is generated with \`npm run docs:generate\`.
`;

function linesOf(example: ErrorExample | undefined, source: string): string[] {
  if (example === undefined) return [];
  if (typeof example !== 'function') return ['```', `$ ${example.command}`, example.output, '```', ''];
  const error = errorOf(example);
  const message = error instanceof TradingStackError ? error.message : String(error);
  // The folder of this checkout differs from that of the reader.
  const shown = message.replaceAll(process.cwd(), '/home/desk/project');
  return ['```ts', source, '```', '', '```', shown, '```', ''];
}

function linesOfWarning(code: WarningCode, source: string): string[] {
  const example: ErrorExample = WARNING_EXAMPLES[code];
  const { problem, fix } = WARNING_CODES[code];
  if (typeof example !== 'function') {
    const output = `Warning: ${problem} [${code}]\n  ${example.output}\n  ${fix}.`;
    return ['```', `$ ${example.command}`, output, '```', ''];
  }
  return ['```ts', source, '```', '', '```', warningOf(code, example), '```', ''];
}

/**
 * The text of every code example, without the arrow function around it.
 * @throws Error if a code has two examples
 */
function exampleSources(): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const file of readdirSync(FOLDER)) {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAssignment(node) && ts.isArrowFunction(node.initializer)) {
        const { name, initializer } = node;
        const code = ts.isStringLiteral(name) || ts.isIdentifier(name) ? name.text : '';
        // The message comes from the last one, so the code of another one would be shown with it.
        if (sources.has(code)) throw new Error(`two examples of ${code}`);
        if (code in ERROR_CODES || code in WARNING_CODES) sources.set(code, bodyOf(initializer.body));
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true));
  }
  return sources;
}

function bodyOf(body: ts.ConciseBody): string {
  if (!ts.isBlock(body)) return dedent(`${body.getText()};`);
  return dedent(body.statements.map((statement) => statement.getText()).join('\n'));
}

/** Later lines keep the indentation of their file: removes the part that they have in common. */
function dedent(text: string): string {
  const indents = text
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length);
  // The last line closes what the first one opens.
  const common = Math.min(...indents);
  return Number.isFinite(common) ? text.replaceAll(`\n${' '.repeat(common)}`, '\n') : text;
}

/** Codes without an example. */
export function codesWithoutExample(): ErrorCode[] {
  return (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => !(code in EXAMPLES));
}
