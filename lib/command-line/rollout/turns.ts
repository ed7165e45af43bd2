import type { TradingStack } from '../../index';
import { previousName, type RegisteredWorkload } from '../../internal';
import type { CommandContext } from '../context';
import { type DockerApi, DockerApiError } from '../engine/docker-api';
import { isPreviousOf } from '../engine/workload-state';
import { CommandError } from '../output/output';
import type { Change } from '../plan/changes';
import { ownerOf } from '../preflight/names';
import { hasPrevious, removalOfPrevious, replacementOf } from '../plan/replacement';
import { moveInState } from '../state/state-move';
import type { Terraform } from '../terraform/terraform';

/** What became of the new containers of a round that failed. */
export interface StoppedStarts {
  /** Names of new containers that were stopped because they did not become healthy, while the previous ones serve. */
  readonly stopped: readonly string[];
  /** Names of new containers that may not be healthy, but that the engine did not stop. */
  readonly notStopped: readonly string[];
}

/**
 * Clients and proxies keep the answers of Docker's DNS server for some time: a `ReverseProxy` for two seconds. The previous
 * container must not leave before they know the new one.
 */
const DNS_MILLISECONDS = 3000;

/** A container that is replaced on its own, and not with the rest. */
interface Turn {
  readonly workload: RegisteredWorkload;
  readonly change: Change;
  readonly startsFirst: boolean;
}

/** What is replaced at the same time: one batch of replicas of each service. */
export type Round = readonly Turn[];

/** Everything that is needed to replace services one after another. */
export interface TurnsProps {
  readonly stack: TradingStack;
  readonly terraform: Terraform;
  readonly docker: DockerApi;
  readonly context: Pick<CommandContext, 'now' | 'pause'>;
}

/**
 * Replaces services without downtime on the Docker engine. Terraform removes a container before it creates the one that has
 * its name. So the old container gets another name, on the engine and in the state, where nothing in the configuration
 * belongs to it. A plan for the address of the service alone then creates the new container while the old one serves, and
 * any later plan removes the old one. After a crash between any two of these steps, a plain Terraform plan leads to the same
 * end.
 */
export class Turns {
  private healthySince = 0;
  private readonly serving = new Set<string>();

  constructor(private readonly props: TurnsProps) {}

  /**
   * The services that have to be replaced before the rest: those that start first, and replicas, in their order.
   * @param changes of a plan
   */
  rounds(changes: readonly Change[]): Round[] {
    const { platform } = this.props.stack;
    const services = new Map<string, RegisteredWorkload[]>();
    for (const workload of platform.workloads) {
      services.set(workload.spec.path, [...(services.get(workload.spec.path) ?? []), workload]);
    }
    const rounds: Turn[][] = [];
    for (const instances of services.values()) {
      const turns = instances.flatMap((workload) => this.turnOf(workload, changes));
      if (instances.length === 1 && turns.every(({ startsFirst }) => !startsFirst)) continue;
      const parallelism = instances[0]?.spec.updates?.parallelism ?? 1;
      turns.forEach((turn, index) => {
        (rounds[Math.floor(index / parallelism)] ??= []).push(turn);
      });
    }
    return rounds;
  }

  private turnOf(workload: RegisteredWorkload, changes: readonly Change[]): Turn[] {
    const { stack } = this.props;
    const change = changes.find(({ address, isDeposed }) => address === workload.address && !isDeposed);
    if (change === undefined) return [];
    const replacement = replacementOf(change, changes, stack);
    if (replacement !== undefined) return [{ workload, change, startsFirst: replacement.order === 'start-first' }];
    // A deploy was interrupted after it had renamed the old container.
    const isUnfinished = change.action === 'create' && hasPrevious(change, changes);
    return isUnfinished && workload.spec.updates?.order === 'start-first'
      ? [{ workload, change, startsFirst: true }]
      : [];
  }

  /**
   * Lets the old containers of a round go on under another name.
   * @param changes of the plan that the round is from
   * @returns the addresses of the containers that serve until the new ones are healthy
   * @throws CommandError if the engine or Terraform refuses to rename one
   */
  async begin(round: Round, changes: readonly Change[]): Promise<string[]> {
    const addresses: string[] = [];
    for (const { workload, change, startsFirst } of round) {
      // The plan that follows reports an interrupt.
      if (!startsFirst || this.props.terraform.wasInterrupted) continue;
      const removal = removalOfPrevious(change, changes);
      if (removal !== undefined) await this.renameLeft(workload, String(removal.before?.id));
      if (removal !== undefined || (await this.setAside(workload, String(change.before?.id)))) {
        addresses.push(previousName(workload.address));
      }
    }
    for (const address of addresses) this.serving.add(address);
    return addresses;
  }

  /** A deploy that was killed may have moved the old container in the state only: the new one needs its name. */
  private async renameLeft({ spec }: RegisteredWorkload, id: string): Promise<void> {
    const container = await this.props.docker.inspect(id);
    if (container?.Name === `/${spec.name}`) await this.rename(id, previousName(spec.name));
  }

  /** Whether the old container serves under its other name. One that does not run can be replaced in any order. */
  private async setAside({ spec, address }: RegisteredWorkload, id: string): Promise<boolean> {
    const { docker, terraform } = this.props;
    const previous = previousName(spec.name);
    const container = await docker.inspect(id);
    if (container?.State.Status !== 'running') return false;
    const isRenamed = container.Name === `/${previous}`;
    if (!isRenamed) await this.rename(id, previous);
    try {
      await moveInState(address, previousName(address), terraform);
    } catch (error) {
      if (!isRenamed) await this.rename(id, spec.name);
      throw error;
    }
    return true;
  }

  private async rename(id: string, name: string): Promise<void> {
    try {
      await this.props.docker.send('POST', `/containers/${id}/rename`, { query: { name } });
    } catch (error) {
      if (!(error instanceof DockerApiError) || error.status !== 409) throw error;
      throw await this.nameInUse(name, error);
    }
  }

  private async nameInUse(name: string, refusal: DockerApiError): Promise<CommandError> {
    const { docker, stack } = this.props;
    const holder = (await docker.containers()).find(({ Names }) => Names.includes(`/${name}`));
    if (holder === undefined) return refusal;
    const owner = ownerOf({ labels: holder.Labels }, stack);
    const whose = owner === 'this stack' ? `${owner}, but its Terraform state does not have it` : owner;
    const belongs = whose === undefined ? '' : ` It belongs to ${whose}.`;
    const { command } = docker.address;
    return new CommandError(
      'name-in-use',
      `The old version needs the name ${name} while the new one starts, but another container has it.${belongs} Give it ` +
        `another name: ${command} rename ${name} ${name}-kept. Or, if it is not needed, remove it: ` +
        `${command} rm --force ${name}`,
    );
  }

  /** The new containers of a round are healthy: from now on they get requests. */
  end(): void {
    this.healthySince = this.props.context.now();
  }

  /** Waits before changes that remove a previous container, until every client knows the new one. */
  async beforeRemoving(changes: readonly Change[]): Promise<void> {
    if (!changes.some(({ action, address }) => action === 'delete' && this.serving.has(address))) return;
    const { now, pause } = this.props.context;
    const left = this.healthySince + DNS_MILLISECONDS - now();
    if (left > 0) await pause(left);
  }

  /**
   * Stops the new containers of a failed round that are not healthy, so that only the previous ones get requests.
   * @returns the names of what was stopped, and of what the engine did not stop
   */
  async stopFailed(round: Round): Promise<StoppedStarts> {
    const stopped: string[] = [];
    const notStopped: string[] = [];
    for (const { workload } of round) {
      if (!this.serving.has(previousName(workload.address))) continue;
      try {
        if (await this.stopUnlessHealthy(workload)) stopped.push(workload.spec.name);
      } catch (error) {
        // The deploy has failed anyway, and what it changed has to be reported.
        if (!(error instanceof DockerApiError)) throw error;
        notStopped.push(workload.spec.name);
      }
    }
    return { stopped, notStopped };
  }

  /**
   * The addresses of the services of a round whose new container is healthy while the previous one serves.
   * @throws CommandError if the engine does not say
   */
  async healthyIn(round: Round): Promise<string[]> {
    const addresses: string[] = [];
    for (const { spec, address } of round.map(({ workload }) => workload)) {
      if (!this.serving.has(previousName(address))) continue;
      const container = await this.props.docker.inspect(spec.name);
      if (container?.State.Health?.Status === 'healthy') addresses.push(address);
    }
    return addresses;
  }

  private async stopUnlessHealthy({ spec }: RegisteredWorkload): Promise<boolean> {
    const { docker } = this.props;
    const { name, stopGracePeriodSeconds } = spec;
    const container = await docker.inspect(name);
    if (container === undefined || container.State.Health?.Status === 'healthy') return false;
    const query = { t: String(stopGracePeriodSeconds) };
    await docker.send('POST', `/containers/${name}/stop`, { query, patience: stopGracePeriodSeconds * 1000 });
    return true;
  }
}

/** The services whose previous container runs although it was to be replaced; `undefined` if the engine does not say. */
export async function withPrevious(
  { platform }: TradingStack,
  docker: DockerApi,
): Promise<RegisteredWorkload[] | undefined> {
  try {
    const running = (await docker.containers()).filter(({ State }) => State === 'running');
    return platform.workloads.filter((workload) => running.some((container) => isPreviousOf(container, workload)));
  } catch (error) {
    if (error instanceof DockerApiError) return undefined;
    throw error;
  }
}
