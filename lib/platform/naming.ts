import type { IConstruct } from 'constructs';
import { invalidName, TradingStackError } from '../errors';
import { isCarrierName } from './secrets/secret-carrier';

/** The labels that this library sets start with this. */
export const LABEL_PREFIX = 'cdktf-trading-stack.';

/** Label of everything that a stack creates; its value is the stack's name. */
export const STACK_LABEL = `${LABEL_PREFIX}stack`;

/** Label with the id of the service, for filters: `docker ps --filter label=cdktf-trading-stack.service=db`. */
export const SERVICE_LABEL = `${LABEL_PREFIX}service`;

/** The id by which commands name a workload; replicas that are containers of their own share it. */
export function serviceIdOf(workload: Labelled): string {
  return workload.labels[SERVICE_LABEL] ?? workload.name;
}

interface Labelled {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A label that replaces the container for a change that the provider would accept and not apply. */
export const CONFIGURATION_LABEL = `${LABEL_PREFIX}configuration`;

/** A label that replaces the container when the content of a secret changes. */
export const SECRETS_LABEL = `${LABEL_PREFIX}secrets`;

/** A label that replaces the container when the folder with its secret files has moved. */
export const SECRETS_FOLDER_LABEL = `${LABEL_PREFIX}secrets-folder`;

/** Label of the carriers of secrets, and of their volumes; its value is the name of the container that mounts them. */
export const CARRIER_LABEL = `${LABEL_PREFIX}secrets-of`;

/** @throws TradingStackError `invalid-name` if Docker would refuse the name of a container, service, network or volume */
export function checkDockerName(name: string, property: string, where: string): string {
  const reason = whyNoDockerName(name);
  if (reason === undefined) return name;
  throw new TradingStackError(
    'invalid-name',
    where,
    `${property} cannot be '${name}', which ${reason}`,
    'Use 2 to 63 letters, digits, underscores, dots and hyphens, starting with a letter or digit',
  );
}

function whyNoDockerName(name: unknown): string | undefined {
  if (typeof name !== 'string') return 'is not a string';
  const [invalid] = /[^a-zA-Z0-9_.-]/u.exec(name) ?? [];
  if (invalid !== undefined) return `contains '${invalid}'`;
  if (isCarrierName(name)) return 'ends like the name of a volume with the secrets of a container';
  if (name.length < 2 || name.length > 63) return `has ${name.length} character${name.length === 1 ? '' : 's'}`;
  return /^[a-zA-Z0-9]/.test(name) ? undefined : `starts with '${name.charAt(0)}'`;
}

const ALIAS_FORM = '1 to 63 letters, digits, underscores and hyphens, with a letter or digit at the start and the end';

/**
 * @param example how a valid one is set
 * @throws TradingStackError `invalid-name` if the name cannot be resolved on the network
 */
export function checkAlias(name: string, property: string, where: string, example?: string): string {
  if (/^[a-zA-Z0-9]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?$/.test(name)) return name;
  throw invalidName(where, property, name, example === undefined ? ALIAS_FORM : `${ALIAS_FORM}: ${example}`);
}

/** Construct path for messages. A service calls its workload `Default`, an id that its user never wrote. */
export function shownPath(construct: IConstruct): string {
  return construct.node.path.replace(/(\/Default)+$/, '');
}

/** `feature_api` has the host name `feature-api`: there is no underscore in RFC 1123, and Django refuses one. */
export function hostName(id: string): string {
  return id.replace(/_/g, '-');
}

/** `strategy_runner` of the stack `mt5` is the container `mt5-strategy-runner`. */
export function containerName(prefix: string, id: string): string {
  return `${prefix}-${hostName(id)}`;
}

/** The container of a service while the new version starts beside it: `mt5-api-previous`. */
export function previousName(name: string): string {
  return `${name}-previous`;
}

/** The volume `data` of the service `db` of the stack `mt5` is `mt5_db_data`. */
export function volumeName(prefix: string, name: string): string {
  return `${prefix}_${name}`;
}
