import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { fragmentsOf } from './fragments';

const LIBRARY = resolve(__dirname, '../../lib');

/** Hints that are data, and have tests of their own; meanings of codes, which are no hints. */
const OTHERS = ['workload/compose-hints.ts', 'workload/images/catalog/', 'errors/codes.ts'];

/** A string in the library with code for its reader. */
export interface PrintedHint {
  /** File and line. */
  readonly at: string;
  /** Matches every message with it. */
  readonly pattern: RegExp;
}

/** Every string that the library can print and that has code in it, found by its syntax tree. */
export function printedHints(): PrintedHint[] {
  const files = readdirSync(LIBRARY, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.filter((file) => !OTHERS.some((other) => file.startsWith(other))).flatMap((file) => hintsIn(file));
}

function hintsIn(file: string): PrintedHint[] {
  const text = readFileSync(join(LIBRARY, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found: PrintedHint[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    const isPart = ts.isBinaryExpression(node.parent) && partsOf(node.parent) !== undefined;
    const parts = isPart ? undefined : partsOf(node);
    if (parts !== undefined) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      if (isHint(parts)) found.push({ at: `lib/${file}:${line}`, pattern: patternOf(parts) });
      if (ts.isStringLiteralLike(node)) return;
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}

/** Fixed parts of a string, and `null` for what is inserted; `undefined` for another expression. */
function partsOf(node: ts.Node): (string | null)[] | undefined {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node)) return partsOf(node.expression);
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.flatMap(({ literal }) => [null, literal.text])];
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [partsOf(node.left), partsOf(node.right)];
    return left === undefined && right === undefined ? undefined : [...(left ?? [null]), ...(right ?? [null])];
  }
  return undefined;
}

/** A name alone says where an error is. */
function isHint(parts: readonly (string | null)[]): boolean {
  const text = parts.map((part) => part ?? 'x').join('');
  return /\s/.test(text) && fragmentsOf(text).length > 0;
}

function patternOf(parts: readonly (string | null)[]): RegExp {
  const escaped = parts.map((part) => part?.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') ?? '[\\s\\S]*');
  return new RegExp(escaped.join(''));
}
