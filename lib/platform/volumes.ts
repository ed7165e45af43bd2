import type { Construct } from 'constructs';
import { alreadyTaken } from '../errors';
import type { Claims } from './claims';
import type { ContainerEngine } from './container-engine';
import { volumeName } from './naming';

/** The volumes of one stack: their names, and who mounts them. */
export class VolumeRegistry {
  private readonly disposable = new Map<string, string>();

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
  kept(volume: string): string {
    return this.claim(volume, 'kept');
  }

  /** The expression of the name of a volume that goes with the stack; created once however often it is asked for. */
  createDisposable(volume: string): string {
    const name = this.claim(volume, 'disposable');
    const existing = this.disposable.get(name);
    if (existing !== undefined) return existing;
    const created = this.engine.createVolume(this.scope, `volume-${name}`, name);
    this.disposable.set(name, created);
    return created;
  }

  /**
   * Remembers who mounts a volume, by its name on the engine.
   * @throws TradingStackError if one of two who mount it has to be alone
   */
  reserve(name: string, exclusive: boolean, path: string): void {
    const users = this.claims.share('volume', name, path);
    const fix = 'Give each server a volume of its own';
    if (exclusive) this.claims.take('volume-taken', 'volume of one server', name, path, fix);
    const alone = this.claims.taken('volume of one server').get(name);
    const other = [...users].find((user) => user !== path);
    if (alone !== undefined && alone !== path) throw alreadyTaken('volume-taken', path, 'volume', name, alone, fix);
    if (alone !== undefined && other !== undefined)
      throw alreadyTaken('volume-taken', path, 'volume', name, other, fix);
  }

  /** Two stacks, or two lifetimes, under one name would be one volume: its data shared, or lost with the other stack. */
  private claim(volume: string, lifetime: string): string {
    const name = this.nameOf(volume);
    const owner = `the ${lifetime} volume '${volume}' of the stack '${this.prefix}'`;
    this.claims.take('volume-taken', 'volume name', name, owner, 'Give one of the volumes another name');
    return name;
  }
}
