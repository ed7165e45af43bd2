import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** A fenced block of code in the README or a guide. */
export interface CodeBlock {
  /** Path of the document, from the root of the repository. */
  readonly document: string;
  readonly language: string;
  /** Name of the file that the block is the whole of; `undefined` for a fragment. */
  readonly file: string | undefined;
  readonly text: string;
}

const DOCUMENTS = ['README.md', ...readdirSync(join(ROOT, 'docs/guides')).map((file) => `docs/guides/${file}`)];

/** Every fenced block of the README and the guides. `ts file=desk.ts` after the fence names a whole file. */
export const CODE_BLOCKS: readonly CodeBlock[] = DOCUMENTS.flatMap((document) => {
  const markdown = readFileSync(join(ROOT, document), 'utf8');
  return [...markdown.matchAll(/^```(\w*)(?: file=(\S+))?\n([^]*?)^```$/gm)].map(
    ([, language = '', file, text = '']) => ({
      document,
      language,
      file,
      text,
    }),
  );
});

/** The files that the documents show in full, by name. */
export function documentedFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(CODE_BLOCKS.flatMap(({ file, text }) => (file === undefined ? [] : [[file, text]])));
}

/** Fragments in TypeScript: code that takes a `stack`, an `app` and an `image` as given. */
export const FRAGMENTS = CODE_BLOCKS.filter(({ language, file }) => language === 'ts' && file === undefined);

/**
 * A program that runs each fragment in a stack of its own and prints the Terraform of all, as one JSON list.
 * @param names everything that the package exports
 */
export function fragmentsProgram(names: readonly string[]): string {
  const functions = FRAGMENTS.map(
    ({ document, text }) =>
      `  // ${document}\n  (stack: TradingStack, app: App, image: Image): void => {\n${text}  void [stack, app, image];\n  },`,
  );
  return `
import { type App, Testing } from 'cdktf';
import { Construct } from 'constructs';
import { ${names.join(', ')} } from 'cdktf-trading-stack';
import type { Connection, IConnectable } from 'cdktf-trading-stack';

const fragments = [
${functions.join('\n')}
];

const image = Image.fromRegistry('ghcr.io/desk/service:1.0.0');
const outputs = fragments.map((fragment) => {
  const app = Testing.app();
  const stack = new TradingStack(app, 'desk');
  fragment(stack, app, image);
  return JSON.parse(Testing.synth(stack, true));
});
console.log(JSON.stringify(outputs));
void Construct;
`;
}
