import { distance } from 'fastest-levenshtein';
import { raise, TradingStackError } from '../errors';
import { type Hint, hintForUnknown, hintForValue, type Hints } from './hints';

export type { Hint, Hints } from './hints';

/** A class, including one with a private constructor. */
export interface ClassOf<T> {
  readonly name: string;
  readonly prototype: T;
}

/** The shape of an option that has to be given. */
export interface RequiredShape<S> {
  readonly required: S;
}

/** The shape of an object with any names, such as labels: that of each of its values. */
export interface EachShape<S> {
  readonly each: S;
}

/** The shape of the values of one option, for the check. */
type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'function'
  | 'object'
  | 'any'
  | ClassOf<unknown>
  | readonly [Shape]
  | EachOf
  | Shapes;

type EachOf = EachShape<'string' | 'number' | 'boolean' | ClassOf<unknown>>;

interface Shapes {
  readonly [option: string]: Shape | RequiredShape<Shape>;
  readonly [HINTS]?: Hints;
}

/** The shape that a TypeScript type has at run time. A type with alternatives is `'any'`. */
export type ShapeOf<T> = [T] extends [boolean]
  ? 'boolean'
  : [T] extends [string]
    ? 'string'
    : [T] extends [number]
      ? 'number'
      : T extends readonly (infer Item)[]
        ? readonly [ShapeOf<Item>]
        : T extends (...args: never[]) => unknown
          ? 'function'
          : T extends object
            ? 'object' | ClassOf<T> | (string extends keyof T ? EachShape<ShapeOf<T[keyof T]>> : OptionShapes<T>)
            : 'any';

/** The key of the hints of a table: a symbol, so that hints are kept when the table is spread into another one. */
export const HINTS = Symbol('hints');

/**
 * The options of a construct or value object, each with its shape. The compiler keeps such a table complete: an option
 * that is missing from it, or has another shape, does not compile.
 *
 * @example
 * const OPTIONS: OptionShapes<QueueOptions> = { name: required('string'), durable: 'boolean' };
 */
export type OptionShapes<Options> = {
  readonly [Name in keyof Options]-?: object extends Pick<Options, Name>
    ? ShapeOf<NonNullable<Options[Name]>>
    : RequiredShape<ShapeOf<NonNullable<Options[Name]>>>;
} & { readonly [HINTS]?: Hints };

/** The table with values as they are pasted, for options that are missing or have another type. */
export function withExamples<Options>(
  shapes: OptionShapes<Options>,
  examples: { readonly [Name in keyof Options]?: string },
): OptionShapes<Options> {
  const hints = shapes[HINTS] ?? NO_HINTS;
  const added = Object.entries<string | undefined>(examples).map(([option, value]): [string, Hint] => {
    const code = `${option}: ${value ?? ''}`;
    return [option, { text: `Use \`${code}\``, code: [code] }];
  });
  return { ...shapes, [HINTS]: { ...hints, wrongType: new Map([...hints.wrongType, ...added]) } };
}

/** The table of a program that listens on a port, for hints that name it. */
export function listeningOn<Options>(shapes: OptionShapes<Options>, port: number): OptionShapes<Options> {
  return { ...shapes, [HINTS]: { ...(shapes[HINTS] ?? NO_HINTS), port } };
}

/** Marks an option that has to be given. */
export function required<S>(shape: S): RequiredShape<S> {
  return { required: shape };
}

/** The shape of an object whose values all have the same shape: `labels: each('string')`. */
export function each<S>(shape: S): EachShape<S> {
  return { each: shape };
}

/**
 * Refuses options that do not exist. Types find them too, but not in plain JavaScript, in an object that is spread in, or
 * in a script that runs without type checking, and there a misspelt option would be ignored silently.
 *
 * @param where path of the construct, or name of the value object
 * @throws TradingStackError `unknown-option`, `missing-option`, or `wrong-type` for a value whose use would fail later
 */
export function checkOptions<Options extends object>(
  options: Options,
  shapes: OptionShapes<Options>,
  where: string,
): void {
  if (isObject(options) && CHECKED in options) return;
  checkObject(options, shapes, where, '', shapes[HINTS] ?? NO_HINTS);
}

const CHECKED = Symbol('checked');

/**
 * Marks options that a subclass has checked before it passes them to its base class: a wrong one would be reported twice
 * where all errors are collected.
 */
export function alreadyChecked<Options extends object>(options: Options): Options {
  return { ...options, [CHECKED]: true };
}

const NO_HINTS: Hints = { unknown: new Map(), wrongType: new Map() };

function checkObject(given: unknown, shapes: Shapes, where: string, path: string, outer: Hints): void {
  const hints = path === '' || shapes[HINTS] === undefined ? outer : { ...shapes[HINTS], within: path };
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    raise(wrongType(where, path === '' ? 'the options' : path, 'an object', given, hints, objectOf(shapes)));
    return;
  }
  const values = given as Readonly<Record<string, unknown>>;
  const at = (option: string): string => (path === '' ? option : `${path}.${option}`);
  const meant = new Set<string>();
  for (const option of Object.keys(values)) {
    if (values[option] !== undefined && !Object.hasOwn(shapes, option)) {
      meant.add(mostSimilar(option, Object.keys(shapes)) ?? '');
      raise(unknownOption(where, { path: at(option), option, known: Object.keys(shapes) }, hints));
    }
  }
  for (const [option, shape] of Object.entries(shapes)) {
    const value = values[option];
    if (value !== undefined) check(value, isRequired(shape) ? shape.required : shape, where, at(option), hints);
    else if (isRequired(shape) && !meant.has(option)) raise(missingOption(where, at(option), hints));
  }
}

function objectOf(shapes: Shapes): string {
  const known = Object.keys(shapes).sort();
  return known.length === 0 || known.length > 12 ? 'an object' : `an object with options of ${known.join(', ')}`;
}

function check(value: unknown, shape: Shape, where: string, path: string, hints: Hints): void {
  if (shape === 'any') return;
  if (typeof shape === 'string') {
    const isFine = shape === 'object' ? isObject(value) : typeof value === shape;
    if (!isFine) raise(wrongType(where, path, NAMES[shape], value, hints));
  } else if (isList(shape)) {
    if (!Array.isArray(value)) {
      raise(wrongType(where, path, 'a list', value, hints));
      return;
    }
    value.forEach((item: unknown, index) => {
      check(item, shape[0], where, `${path}[${index}]`, hints);
    });
  } else if (isClass(shape)) {
    if (!(isObject(value) && Object.prototype.isPrototypeOf.call(shape.prototype as object, value as object))) {
      raise(wrongClass(where, path, shape.name, value, hints));
    }
  } else if (isEach(shape)) {
    if (!isObject(value)) {
      raise(wrongType(where, path, 'an object', value, hints));
      return;
    }
    for (const [name, item] of Object.entries(value as object))
      check(item, shape.each, where, `${path}.${name}`, hints);
  } else {
    checkObject(value, shape, where, path, hints);
  }
}

const NAMES = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  function: 'a function',
  object: 'an object',
} as const;

function isObject(value: unknown): boolean {
  return (typeof value === 'object' && value !== null && !Array.isArray(value)) || typeof value === 'function';
}

function isRequired(shape: Shape | RequiredShape<Shape>): shape is RequiredShape<Shape> {
  return typeof shape === 'object' && !Array.isArray(shape) && 'required' in shape;
}

function isEach(shape: Shape): shape is EachOf {
  return typeof shape === 'object' && !Array.isArray(shape) && 'each' in shape;
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function isClass(shape: Shape): shape is ClassOf<unknown> {
  return typeof shape === 'function';
}

function unknownOption(
  where: string,
  { path, option, known }: { readonly path: string; readonly option: string; readonly known: readonly string[] },
  hints: Hints,
): TradingStackError {
  const what = `there is no option '${path}'`;
  const hint = hintForUnknown(path, known, hints);
  if (hint !== undefined) return new TradingStackError('unknown-option', where, what, hint);
  const similar = mostSimilar(option, known);
  const fix =
    similar === undefined ? `Known options are ${[...known].sort().join(', ')}` : `Did you mean '${similar}'?`;
  return new TradingStackError('unknown-option', where, what, fix);
}

/** Close enough to be a typo, or the same word in another case. */
export function mostSimilar(option: string, known: readonly string[]): string | undefined {
  const plain = (name: string): string => name.replace(/[_-]/g, '').toLowerCase();
  const [best] = known
    .map((name) => ({ name, edits: distance(plain(option), plain(name)) }))
    .sort((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= Math.max(option.length > 3 ? 2 : 1, Math.floor(option.length / 3))
    ? best.name
    : undefined;
}

function missingOption(where: string, path: string, hints: Hints): TradingStackError {
  const what = `the option '${path}' is missing`;
  return new TradingStackError('missing-option', where, what, hintForValue(path, hints) ?? `Set ${path}`);
}

/** Names the type only: the value may be a password that was passed instead of a secret. */
function wrongType(
  where: string,
  path: string,
  expected: string,
  given: unknown,
  hints: Hints,
  allowed = expected,
): TradingStackError {
  const what = `${path} must be ${expected}, got ${typeOf(given)}`;
  return new TradingStackError('wrong-type', where, what, hintForValue(path, hints) ?? `Set ${path} to ${allowed}`);
}

/** For values that other tools take as a number or a string. */
const EXAMPLES: Readonly<Record<string, string>> = {
  Duration: ': Duration.seconds(30)',
  Size: ': Size.mebibytes(512)',
};

function wrongClass(where: string, path: string, name: string, given: unknown, hints: Hints): TradingStackError {
  const isOfACopy = isObject(given) && classNameOf(given as object) === name;
  const what = `${path} must be ${withArticle(name)}, got ${isOfACopy ? 'one from another copy of this library' : typeOf(given)}`;
  const fix = isOfACopy
    ? 'Install the library once: npm ls cdktf-trading-stack shows the copies'
    : (hintForValue(path, hints) ?? `Pass ${withArticle(name)}${EXAMPLES[name] ?? ''}`);
  return new TradingStackError('wrong-type', where, what, fix);
}

function typeOf(given: unknown): string {
  if (given === null || given === undefined) return String(given);
  if (Array.isArray(given)) return 'a list';
  if (typeof given === 'object') {
    const name = classNameOf(given);
    return name === undefined || name === 'Object' ? 'an object' : withArticle(name);
  }
  return `a ${typeof given}`;
}

function withArticle(name: string): string {
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** `undefined` for an object without a prototype, such as a module, and for one with an own `constructor`. */
function classNameOf(given: object): string | undefined {
  const { constructor } = given as { readonly constructor?: unknown };
  return typeof constructor === 'function' ? constructor.name : undefined;
}
