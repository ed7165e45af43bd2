import type { Construct, IConstruct } from 'constructs';
import { warn } from '../../platform/warnings';
import type { IConnectable } from './connection';

/** A server that may remove data on its own. */
interface Evicting {
  /** Whether it does so when its memory is full, although nothing in its options asks for it. */
  readonly evictsByDefault: boolean;
}

/** Warns about servers among what a program uses that would evict its queues and locks, unless their users chose that. */
export function warnOfEviction(consumer: Construct, uses: readonly IConnectable[] = []): void {
  const servers = uses.map((used) => constructAt(consumer.node.root, used.connection().from));
  for (const server of new Set(servers)) {
    if (server !== undefined && (server as IConstruct & Partial<Evicting>).evictsByDefault === true)
      warn(server, 'cache-evicts', `used by ${consumer.node.path}`);
  }
}

function constructAt(root: IConstruct, path: string): IConstruct | undefined {
  return path.split('/').reduce<IConstruct | undefined>((scope, id) => scope?.node.tryFindChild(id), root);
}
