import type { TradingStack } from '../../index';
import { contentNameOf, previousName, type RegisteredWorkload, withoutContentTag, withoutTag } from '../../internal';
import { type Attributes, text } from './attributes';
import {
  buildOf,
  contentOf,
  imageTransferOf,
  isBuiltBefore,
  isServiceImageOnly,
  isSwarmService,
  kindOf,
  type ResourceKind,
} from './resources';

/** What Terraform does to a resource. */
export type Action = 'create' | 'update' | 'replace' | 'delete';

/** How the container of a service is replaced, on an engine that does not do it by itself. */
export interface Replacement {
  readonly order: 'start-first' | 'stop-first';
  /** Why the old container has to stop first; empty if it does not. */
  readonly reasons: readonly string[];
}

/** What a plan does to one resource. */
export interface Change {
  /** Terraform address. */
  readonly address: string;
  /** The provider's resource type. */
  readonly type: string;
  readonly kind: ResourceKind;
  readonly action: Action;
  /**
   * Whether the action is only carried out if the image turns out to be another one: an image that is still to be built
   * or pulled has no id yet, and Terraform plans for the worst.
   */
  readonly dependsOnImage: boolean;
  /** Whether it is what an unfinished replacement left behind, and not the resource that has the address now. */
  readonly isDeposed: boolean;
  /** Terraform's reason, such as `replace_by_request`; `undefined` if the attributes show it. */
  readonly reason: string | undefined;
  /** Whether it was removed from the engine by something other than Terraform. */
  readonly isGone: boolean;
  /** Whether it is an image whose tag is the hash of what it is built from, and not a version that a user chose. */
  readonly hasContentTag: boolean;
  /** The current attributes; `null` for a new resource. */
  readonly before: Attributes | null;
  /** The planned attributes, as far as they are known; `null` for a deleted resource. */
  readonly after: Attributes | null;
  /** `true` for each planned attribute that is not known yet. */
  readonly unknown: Attributes;
}

/** A plan, as far as the commands use it. */
export interface PlannedChanges {
  readonly changes: readonly Change[];
  /** Names of the images by the ids that containers refer to. */
  readonly imageNames: ReadonlyMap<string, string>;
  /** Names of the images whose tag is the hash of what they are built from. */
  readonly contentTagged: ReadonlySet<string>;
  /** The attributes of all resources of the state. */
  readonly state: readonly { readonly type: string; readonly values: Attributes }[];
  /** What the refresh did not find on the engine, with the attributes that it had. */
  readonly gone: readonly { readonly type: string; readonly values: Attributes }[];
}

interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly deposed?: string;
  readonly action_reason?: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before?: Attributes | null;
    readonly after?: Attributes | null;
    readonly after_unknown?: Attributes;
    readonly replace_paths?: readonly (readonly (string | number)[])[];
  };
}

// https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
interface PlanDocument {
  readonly resource_changes?: readonly ResourceChange[];
  readonly resource_drift?: readonly ResourceChange[];
  readonly prior_state?: {
    readonly values?: {
      readonly root_module?: {
        readonly resources?: readonly { readonly type: string; readonly values?: Attributes }[];
      };
    };
  };
}

const ACTIONS: Readonly<Record<string, Action>> = {
  create: 'create',
  update: 'update',
  'delete,create': 'replace',
  'create,delete': 'replace',
  delete: 'delete',
};

/** The changes in a document of `terraform show -json`, without data sources and unchanged resources. */
export function parsePlan(document: string): PlannedChanges {
  const { resource_changes = [], resource_drift = [], prior_state } = JSON.parse(document) as PlanDocument;
  const gone = resource_drift.filter(({ change }) => change.actions.join() === 'delete');
  const goneAddresses = new Set(gone.map(({ address }) => address));
  const state = (prior_state?.values?.root_module?.resources ?? []).map(({ type, values = {} }) => ({ type, values }));
  const images = state.filter(({ type }) => kindOf(type) === 'image');
  const changed = resource_changes.flatMap(({ change }) => [change.before ?? {}, change.after ?? {}]);
  const tagged = contentTagged([...images.map(({ values }) => values), ...changed]);
  return {
    changes: resource_changes.flatMap((one) => parseChange(one, goneAddresses, tagged)),
    contentTagged: tagged,
    imageNames: new Map(images.map(({ values }) => [String(values.image_id), String(values.name)])),
    state,
    gone: gone.map(({ type, change }) => ({ type, values: change.before ?? {} })),
  };
}

/** Names of the images whose tag is the hash of what they are built from. */
export function contentTagged(images: readonly Attributes[]): ReadonlySet<string> {
  const names = images.map((image) => ({ name: text(image.name), content: contentOf(image) }));
  return new Set(
    names.filter(({ name, content }) => withoutContentTag(name, content) !== name).map(({ name }) => name),
  );
}

/** The name of an image as it is shown. */
export function shownImage(name: string, { contentTagged: tagged }: Pick<PlannedChanges, 'contentTagged'>): string {
  return tagged.has(name) ? withoutTag(name) : name;
}

function parseChange(resource: ResourceChange, gone: ReadonlySet<string>, tagged: ReadonlySet<string>): Change[] {
  const { address, type, deposed, action_reason, change } = resource;
  const action = ACTIONS[change.actions.join()];
  if (action === undefined) return [];
  const kind = kindOf(type);
  return [
    {
      address,
      type,
      kind,
      action,
      dependsOnImage: kind === 'workload' && isForImageOnly(resource),
      isDeposed: deposed !== undefined,
      reason: action_reason,
      isGone: gone.has(address),
      hasContentTag: kind === 'image' && tagged.has(text((change.after ?? change.before)?.name)),
      before: change.before ?? null,
      after: change.after ?? null,
      unknown: change.after_unknown ?? {},
    },
  ];
}

function isForImageOnly({ action_reason, change, type }: ResourceChange): boolean {
  const { replace_paths = [], before, after, after_unknown = {} } = change;
  const isForced = action_reason !== undefined && action_reason !== 'replace_because_cannot_update';
  switch (ACTIONS[change.actions.join()]) {
    case 'replace':
      return !isForced && after_unknown.image === true && replace_paths.every(([root]) => root === 'image');
    case 'update':
      return isServiceImageOnly(type, before ?? {}, after ?? {}, after_unknown);
    default:
      return false;
  }
}

/** The changes that were not confirmed. */
export function unconfirmed(confirmed: readonly Change[], changes: readonly Change[]): Change[] {
  return changes.filter((change) => !confirmed.some((one) => covers(one, change)));
}

/** A confirmed replacement also covers its second half and an update in place, but not a removal. */
function covers(confirmed: Change, { address, action, isDeposed }: Change): boolean {
  if (confirmed.address !== address) return false;
  if (confirmed.action === 'replace') return action !== 'delete' || isDeposed;
  return confirmed.action === action && confirmed.isDeposed === isDeposed;
}

/** Addresses of the stack's jobs. */
export function jobAddresses({ platform }: TradingStack): ReadonlySet<string> {
  return new Set(platform.workloads.filter(({ spec }) => spec.kind === 'job').map(({ address }) => address));
}

/** The changes that touch a container or service that may be running. A job has ended, or is meant to run again. */
export function disruptive(changes: readonly Change[], jobs: ReadonlySet<string>): Change[] {
  return changes.filter(
    ({ address, kind, action }) => kind === 'workload' && action !== 'create' && !jobs.has(address),
  );
}

/** Whether an image has to be built or pulled: a rollback uses those that are there. */
export function isMadeOnEngine({ kind, after }: Change): boolean {
  return kind === 'image' && !isBuiltBefore(after ?? {});
}

/** A network or volume cannot be removed while containers that are not part of the step use it. */
export function isHeldByOthers({ kind, action }: Change): boolean {
  return (kind === 'network' || kind === 'volume') && action !== 'create' && action !== 'update';
}

/** The removal of the previous container of a service, which is part of the replacement that was confirmed. */
export function removalOfReplaced(change: Change): Change {
  return { ...change, address: previousName(change.address), action: 'delete', isDeposed: false };
}

/** The name under which a user knows a resource. */
export function resourceName(
  { address, kind, before, after, hasContentTag }: Change,
  workloads: readonly RegisteredWorkload[],
): string {
  const workload = workloads.find((one) => one.address === address);
  if (workload !== undefined) return workload.spec.name;
  const replaced = workloads.find((one) => previousName(one.address) === address);
  if (replaced !== undefined) return previousName(replaced.spec.name);
  const name = (after ?? before)?.name;
  if (kind === 'other' || typeof name !== 'string') return address;
  if (hasContentTag) return withoutTag(name);
  return kind === 'secret' || kind === 'config' ? contentNameOf(name) : name;
}

/** What is shown of an action: `reuse` is for an image that was built by an earlier deploy, in a rollback. */
export type ShownAction = Action | `${'replace' | 'update'}-if-image-changes` | 'reuse';

export function shownAction({ action, dependsOnImage, after }: Change): ShownAction {
  if (isBuiltBefore(after ?? {})) return 'reuse';
  return dependsOnImage && (action === 'replace' || action === 'update') ? `${action}-if-image-changes` : action;
}

/** Whether an image is that of an earlier build, which a rollback goes back to. */
export function goesBackTo(image: string, changes: readonly Change[]): boolean {
  return changes.some(({ after }) => after !== null && after.name === image && isBuiltBefore(after));
}

const OUTCOMES: Readonly<Record<Change['action'], string>> = {
  create: 'created',
  update: 'updated in place',
  replace: 'replaced',
  delete: 'removed',
};

/**
 * What happens to a resource, in words.
 * @param isJob whether it is a job, which is not replaced but runs again
 * @param replacement how the container of a service is replaced
 */
export function outcomeOf(change: Change, isJob: boolean, replacement: Replacement | undefined): string {
  const { address, type, kind, action, before, after, dependsOnImage } = change;
  const ifChanged = dependsOnImage ? ' if the image changes' : '';
  if (isJob && action === 'create') return 'runs';
  if (isJob && action === 'replace') return `runs again${ifChanged}`;
  if (replacement?.order === 'start-first') return `replaced without downtime${ifChanged}`;
  if (replacement !== undefined) return `replaced${ifChanged}, stop first: ${replacement.reasons.join(', ')}`;
  if (action === 'update' && isSwarmService(address)) return `rolling update${ifChanged}`;
  if (kind !== 'image') return `${OUTCOMES[action]}${ifChanged}`;
  const isPush = imageTransferOf(type, after ?? before ?? {})?.isPush === true;
  if (isPush) return action === 'delete' ? 'stays in the registry' : 'pushed';
  if (action === 'delete') return 'stays on the engine';
  if (isBuiltBefore(after ?? {})) return 'already on the engine';
  const isBuilt = after !== null && buildOf(after) !== undefined;
  if (action === 'create') return isBuilt ? 'built' : 'pulled';
  return isBuilt ? 'rebuilt' : 'pulled again';
}
