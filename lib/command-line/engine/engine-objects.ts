import type { ObjectKind, ObjectName } from '../plan/resources';
import type { DockerApi } from './docker-api';

/** Something with a name on the engine. */
export interface EngineObject extends ObjectName {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The order in which they can be removed: containers use networks, and both use volumes. */
const KINDS: readonly ObjectKind[] = ['container', 'service', 'network', 'volume', 'secret', 'config'];

/** Everything of these kinds that is on the engine, in an order in which it can be removed. */
export async function objectsOn(docker: DockerApi, kinds: ReadonlySet<ObjectKind>): Promise<EngineObject[]> {
  const wanted = KINDS.filter((kind) => kinds.has(kind));
  return (await Promise.all(wanted.map((kind) => list(kind, docker)))).flat();
}

type Labels = Readonly<Record<string, string>> | null | undefined;

async function list(kind: ObjectKind, docker: DockerApi): Promise<EngineObject[]> {
  const object = (id: string, name: string, labels: Labels): EngineObject => ({ kind, id, name, labels: labels ?? {} });
  switch (kind) {
    case 'container':
      return (await docker.containers()).flatMap(({ Id, Names, Labels }) =>
        Names.map((name) => object(Id, name.slice(1), Labels)),
      );
    case 'network':
      return (await docker.networks()).map(({ Id, Name, Labels }) => object(Id, Name, Labels));
    case 'volume':
      return (await docker.volumes()).map(({ Name, Labels }) => object(Name, Name, Labels));
    case 'service':
    case 'secret':
    case 'config':
      return (await read<SwarmObject[]>(docker, `/${kind}s`)).map(({ ID, Spec }) => object(ID, Spec.Name, Spec.Labels));
  }
}

// https://docs.docker.com/reference/api/engine/version/v1.41/

/** A service, secret or config. */
interface SwarmObject {
  readonly ID: string;
  readonly Spec: { readonly Name: string; readonly Labels?: Labels };
}

async function read<Answer>(docker: DockerApi, path: string): Promise<Answer> {
  return JSON.parse((await docker.send('GET', path)).toString('utf8')) as Answer;
}

/** Long enough for the longest grace period that a container may have. */
const STOP_MILLISECONDS = 10 * 60_000;

/** Removes it; a container is stopped with its grace period first. */
export async function removeObject({ kind, id }: EngineObject, docker: DockerApi): Promise<void> {
  if (kind !== 'container') {
    await docker.send('DELETE', `/${kind}s/${id}`);
    return;
  }
  await docker.send('POST', `/containers/${id}/stop`, { patience: STOP_MILLISECONDS });
  await docker.send('DELETE', `/containers/${id}`, { query: { v: '1', force: '1' } });
}
