import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Engine, type TradingStack, TradingStackError } from '../../lib';
import { unusedSecrets } from '../../lib/command-line/preflight/secrets';
import { warningsUnder } from '../../lib/internal';
import { createStack, synthesize } from '../../test/setup/synthesize';

/** Writes files of a project and creates the constructs of a stack, as a user does. */
type Stack = (stack: TradingStack, write: (path: string, content: string) => void) => unknown;

/** A way to write a bug. */
export interface Form {
  /** What is written, in a few words. */
  readonly written: string;
  readonly stack: Stack;
  /** Part of the plan that shows the bug, as a string of JSON. A form that is refused has no plan. */
  readonly shows?: RegExp;
  readonly on?: 'swarm';
  /** Whether the compiler refuses it, so that only JavaScript gets further. `@ts-expect-error` in the stack checks that. */
  readonly compiles?: false;
}

/** A fault of the documents. */
export interface Bug {
  readonly title: string;
  readonly forms: readonly Form[];
  /** The same without doing anything about the bug, and the part of the plan that is right. */
  readonly byDefault?: Pick<Form, 'stack' | 'shows' | 'on'>;
  /** Fails unless there is nothing in the library with which the bug could be written. */
  readonly impossible?: () => boolean;
  /** Fails unless the examples or this repository do it right. */
  readonly inExamples?: () => boolean;
}

/** What became of one form. */
export interface Attempt {
  readonly form: Form;
  readonly outcome: 'refused' | 'impossible' | 'warned' | 'still writable';
  /** The codes of the error or the warnings. */
  readonly codes: readonly string[];
}

/** What the library does about a bug. */
export type BugClass =
  'impossible' | 'refused' | 'warned' | 'right by default' | 'still writable' | 'fixed in the example only' | 'nothing';

/** A bug after its stacks were synthesized. */
export interface Verdict {
  readonly title: string;
  readonly found: BugClass;
  readonly attempts: readonly Attempt[];
  /** What the definition of the bug claims and the run does not show. */
  readonly problems: readonly string[];
}

/** Synthesizes the stacks of a bug. */
export function judge({ title, forms, byDefault, impossible, inExamples }: Bug): Verdict {
  const problems: string[] = [];
  const attempts = forms.map((form) => {
    const { outcome, codes, plan } = attempt(form);
    if (outcome === 'still writable' && form.shows?.test(plan ?? '') !== true)
      problems.push(`the plan does not show: ${form.written}`);
    return { form, outcome, codes };
  });
  if (byDefault !== undefined) {
    const { outcome, codes, plan = '' } = attempt({ written: '', ...byDefault });
    if (outcome !== 'still writable') problems.push(`the default is not accepted silently: ${codes.join(', ')}`);
    if (byDefault.shows?.test(plan) !== true) problems.push('the default is not right');
  }
  if (impossible?.() === false) problems.push('it is possible');
  if (inExamples?.() === false) problems.push('the examples do not do it right');
  const found = classOf(attempts, {
    byDefault: byDefault !== undefined,
    impossible: impossible !== undefined,
    inExamples: inExamples !== undefined,
  });
  return { title, found, attempts, problems };
}

function classOf(
  attempts: readonly Attempt[],
  proven: { readonly byDefault: boolean; readonly impossible: boolean; readonly inExamples: boolean },
): BugClass {
  const has = (outcome: Attempt['outcome']) => attempts.some((one) => one.outcome === outcome);
  if (!has('still writable') && attempts.length > 0) {
    if (has('warned')) return 'warned';
    return has('refused') ? 'refused' : 'impossible';
  }
  if (proven.impossible) return 'impossible';
  if (proven.byDefault) return 'right by default';
  if (has('refused') || has('impossible') || has('warned')) return 'still writable';
  return proven.inExamples ? 'fixed in the example only' : 'nothing';
}

function attempt({ stack: build, on, compiles }: Form): Omit<Attempt, 'form'> & { readonly plan?: string } {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'bug-'));
  process.chdir(folder);
  try {
    const stack = createStack(() => undefined, on === 'swarm' ? { engine: Engine.swarm() } : {});
    build(stack, (path, content) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    });
    const plan = JSON.stringify(synthesize(stack));
    const codes = [
      ...warningsUnder(stack).map(({ code }) => code),
      ...unusedSecrets(stack).map(() => 'secret-unused' as const),
    ];
    return { outcome: codes.length > 0 ? 'warned' : 'still writable', codes: [...new Set(codes)], plan };
  } catch (error) {
    if (!(error instanceof TradingStackError)) throw error;
    return { outcome: compiles === false ? 'impossible' : 'refused', codes: [error.code] };
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
}

/** The code of a stack, as short as it can be shown. */
export function codeOf({ stack }: Pick<Form, 'stack'>): string {
  return stack
    .toString()
    .replace(/\(0, (\w+\.\w+)\)/g, '$1')
    .replace(/\b(?:lib_\d+|_lib|cdktf_\d+|_cdktf|shared_\d+|_shared)\./g, '')
    .replace(/\/\/ @ts-expect-error.*\n/g, '')
    .replace(/^\((?:stack)?(?:, write)?\)\s*=>\s*/, '')
    .replace(/\b(\w+): \1\b/g, '$1')
    .replace(/\s+/g, ' ');
}
