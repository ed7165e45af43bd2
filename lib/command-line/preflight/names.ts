import type { TradingStack } from '../../index';
import { STACK_LABEL } from '../../internal';
import type { DockerApi } from '../engine/docker-api';
import { type EngineObject, objectsOn, removeObject } from '../engine/engine-objects';
import { CommandError, type Output } from '../output/output';
import { quoted } from '../output/quoted';
import type { Change, PlannedChanges } from '../plan/changes';
import { engineObjectOf, type ObjectName } from '../plan/resources';
import type { Terraform } from '../terraform/terraform';

/** What is needed to find out who has a name on the engine. */
export interface NamesProps {
  readonly stack: TradingStack;
  readonly planned: Pick<PlannedChanges, 'changes' | 'state'>;
  readonly docker: DockerApi;
  readonly terraform: Pick<Terraform, 'program' | 'journal'>;
}

/** The names that a plan needs on the engine. */
export class Names {
  constructor(private readonly props: NamesProps) {}

  /**
   * What this stack has on the engine without a record in the state, because an apply did not succeed, in an order in
   * which it can be removed.
   */
  async leftOvers(): Promise<EngineObject[]> {
    const { stack, terraform } = this.props;
    const strays = await this.unrecorded(terraform.journal.unfinished());
    return strays.filter((object) => ownerOf(object, stack) === 'this stack' || mayHaveNoLabel(object));
  }

  /**
   * Checks that everything that the plan creates can have its name. Docker would refuse it halfway through the deploy,
   * and the provider silently takes over an existing volume, which a destroy would then remove with its data.
   * @param removed what is removed before the plan is applied
   * @throws CommandError with the owners of the names, and what to do about them
   */
  async check(removed: readonly EngineObject[]): Promise<void> {
    const { stack, planned } = this.props;
    const wanted = planned.changes.filter(({ action }) => action === 'create').flatMap(withName);
    const existing = await this.unrecorded(wanted);
    const owners = new Map<string | undefined, Taken[]>();
    for (const object of existing) {
      if (removed.some((one) => isSame(one, object) && one.id === object.id)) continue;
      const owner = ownerOf(object, stack);
      const address = wanted.find((one) => isSame(one, object))?.address ?? '';
      owners.set(owner, [...(owners.get(owner) ?? []), { ...object, address }]);
    }
    if (owners.size === 0) return;
    const messages = [...owners].map(([owner, objects]) => describeTaken(owner, objects, this.props));
    throw new CommandError('name-in-use', messages.join('\n'));
  }

  /** What is on the engine under these names, and not in the state. */
  private async unrecorded(names: readonly ObjectName[]): Promise<EngineObject[]> {
    if (names.length === 0) return [];
    const { planned, docker } = this.props;
    const recorded = planned.state.map(({ type, values }) => ({ ...engineObjectOf(type, values), id: values.id }));
    const objects = await objectsOn(docker, new Set(names.map(({ kind }) => kind)));
    return objects
      .filter((object) => names.some((name) => isSame(name, object)))
      .filter(({ kind, id }) => !recorded.some((one) => one.kind === kind && one.id === id));
  }
}

/** What to say if nothing else was changed after left-overs were removed. */
export const ONLY_LEFT_OVERS = 'Nothing was changed, except that what an interrupted deploy had left was removed.';

/** For a plan. */
export function printLeftOvers(leftOvers: readonly EngineObject[], output: Output): void {
  if (leftOvers.length === 0) return;
  output.say(`\nLeft by an interrupted deploy, and removed before anything is created: ${listed(leftOvers)}.`);
}

/** @throws CommandError if the engine refuses to remove one of them */
export async function removeLeftOvers(
  leftOvers: readonly EngineObject[],
  docker: DockerApi,
  output: Output,
): Promise<void> {
  for (const object of leftOvers) {
    await output.during(`removing ${object.name}`, removeObject(object, docker));
    output.say(`${object.name}: the left-over ${object.kind} was removed`);
  }
}

function withName({ address, type, after }: Change): (ObjectName & { readonly address: string })[] {
  const object = engineObjectOf(type, after ?? {});
  return object === undefined ? [] : [{ ...object, address }];
}

type Taken = EngineObject & { readonly address: string };

function isSame(one: ObjectName, other: ObjectName): boolean {
  return one.kind === other.kind && one.name === other.name;
}

/** Swarm objects have no label of the stack, and volumes of earlier versions of this library have none. */
function mayHaveNoLabel({ kind, labels }: EngineObject): boolean {
  return ['volume', 'secret', 'config'].includes(kind) && Object.keys(labels).length === 0;
}

/** Who created it, according to its labels; `undefined` if they do not say so. */
export function ownerOf({ labels }: Pick<EngineObject, 'labels'>, { platform }: TradingStack): string | undefined {
  const stack = labels[STACK_LABEL];
  if (stack !== undefined) {
    return stack === platform.networkSpec.labels[STACK_LABEL] ? 'this stack' : `the trading stack '${stack}'`;
  }
  const project = labels['com.docker.compose.project'];
  if (project !== undefined) {
    const folder = labels['com.docker.compose.project.working_dir'];
    return `the Compose project '${project}'${folder === undefined ? '' : ` in ${folder}`}`;
  }
  const namespace = labels['com.docker.stack.namespace'];
  return namespace === undefined ? undefined : `the Docker stack '${namespace}'`;
}

function describeTaken(owner: string | undefined, objects: readonly Taken[], props: NamesProps): string {
  const { docker, stack } = props;
  const where = `on the engine at ${docker.address.text}`;
  if (owner === 'this stack') {
    return [
      `These are ${where} with the label of ${stack.node.id}, but not in its Terraform state here: ${listed(objects)}. ` +
        'If another folder deployed them, set another `name` on the stack, or deploy from that folder. If the state was ' +
        'lost, restore it; without a backup, run these commands, and run the command again; retained volumes keep their data:',
      ...adoption(objects, props),
    ].join('\n');
  }
  const [first] = objects;
  const project = first?.labels['com.docker.compose.project'];
  const volumes = objects.filter(({ kind }) => kind === 'volume');
  return [
    `${stack.node.id} needs names that ${owner === undefined ? 'are already in use' : `belong to ${owner}`} ${where}: ${listed(objects)}. Set another \`name\` on the stack` +
      (project === undefined
        ? `, or remove them if they are not needed${volumes.length === 0 ? '' : '; a volume takes its data with it'}:`
        : `, or remove the project, which keeps its volumes: ${docker.address.command} compose -p ${project} down`),
    ...(project === undefined ? removals(objects, props) : []),
    ...(project === undefined || volumes.length === 0
      ? []
      : [`The data of ${listed(volumes)} would be removed with the stack, so the deploy does not take them over.`]),
  ].join('\n');
}

/** Terraform cannot import all settings of a container: its next plan would replace it, without a grace period. */
function adoption(objects: readonly Taken[], props: NamesProps): string[] {
  const isAdopted = ({ kind }: Taken): boolean => kind === 'network' || kind === 'volume';
  // Terraform does not know the current context of Docker's client, and the variable may have been set for one command.
  const program = `DOCKER_HOST=${quoted(props.docker.address.text)} ${props.terraform.program} import`;
  const others = objects.filter((object) => !isAdopted(object));
  return [
    ...objects.filter(isAdopted).map(({ address, id }) => `  ${program} ${address} ${id}`),
    ...removals(others, props),
  ];
}

/** The commands that remove them, in an order that works. */
function removals(objects: readonly EngineObject[], { docker }: NamesProps): string[] {
  const kinds = [...new Set(objects.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const names = objects.filter((one) => one.kind === kind).map(({ name }) => name);
    const commands = kind === 'container' ? ['stop', 'rm'] : [`${kind} rm`];
    return commands.map((one) => `  ${docker.address.command} ${one} ${names.join(' ')}`);
  });
}

/** `the containers a, b; the network c`. */
function listed(objects: readonly EngineObject[]): string {
  const kinds = [...new Set(objects.map(({ kind }) => kind))];
  return kinds
    .map((kind) => {
      const names = objects.filter((one) => one.kind === kind).map(({ name }) => name);
      return `the ${kind}${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
    })
    .join('; ');
}
