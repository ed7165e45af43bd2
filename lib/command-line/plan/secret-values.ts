import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TradingStack } from '../../index';
import { isSecretVariable } from '../../internal';
import type { PlannedChanges } from './changes';
import { secretValuesIn } from './resources';

/** Hidden in addition to what the library warns about: hiding a value does no harm. */
const ALSO_HIDDEN = /(SECRET|TOKEN)$|(^|_)KEY$/i;

/**
 * Whether the value of a variable must be hidden: the code passes it as a secret, its name or value looks like one, or
 * a secret file has that content. Files stay when the code no longer uses them, and the state still has the value.
 */
export function secretVariables({ platform }: TradingStack): (name: string, value: string) => boolean {
  const contents = contentsBelow(platform.projectDirectory.locate(platform.secretStore.folder));
  const declared = new Set(platform.workloads.flatMap(({ spec }) => Object.keys(spec.secretEnvironment)));
  return (name, value) =>
    declared.has(name) ||
    contents.has(value.trim()) ||
    ((isSecretVariable(name, value) || ALSO_HIDDEN.test(name)) && !value.startsWith('/'));
}

function contentsBelow(folder: string): ReadonlySet<string> {
  if (!existsSync(folder)) return new Set();
  const paths = readdirSync(folder).map((name) => join(folder, name));
  // A link may lead nowhere, or to a folder.
  const files = paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  return new Set(files.map((path) => readFileSync(path, 'utf8').trim()).filter((text) => text !== ''));
}

/** The values of secrets in a plan, including secrets that were rotated or are no longer in the code. */
export function secretValuesOf(stack: TradingStack, { changes, state }: PlannedChanges): string[] {
  const isSecret = secretVariables(stack);
  const planned = changes.flatMap(({ type, before, after }) => [before, after].map((values) => ({ type, values })));
  const values = [...state, ...planned].flatMap(({ type, values: one }) =>
    one === null ? [] : secretValuesIn(type, one, isSecret),
  );
  return [...new Set(values.flatMap(tellingLines))];
}

/** A whole file that is secret, such as a list of users, has ordinary lines too. */
function tellingLines(value: string): string[] {
  const lines = value.trim().split('\n');
  return lines.length === 1 ? lines : lines.filter((line) => line.length >= 16 && !/\s/.test(line.trim()));
}
