/** What to write instead; an imperative without a full stop. */
export interface Hint {
  readonly text: string;
  /** The code in the text that a user can paste: options with a value, or calls after the construct is created. */
  readonly code: readonly string[];
}

/** How to fix options that other tools name or write differently. */
export interface Hints {
  /** By the path of an option that does not exist: `mem_limit`, `resources.limits`. */
  readonly unknown: ReadonlyMap<string, Hint>;
  /** By the name of an option, for a value of the wrong type. */
  readonly wrongType: ReadonlyMap<string, Hint>;
  /** The port of the program, which hints name instead of 8000. */
  readonly port?: number;
  /** Path of the object that the table is for, inside of the options: `grafana`. */
  readonly within?: string;
}

/** What to write instead of an option that does not exist. */
export function hintForUnknown(path: string, known: readonly string[], hints: Hints): string | undefined {
  const inside = relativePath(path, hints);
  const hint = hints.unknown.get(inside);
  return hint && withPort(fixFrom(hint, inside, known), hints);
}

/** The hint for the option that the value is part of: for `ports` if the path is `ports[0]`. */
export function hintForValue(path: string, hints: Hints): string | undefined {
  const [option = path] = relativePath(path, hints).split(/[.[]/);
  const hint = hints.wrongType.get(option);
  return hint && withPort(hint.text, hints);
}

function relativePath(path: string, { within }: Hints): string {
  return within === undefined ? path : path.slice(within.length + 1);
}

/** Hints are for any program, and use 8000 as an example. */
function withPort(text: string, { port }: Hints): string {
  return port === undefined ? text : text.replace(/\b8000\b/g, String(port));
}

/** A hint is for every construct with the options of a workload, and not all of them have each option. */
function fixFrom({ text, code }: Hint, path: string, known: readonly string[]): string {
  // A path such as `resources.limits` is inside of an option that exists.
  const options = path.includes('.') ? [] : code.flatMap((one) => /^(\w+): /.exec(one)?.[1] ?? []);
  const foreign = options.find((option) => !known.includes(option));
  return foreign === undefined ? text : `Leave it out: this construct has no \`${foreign}\``;
}
