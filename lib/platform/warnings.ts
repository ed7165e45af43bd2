import { Annotations, Aspects, type TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import { invalidValue, TradingStackError, WARNING_CODES, type WarningCode } from '../errors';
import { shownPath } from './naming';

/** A warning about one construct. */
export interface Warning {
  readonly code: WarningCode;
  /** Construct path. */
  readonly path: string;
  /** What in particular it is about: the variable, the image, the port. */
  readonly about: string;
  /** Why it is acknowledged; `null` if it is not. */
  readonly reason: string | null;
}

/**
 * The warnings about a construct and everything in it, by their codes, which `docs/errors.md` explains. The command line
 * shows them grouped by code.
 *
 * @example
 * const exporter = new Workload(stack, 'smartctl', { image, privileged: true });
 * Warnings.of(exporter).acknowledge('privileged', 'reads the SMART data of all disks');
 */
export class Warnings {
  /** The warnings about a construct: a service, a stack, or the app. */
  static of(construct: IConstruct): Warnings {
    return new Warnings(construct);
  }

  private constructor(private readonly construct: IConstruct) {}

  /**
   * Accepts all warnings with this code. The report counts them, and shows them and the reason with `--verbose`.
   * @throws TradingStackError for a code that does not exist, and without a reason
   */
  acknowledge(code: WarningCode, reason: string): void {
    const where = shownPath(this.construct);
    if (!Object.hasOwn(WARNING_CODES, code)) {
      throw invalidValue(where, 'the code of a warning', code, `one of ${Object.keys(WARNING_CODES).join(', ')}`);
    }
    // In plain JavaScript it may be missing.
    if (typeof (reason as unknown) !== 'string' || reason.trim() === '') {
      throw new TradingStackError(
        'missing-option',
        where,
        `the warning '${code}' is acknowledged without a reason`,
        `Say why it is acceptable: Warnings.of(construct).acknowledge('${code}', 'only reachable through the VPN')`,
      );
    }
    this.construct.node.addMetadata(ACKNOWLEDGED, { code, reason: reason.trim() } satisfies Acknowledgement);
  }
}

interface Acknowledgement {
  readonly code: WarningCode;
  readonly reason: string;
}

const WARNING = 'cdktf-trading-stack:warning';
const ACKNOWLEDGED = 'cdktf-trading-stack:acknowledged';

/**
 * Adds a warning to a construct.
 * @param about what in particular it is about
 */
export function warn(construct: IConstruct, code: WarningCode, about: string): void {
  construct.node.addMetadata(WARNING, { code, about } satisfies Pick<Warning, 'code' | 'about'>);
}

/** A warning that is not stored at its construct, as it depends on the machine or on other constructs. */
export function warningAbout(construct: IConstruct, code: WarningCode, about: string): Warning {
  return { code, path: shownPath(construct), about, reason: reasonFor(construct, code) };
}

/** All warnings of the constructs under a root, also the acknowledged ones. */
export function warningsUnder(root: IConstruct): Warning[] {
  return root.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === WARNING)
      .map(({ data }) => {
        const { code, about } = data as Pick<Warning, 'code' | 'about'>;
        return warningAbout(construct, code, about);
      }),
  );
}

/** That of the nearest construct that acknowledges the code. */
function reasonFor(construct: IConstruct, code: WarningCode): string | null {
  const entries = construct.node.scopes.reverse().flatMap(({ node }) => node.metadata);
  const acknowledgements = entries
    .filter(({ type }) => type === ACKNOWLEDGED)
    .map(({ data }) => data as Acknowledgement);
  return acknowledgements.find((one) => one.code === code)?.reason ?? null;
}

/** Warnings with one code. */
export interface WarningGroup {
  readonly code: WarningCode;
  readonly problem: string;
  readonly fix: string;
  readonly places: readonly WarningPlace[];
}

/** What several constructs have in common. */
export interface WarningPlace {
  /** Construct paths. */
  readonly paths: readonly string[];
  readonly about: readonly string[];
}

/** The warnings by code, and constructs with the same details together. */
export function groupWarnings(warnings: readonly Pick<Warning, 'code' | 'path' | 'about'>[]): WarningGroup[] {
  return [...by(warnings, ({ code }) => code)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, ofCode]) => ({ code, ...WARNING_CODES[code], places: placesOf(ofCode) }));
}

function placesOf(warnings: readonly Pick<Warning, 'path' | 'about'>[]): WarningPlace[] {
  const details = [...by(warnings, ({ path }) => path)].map(([path, ofPath]) => {
    const about = [...new Set(ofPath.map((one) => one.about))];
    return { path, about, key: JSON.stringify(about) };
  });
  return [...by(details, ({ key }) => key).values()].map((alike) => ({
    paths: alike.map(({ path }) => path),
    about: alike[0]?.about ?? [],
  }));
}

function by<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/**
 * Hands the warnings of a stack to cdktf at synthesis, grouped, so that `cdktf synth` and the manifest have them. They
 * are in {@link annotatedBy} for a report that shows warnings of others too.
 */
export function annotateAtSynthesis(stack: TerraformStack): void {
  Aspects.of(stack).add({
    visit: (construct) => {
      if (construct !== stack) return;
      const before = annotatedBy(stack);
      const open = warningsUnder(stack).filter(({ reason }) => reason === null);
      const messages = groupWarnings(open).map((group) => linesOf(group).join('\n'));
      for (const message of messages.filter((one) => !before.has(one))) Annotations.of(stack).addWarning(message);
      annotations.set(stack, new Set([...before, ...messages]));
    },
  });
}

/** The messages that {@link annotateAtSynthesis} has added to a stack. */
export function annotatedBy(stack: IConstruct): ReadonlySet<string> {
  return annotations.get(stack) ?? new Set();
}

const annotations = new WeakMap<IConstruct, ReadonlySet<string>>();

const MOST_PATHS = 4;

/**
 * A group of warnings as it is printed.
 * @param isComplete whether to list every construct of a long list
 */
export function linesOf({ code, problem, fix, places }: WarningGroup, isComplete = false): string[] {
  const lines = places.map(({ paths, about }) => `  ${listed(paths, isComplete)}: ${about.join(', ')}`);
  return [`${problem} [${code}]`, ...lines, `  ${fix}.`];
}

function listed(paths: readonly string[], isComplete: boolean): string {
  const rest = paths.length - MOST_PATHS;
  // To replace a single path with its number would not be shorter.
  if (isComplete || rest < 2) return paths.join(', ');
  return `${paths.slice(0, MOST_PATHS).join(', ')} and ${rest} more`;
}
