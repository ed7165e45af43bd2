import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CommandContext } from '../context';
import { type DockerApi, DockerApiError } from '../engine/docker-api';
import { descriptionPath, mustRun } from '../plan/resources';
import type { WrittenConfiguration } from '../synthesis/configuration';
import { checkNotDeleted, parseState, type State } from './state-file';

/** The parts of the engine's descriptions that change while nothing happens that a refresh would find. */
const VOLATILE = ['ExecIDs', 'Health', 'Containers', 'LastTagTime'];

/** What is needed to read the state and the engine. */
export interface KnownStateProps {
  /** The stack's output folder. */
  readonly directory: string;
  readonly configuration: Pick<WrittenConfiguration, 'localState'>;
  readonly docker: Pick<DockerApi, 'send'>;
  readonly environment: CommandContext['environment'];
}

/**
 * Remembers what state and engine were like when Terraform had just compared or changed them. As long as both are still
 * the same, a refresh finds nothing, and is left out: the provider takes 2 s for that of a network alone.
 */
export class KnownState {
  constructor(private readonly props: KnownStateProps) {}

  /** Whether a state with this fingerprint needs no refresh. */
  isKnown(fingerprint: string | undefined): boolean {
    return fingerprint !== undefined && existsSync(this.file) && readFileSync(this.file, 'utf8') === fingerprint;
  }

  /** Remembers a fingerprint that was taken when the state described the engine; `undefined` forgets the previous one. */
  remember(fingerprint: string | undefined): void {
    if (fingerprint === undefined) rmSync(this.file, { force: true });
    else writeFileSync(this.file, fingerprint);
  }

  /**
   * The fingerprint of the state and of everything on the engine that it describes; `undefined` if it cannot be
   * determined: with a state in another place than a local file, with resources that are not of one of these types, or with a service that does not
   * run, which Terraform only replaces after a refresh.
   * @throws CommandError `state-invalid` for a state that is not complete or was deleted
   */
  async fingerprint(): Promise<string | undefined> {
    const { directory, docker } = this.props;
    const [file, lock] = [this.stateFile(), join(directory, '.terraform.lock.hcl')];
    if (file === undefined) return undefined;
    if (!existsSync(file)) checkNotDeleted(file);
    if (!existsSync(file) || !existsSync(lock)) return undefined;
    const state = readFileSync(file, 'utf8');
    const objects = objectsIn(parseState(state, file));
    if (objects === undefined) return undefined;
    try {
      const descriptions = await Promise.all(objects.map(({ path }) => docker.send('GET', path)));
      if (objects.some(({ mustRun }, index) => mustRun && !isRunning(descriptions[index]))) return undefined;
      const hash = createHash('sha256').update(state);
      // Another version of the provider may read more.
      hash.update(readFileSync(lock));
      for (const description of descriptions) hash.update(comparable(description));
      return hash.digest('hex');
    } catch (error) {
      // Terraform reports what is wrong, such as a container that was removed.
      if (error instanceof DockerApiError) return undefined;
      throw error;
    }
  }

  /** Removed together with what Terraform remembers. */
  private get file(): string {
    return join(this.props.directory, '.terraform', 'known-state');
  }

  private stateFile(): string | undefined {
    const { configuration, directory, environment } = this.props;
    const data = join(directory, '.terraform');
    // Another workspace has a state of its own.
    const isDefault = environment.TF_WORKSPACE === undefined && !existsSync(join(data, 'environment'));
    if (!isDefault || !existsSync(data)) return undefined;
    const { localState } = configuration;
    return localState === undefined ? undefined : resolve(directory, localState);
  }
}

/** An object of the engine that the state describes. */
interface DescribedObject {
  readonly path: string;
  readonly mustRun: boolean;
}

function objectsIn({ resources }: State): DescribedObject[] | undefined {
  if (resources === undefined || resources === null) return undefined;
  const objects: DescribedObject[] = [];
  for (const { mode, type, instances } of resources) {
    if (mode !== 'managed') return undefined;
    for (const { attributes } of instances) {
      const path = descriptionPath(type, attributes);
      if (path === undefined) return undefined;
      objects.push({ path, mustRun: mustRun(type, attributes) });
    }
  }
  return objects;
}

function isRunning(description: Buffer | undefined): boolean {
  const { State } = JSON.parse(description?.toString('utf8') ?? '{}') as { State?: { Running?: boolean } };
  return State?.Running === true;
}

function comparable(description: Buffer): string {
  const value = JSON.parse(description.toString('utf8')) as unknown;
  return JSON.stringify(value, (key, part: unknown) => {
    if (VOLATILE.includes(key)) return undefined;
    // The engine lists mounts in any order.
    return Array.isArray(part) ? part.map((one) => JSON.stringify(one)).sort() : part;
  });
}
