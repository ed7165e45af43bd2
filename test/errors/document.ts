import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ERROR_CODES, type ErrorCode, TradingStackError } from '../../lib';
import { createApp, createStack } from '../setup/synthesize';
import { EXAMPLES } from './examples';
import type { CodeExample, ErrorExample } from './examples/example';

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

/** `docs/errors.md`: every code with its meaning and an example. */
export function errorsDocument(): string {
  const sources = exampleSources();
  const sections = Object.entries(ERROR_CODES).map(([code, meaning]) => {
    const example = (EXAMPLES as Readonly<Record<string, ErrorExample>>)[code];
    return [`## ${code}`, '', meaning, '', ...linesOf(example, sources.get(code) ?? '')].join('\n');
  });
  return `${HEAD}\n${sections.join('\n')}`;
}

const HEAD = `# Errors

Every error has a stable code, in square brackets at the end of its message and in the \`code\` of a \`TradingStackError\`. Messages may be reworded; codes change only with a major version. This file is generated with \`npm run docs:generate\`.
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
        if (code in ERROR_CODES) sources.set(code, bodyOf(initializer.body));
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
