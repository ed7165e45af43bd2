import type { TradingStack } from '../../../index';
import { CARRIER_LABEL, previousName } from '../../../internal';
import type { DockerApi } from '../../engine/docker-api';
import { type EngineObject, objectsOn } from '../../engine/engine-objects';
import { swarmServiceOf } from '../../engine/responses';
import { engineObjectOf, type ObjectKind } from '../../plan/resources';
import { ownerOf } from '../../preflight/names';
import { readConfiguration } from '../../synthesis/configuration';
import { type Finding, ok, warning } from './finding';

/**
 * What is on the engine with the label of the stack, and not in its configuration.
 * @param folder the stack's output folder, with the configuration
 */
export async function leftOverFindings(folder: string, stack: TradingStack, docker: DockerApi): Promise<Finding[]> {
  const known = knownNames(folder, stack);
  const kinds = new Set<ObjectKind>(['container', 'network', 'volume']);
  if (await docker.isSwarmManager()) kinds.add('service');
  const found = (await objectsOn(docker, kinds)).filter((object) => isLeftOver(object, known, stack));
  if (found.length === 0) return [ok('Nothing on the engine is left over from an earlier configuration')];
  const { command } = docker.address;
  return [...kinds].flatMap((kind) => {
    const names = found.filter((object) => object.kind === kind).map(({ name }) => name);
    if (names.length === 0) return [];
    const removal = kind === 'container' ? 'rm --force' : `${kind} rm`;
    const data = kind === 'volume' ? ', with their data' : '';
    return [
      warning(
        `Not in the configuration any more: the ${kind}${names.length === 1 ? '' : 's'} ${names.join(', ')}. A deploy ` +
          `removes what is in the Terraform state; this removes the rest${data}: ${command} ${removal} ${names.join(' ')}`,
      ),
    ];
  });
}

function isLeftOver(object: EngineObject, known: ReadonlySet<string>, stack: TradingStack): boolean {
  const { kind, name, labels } = object;
  if (ownerOf(object, stack) !== 'this stack') return false;
  // The carriers and volumes of secrets, and the tasks of a Swarm, belong to a container or service.
  const owner = labels[CARRIER_LABEL] ?? (kind === 'container' ? swarmServiceOf({ Labels: labels }) : undefined);
  return !known.has(owner ?? name);
}

function knownNames(folder: string, { platform: { workloads } }: TradingStack): ReadonlySet<string> {
  const { resource = {} } = readConfiguration(folder);
  const declared = Object.entries(resource).flatMap(([type, resources]) =>
    Object.values(resources).flatMap((values) => engineObjectOf(type, values)?.name ?? []),
  );
  // Retained volumes are no resources.
  const mounted = workloads.flatMap(({ spec }) => spec.volumes.map(({ volume }) => volume));
  const replaced = workloads.map(({ spec }) => previousName(spec.name));
  return new Set([...declared, ...mounted, ...replaced]);
}
