import { pathInExpression, SECRETS_FOLDER_LABEL, SECRETS_LABEL, unescaped } from '../../internal';
import type { Attributes } from './attributes';
import { type Change, contentTagged, type PlannedChanges } from './changes';
import { kindOf } from './resources';

/** The resources of a stack as `synth` writes them, by their addresses. */
export type Resources = ReadonlyMap<string, { readonly type: string; readonly values: Attributes }>;

/** The part of `cdk.tf.json` that has what a deploy creates. */
interface ConfigurationDocument {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Attributes>>>>;
  readonly locals?: Readonly<Record<string, unknown>>;
}

/**
 * The resources in a `cdk.tf.json`, with the values that a plan would show, as far as they are known without an engine and
 * without secrets.
 */
export function resourcesOf(document: string): Resources {
  const { resource = {}, locals = {} } = JSON.parse(document) as ConfigurationDocument;
  const known = { resource, locals };
  return new Map(
    Object.entries(resource).flatMap(([type, all]) =>
      Object.entries(all).map(([id, values]) => [`${type}.${id}`, { type, values: valuesOf(values, known) }] as const),
    ),
  );
}

/** What differs between two configurations, in the form of a plan: a deploy may do it in other ways. */
export function compareResources(before: Resources, after: Resources): PlannedChanges {
  const addresses = [...new Set([...before.keys(), ...after.keys()])].sort();
  const names = [...before.values(), ...after.values()].filter(({ type }) => kindOf(type) === 'image');
  const tagged = contentTagged(names.map(({ values }) => values));
  return {
    changes: addresses.flatMap((address) => changeOf(address, before, after, tagged)),
    contentTagged: tagged,
    // A service names its image here, and not the id.
    imageNames: new Map(names.map(({ values }) => [String(values.name), String(values.name)])),
    state: [...before.values()],
    gone: [],
  };
}

function changeOf(address: string, before: Resources, after: Resources, tagged: ReadonlySet<string>): Change[] {
  const [old, now] = [before.get(address), after.get(address)];
  const type = (now ?? old)?.type ?? '';
  if (JSON.stringify(old?.values) === JSON.stringify(now?.values)) return [];
  const kind = kindOf(type);
  const changed = kind === 'image' ? 'replace' : 'update';
  return [
    {
      ...{ address, type, kind },
      action: old === undefined ? 'create' : now === undefined ? 'delete' : changed,
      ...{ dependsOnImage: false, isDeposed: false, reason: undefined, isGone: false },
      hasContentTag: kind === 'image' && tagged.has(String((now ?? old)?.values.name)),
      before: old?.values ?? null,
      after: now?.values ?? null,
      unknown: {},
    },
  ];
}

type Known = Required<ConfigurationDocument>;

/** Terraform's own arguments, which say nothing about what is created. */
const META = new Set(['//', 'depends_on', 'lifecycle', 'provider']);

/** Labels with the versions of secrets, which a configuration does not have. */
const UNKNOWN_LABELS: readonly unknown[] = [SECRETS_LABEL, SECRETS_FOLDER_LABEL];

function valuesOf(values: Attributes, known: Known): Attributes {
  const kept = Object.entries(values).filter(([key]) => !META.has(key));
  return resolved(Object.fromEntries(kept), known) as Attributes;
}

function resolved(value: unknown, known: Known): unknown {
  if (typeof value === 'string') return resolvedText(value, known);
  if (Array.isArray(value)) return value.filter(isKnown).map((one) => resolved(one, known));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolved(one, known)]));
}

/** The container that has the secrets on a remote engine is named after their versions. */
function isKnown(item: unknown): boolean {
  const { label, from_container: carrier } = (item ?? {}) as Attributes;
  return !UNKNOWN_LABELS.includes(label) && !String(carrier).includes('${');
}

/** An expression that refers to another resource becomes its name, and that of a path the path from the project. */
function resolvedText(value: string, known: Known): string {
  const [, type = '', id = ''] = /^\$\{(docker_\w+)\.([\w-]+)\./.exec(value) ?? [];
  const name = known.resource[type]?.[id]?.name;
  if (typeof name === 'string') return resolvedText(name, known);
  const [, local = ''] = /^\$\{base64encode\(local\.([\w-]+)\)\}$/.exec(value) ?? [];
  const content = known.locals[local];
  if (typeof content === 'string') return Buffer.from(unescaped(content)).toString('base64');
  // Without the version of a secret or a file, which is an expression.
  const [, unversioned] = /^([\w.-]+)-\$\{(?:try|substr)\(.*\}$/s.exec(value) ?? [];
  return unversioned ?? pathInExpression(value) ?? unescaped(value);
}
