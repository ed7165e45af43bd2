import type { TradingStack } from '../../index';
import type { RegisteredWorkload } from '../../internal';
import { isWorkloadType } from '../engine/engine-traits';

/** What Terraform does to a resource. */
export type Action = 'create' | 'update' | 'replace' | 'delete';

/** What a plan does to one resource. */
export interface Change {
  /** Terraform address. */
  readonly address: string;
  /** Type of the resource: `docker_image`. */
  readonly type: string;
  readonly action: Action;
  /** Whether it is what a replacement left, and not the resource that has the address now. */
  readonly isDeposed: boolean;
  /** Its attributes as they are; `null` for what is not there yet. */
  readonly before: unknown;
  /** Its attributes as they will be, as far as they are known; `null` for what is removed. */
  readonly after: unknown;
}

// https://developer.hashicorp.com/terraform/internals/json-format#change-representation
interface PlanDocument {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly type: string;
    readonly deposed?: string;
    readonly change: { readonly actions: readonly string[]; readonly before?: unknown; readonly after?: unknown };
  }[];
}

const ACTIONS: Readonly<Record<string, Action>> = {
  create: 'create',
  update: 'update',
  'delete,create': 'replace',
  'create,delete': 'replace',
  delete: 'delete',
};

/** What the document of `terraform show -json` changes; what is read or stays as it is does not count. */
export function changesIn(document: string): Change[] {
  return ((JSON.parse(document) as PlanDocument).resource_changes ?? []).flatMap(
    ({ address, type, deposed, change }) => {
      const action = ACTIONS[change.actions.join()];
      if (action === undefined) return [];
      const { before = null, after = null } = change;
      return [{ address, type, action, isDeposed: deposed !== undefined, before, after }];
    },
  );
}

/** Those that go beyond what was confirmed. */
export function beyond(confirmed: readonly Change[], changes: readonly Change[]): Change[] {
  return changes.filter((change) => !confirmed.some((one) => covers(one, change)));
}

/** The second half of a replacement, or an update in its place, does less. A removal leaves nothing in its place. */
function covers(confirmed: Change, { address, action, isDeposed }: Change): boolean {
  if (confirmed.address !== address) return false;
  if (confirmed.action === 'replace') return action !== 'delete' || isDeposed;
  return confirmed.action === action && confirmed.isDeposed === isDeposed;
}

/** Addresses of the stack's jobs. */
export function jobAddresses({ platform }: TradingStack): ReadonlySet<string> {
  return new Set(platform.workloads.filter(({ spec }) => spec.kind === 'job').map(({ address }) => address));
}

/** Those that touch a container or service that may be running. A job has ended, or is meant to run again. */
export function interrupting(changes: readonly Change[], jobs: ReadonlySet<string>): Change[] {
  return changes.filter(
    ({ address, type, action }) => isWorkloadType(type) && action !== 'create' && !jobs.has(address),
  );
}

/** The name of the service or job that a resource is or was, and the address of any other. */
export function nameOf({ address, type, before }: Change, workloads: readonly RegisteredWorkload[]): string {
  const name = workloads.find((workload) => workload.address === address)?.spec.name;
  return name ?? (isWorkloadType(type) ? (before as { name?: string } | null)?.name : undefined) ?? address;
}
