import type { Construct } from 'constructs';
import { alreadyTaken, raise } from '../errors';
import type { Claims } from './claims';
import type { ContainerEngine } from './container-engine';
import { STACK_LABEL, volumeName } from './naming';

/** The volumes of one stack: their names, and the workloads that mount them. */
export class VolumeRegistry {
  private readonly ephemeral = new Map<string, string>();

  constructor(
    private readonly scope: Construct,
    private readonly prefix: string,
    private readonly engine: ContainerEngine,
    private readonly claims: Claims,
  ) {}

  /** The name on the engine. */
  nameOf(volume: string): string {
    return volumeName(this.prefix, volume);
  }

  /** The name of a volume that outlives the stack. */
  retained(volume: string): string {
    return this.claim(volume, 'retained');
  }

  /** The expression of the name of a volume that is removed with the stack. It is created on the first call. */
  createEphemeral(volume: string): string {
    const name = this.claim(volume, 'ephemeral');
    const existing = this.ephemeral.get(name);
    if (existing !== undefined) return existing;
    const created = this.engine.createVolume(this.scope, `volume-${name}`, name, { [STACK_LABEL]: this.prefix });
    this.ephemeral.set(name, created);
    return created;
  }

  /**
   * Records that a workload mounts a volume, by its name on the engine.
   * @param exclusive whether no other workload may mount it
   * @throws TradingStackError `volume-taken` if two workloads mount it and one of them needs it exclusively
   */
  reserve(name: string, exclusive: boolean, path: string): void {
    const users = this.claims.share('volume', name, path);
    const fix = 'Use a different volume for each server';
    const holder = this.claims.taken(EXCLUSIVE_VOLUME).get(name);
    const other = [...users].find((user) => user !== path);
    const isAlone = exclusive || holder === path;
    const rival = isAlone ? other : holder;
    if (rival !== undefined) {
      raise(alreadyTaken('volume-taken', path, 'volume', name, rival, fix));
      return;
    }
    if (exclusive) this.claims.take({ code: 'volume-taken', kind: EXCLUSIVE_VOLUME, value: name, owner: path, fix });
  }

  /** Two stacks or lifetimes with one name would share one volume, whose data would be lost with the other stack. */
  private claim(volume: string, lifetime: string): string {
    const name = this.nameOf(volume);
    const owner = `the ${lifetime} volume '${volume}' of the stack '${this.prefix}'`;
    this.claims.take({
      code: 'volume-taken',
      kind: 'volume name',
      value: name,
      owner,
      fix: 'Rename one of the volumes',
    });
    return name;
  }
}

const EXCLUSIVE_VOLUME = 'volume of one workload';
