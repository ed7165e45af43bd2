import { withoutControls } from '../output/control-sequences';
import type { Attempt, DeployRecord } from './deploy-record';

/** A line of the history. */
export type Line = { readonly deploy: DeployRecord } | { readonly attempt: Attempt };

/**
 * Reads a line of the history, without control sequences in what is shown of it.
 * @returns `undefined` for a line that was cut off or is damaged otherwise
 */
export function parseLine(text: string): Line | undefined {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(line)) return undefined;
  const { deploy, attempt } = line;
  if (isDeploy(deploy)) return { deploy: shown(deploy) };
  return isAttempt(attempt) ? { attempt: shown(attempt) } : undefined;
}

function shown<Recorded extends Attempt>(recorded: Recorded): Recorded {
  return {
    ...recorded,
    reason: withoutControls(recorded.reason),
    changed: recorded.changed.map((name) => withoutControls(name)),
  };
}

function isAttempt(value: unknown): value is Attempt {
  return (
    hasStrings(value, ['time', 'reason']) &&
    isTime(value.time) &&
    ['deploy', 'rollback', 'rotate'].includes(String(value.command)) &&
    isListOf(value.changed, (name) => typeof name === 'string') &&
    (value.restores === null || typeof value.restores === 'string')
  );
}

function isDeploy(value: unknown): value is DeployRecord {
  return (
    isAttempt(value) &&
    hasStrings(value, ['id', 'address', 'fingerprint']) &&
    /^[0-9a-z]+$/.test(value.id) &&
    'content' in value &&
    isContent(value.content)
  );
}

function isContent(value: unknown): boolean {
  return (
    hasStrings(value, ['prefix', 'engine', 'stateFile']) &&
    isListOf(value.images, isImage) &&
    isListOf(value.workloads, isWorkload) &&
    isConfiguration(value.configuration)
  );
}

function isConfiguration(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.terraform)) return false;
  const { provider = {}, resource = {} } = value;
  return (
    isObject(provider) &&
    isObject(resource) &&
    Object.values(resource).every((ofType) => isObject(ofType) && Object.values(ofType).every(isObject))
  );
}

function isImage(value: unknown): boolean {
  return (
    hasStrings(value, ['address', 'name', 'id']) &&
    typeof value.isBuilt === 'boolean' &&
    (value.digest === null || typeof value.digest === 'string')
  );
}

/** What a rollback reads of it before it deploys it. */
function isWorkload(value: unknown): boolean {
  if (!hasStrings(value, ['address']) || !hasStrings(value.spec, ['name', 'kind'])) return false;
  const { secrets, secretEnvironment, volumes, bindMounts } = value.spec;
  return (
    isListOf(secrets, (mounted) => isObject(mounted) && hasStrings(mounted.secret, ['file'])) &&
    isObject(secretEnvironment) &&
    Object.values(secretEnvironment).every((secret) => hasStrings(secret, ['file'])) &&
    isListOf(volumes, isObject) &&
    isListOf(bindMounts, (mount) => hasStrings(mount, ['source']))
  );
}

/** As it is recorded: other forms are read, too, and may have anything in parentheses. */
function isTime(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function hasStrings<Name extends string>(
  value: unknown,
  names: readonly Name[],
): value is Readonly<Record<string, unknown>> & Readonly<Record<Name, string>> {
  return isObject(value) && names.every((name) => typeof value[name] === 'string');
}
