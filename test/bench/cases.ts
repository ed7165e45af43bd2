import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { App } from 'cdktf';
import { createMt5Stack } from '../../examples/mt5/stack';
import { HASH } from './hand-written';
import { createHandWrittenMt5Stack } from './hand-written-mt5';
import { inTemporaryFolder } from '../setup/temporary-folder';
import { createManyContainers, createManyServices } from './many-services';

/** The same resources, created by this library and written by hand. */
export interface Case {
  readonly name: string;
  readonly stack: string;
  /** The highest ratio of the time with this library to the time by hand. */
  readonly target: number;
  readonly ours: (app: App) => void;
  /** @param files folder with the configuration files, which the library generates */
  readonly byHand: (app: App, files: string) => void;
}

export const CASES: readonly Case[] = [
  { name: 'MT5', stack: 'mt5', target: 0.7, ours: createMt5Stack, byHand: createHandWrittenMt5Stack },
  ...[
    { amount: 100, target: 0.6 },
    { amount: 1000, target: 0.5 },
  ].map(({ amount, target }) => ({
    name: `${amount} services`,
    stack: 'desk',
    target,
    ours: (app: App): void => {
      createManyServices(app, amount);
    },
    byHand: (app: App): void => {
      createManyContainers(app, amount);
    },
  })),
];

export type Way = 'ours' | 'byHand';

/** Synthesizes a case and returns the path of its output. */
export function synthesize(one: Case, way: Way, outdir: string, files: string): string {
  const app = new App({ outdir });
  if (way === 'ours') one.ours(app);
  else one.byHand(app, files);
  app.synth();
  return join(outdir, 'stacks', one.stack, 'cdk.tf.json');
}

/** Writes the files that the library generates into the folder from which the hand-written stack reads them. */
export function writeGeneratedFiles(one: Case, files: string): void {
  inTemporaryFolder((outdir) => {
    const terraform = JSON.parse(readFileSync(synthesize(one, 'ours', outdir, files), 'utf8')) as WithUploads;
    for (const { upload = [] } of Object.values(terraform.resource.docker_container)) {
      for (const { file, content } of upload) writeFileSync(join(files, basename(file)), content);
    }
  });
}

interface WithUploads {
  readonly resource: {
    readonly docker_container: Readonly<
      Record<string, { readonly upload?: readonly { readonly file: string; readonly content: string }[] }>
    >;
  };
}

/** @throws if the two stacks differ in their Terraform */
export function checkSameOutput(one: Case, files: string): void {
  const [ours, byHand] = (['ours', 'byHand'] as const).map((way) =>
    inTemporaryFolder((outdir) => withoutMetadata(readFileSync(synthesize(one, way, outdir, files), 'utf8'))),
  );
  if (isDeepStrictEqual(ours, byHand)) return;
  throw new Error(`${one.name}: the outputs differ: ${difference(ours, byHand)}`);
}

function withoutMetadata(json: string): unknown {
  return JSON.parse(json.replace(/\b[0-9a-f]{16}\b/g, HASH), (key, value: unknown) =>
    key === '//' ? undefined : value,
  );
}

/** The first difference. */
function difference(a: unknown, b: unknown, path = ''): string {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return `${path}: ${JSON.stringify(a)} against ${JSON.stringify(b)}`;
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const key = keys.find((one) => !isDeepStrictEqual(left[one], right[one]));
  return key === undefined ? path : difference(left[key], right[key], `${path}/${key}`);
}
