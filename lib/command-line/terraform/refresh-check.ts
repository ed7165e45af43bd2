import type { DockerApi } from '../engine/docker-api';
import { objectsOn } from '../engine/engine-objects';
import { CommandError } from '../output/output';
import type { PlannedChanges } from '../plan/changes';
import { engineObjectOf, type ObjectKind } from '../plan/resources';

/** The provider takes every error that it gets for one of these, such as a lost connection, for "it does not exist". */
const MISTAKEN: ReadonlySet<ObjectKind> = new Set(['network', 'secret', 'config']);

/**
 * Checks that what a refresh did not find is really gone. Otherwise an apply would drop it from the state and create it a
 * second time, which the engine refuses.
 * @returns the plan
 * @throws CommandError if the engine has one of them
 */
export async function checkGone(planned: PlannedChanges, docker: DockerApi): Promise<PlannedChanges> {
  const objects = planned.gone.flatMap(({ type, values }) => {
    const object = engineObjectOf(type, values);
    return object !== undefined && MISTAKEN.has(object.kind) ? [{ ...object, id: values.id }] : [];
  });
  if (objects.length === 0) return planned;
  const existing = await objectsOn(docker, new Set(objects.map(({ kind }) => kind)));
  const present = objects.find(({ kind, id }) => existing.some((one) => one.kind === kind && one.id === id));
  if (present === undefined) return planned;
  const { kind, name } = present;
  throw new CommandError(
    'terraform-failed',
    `The engine at ${docker.address.text} has the ${kind} ${name}, but did not answer Terraform's request for it, so this ` +
      'plan would create it a second time. Run the command again.',
  );
}
