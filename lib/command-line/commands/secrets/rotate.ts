import type { App } from 'cdktf';
import type { Secret, TradingStack } from '../../../index';
import { announceRotation, randomText, readSecretFile, withDerived, writeRotatedSecret } from '../../../internal';
import type { CommandContext } from '../../context';
import { runInContainer } from '../../engine/container-program';
import { DockerWrites } from '../../engine/docker-writes';
import { logTailsOf, printLogTails } from '../../engine/log-tail';
import { statesOf, stoppedServices } from '../../engine/workload-state';
import { rolledBackAdvice } from '../../history/rolled-back';
import { beforeAnyChange, CommandError, ExitCode } from '../../output/output';
import { redaction } from '../../output/redaction';
import { consumersOf, replacedByRotation } from '../../secrets/consumers';
import { deliverSecrets } from '../../secrets/delivery';
import { describeUnfinished, PendingRotation } from '../../secrets/pending-rotation';
import { ownSecrets, type Rotatable, rotatableSecrets, rotationOf } from '../../secrets/rotatable';
import { CommandLock } from '../../state/command-lock';
import { outputOf, stackNamed, stacksOf } from '../../synthesis/stacks';
import { checkCanConfirm } from '../confirm';
import { deployPrepared } from '../deploy';
import { prepare, type Prepared } from '../prepare';
import { runningContainer } from '../../services/containers';
import { serviceNames } from '../../services/services';
import { requiredArgument } from '../required-argument';

/**
 * Gives a generated secret a new content everywhere: first in the servers that know it, then in its files, and then in its
 * consumers, which a deploy replaces.
 */
export async function rotate(
  app: App,
  name: string | undefined,
  secretName: string | undefined,
  { yes }: { readonly yes: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const stack = stackNamed(app, name);
  const rotated = rotatable(secretNamed(stack, secretName), stack);
  checkCanConfirm(yes, 'rotate', [stack.node.id, rotated.secret.name], context);
  const carryOut = async (): Promise<ExitCode> => {
    const prepared = await prepare(app, stack, { secrets: true, newSecrets: false, start: true }, context);
    return new Rotation(app, stack, rotated, prepared, context).carryOut(yes);
  };
  // A deploy or a rotation of another stack must not read the files while they change, or write them too.
  const locks = stacksWith(rotated.secret, app).map((one) => new CommandLock(outputOf(app, one), one));
  return locks.reduceRight((work, lock) => () => lock.during('rotate', work), carryOut)();
}

/** The stacks that own or mount a secret, or something that is derived from it, always in the same order. */
function stacksWith(secret: Secret, app: App): TradingStack[] {
  const affected = withDerived(secret);
  const isOwner = (stack: TradingStack): boolean => affected.some((one) => one.node.scopes.includes(stack));
  return stacksOf(app).filter((stack) => isOwner(stack) || consumersOf(affected, stack).length > 0);
}

function secretNamed(stack: TradingStack, given: string | undefined): Secret {
  const known = rotatableSecrets(stack)
    .map((secret) => secret.name)
    .sort();
  const example = (one: string): string => `rotate -- ${stack.node.id} ${one}`;
  const name = requiredArgument(given, { kind: 'secret', known, example }, stack);
  const found = ownSecrets(stack).find((secret) => secret.name === name);
  if (found !== undefined) return found;
  throw new CommandError(
    'unknown-secret',
    `${stack.node.id} has no secret '${name}'. ` +
      (known.length === 0
        ? 'It has none that can be rotated by a command.'
        : `These can be rotated: ${known.join(', ')}.`),
    ExitCode.REFUSED,
  );
}

/** @throws CommandError `rotation-by-hand` for a secret whose content is not up to this machine alone */
function rotatable(secret: Secret, stack: TradingStack): Rotatable {
  const rotation = rotationOf(secret, stack);
  if (!('obstacle' in rotation)) return rotation;
  const message = `${secret.name} cannot be rotated by a command: ${rotation.obstacle}`;
  throw new CommandError('rotation-by-hand', message, ExitCode.REFUSED);
}

/** The steps of a rotation. After a failure at any of them the next attempt finishes it. */
class Rotation {
  private readonly pending: PendingRotation;
  /** Whether a server may have been told. */
  private isTelling = false;
  /** Why a server was not told; the deploy would say that nothing was changed. */
  private failure: CommandError | undefined;

  constructor(
    private readonly app: App,
    private readonly stack: TradingStack,
    private readonly rotated: Rotatable,
    private readonly prepared: Prepared,
    private readonly context: CommandContext,
  ) {
    this.pending = new PendingRotation(rotated.secret);
  }

  async carryOut(yes: boolean): Promise<ExitCode> {
    const { output } = this.context;
    const { secret, bytes } = this.rotated;
    const servers = await beforeAnyChange(this.confirmed(yes));
    const wasPending = this.pending.password !== undefined;
    const next = this.pending.password ?? randomText(bytes);
    const passwords = { current: readSecretFile(secret) ?? '', next };
    this.pending.begin(next);
    if (passwords.current !== next) announceRotation(secret);
    try {
      // What a rotation that was interrupted left may be deployed together with later changes.
      await this.deploy(servers, passwords, yes || !wasPending);
    } catch (error) {
      if (!wasPending && !this.isTelling) this.pending.end();
      if (this.failure !== undefined) throw this.failure;
      throw this.isTelling && error instanceof CommandError && error.code !== 'rotation-failed'
        ? this.unfinished(error.message)
        : error;
    }
    for (const server of servers) {
      if (server.finish === undefined) continue;
      await this.tell(server, server.finish, passwords);
      output.say(`${server.name} refuses the old ${secret.name}.`);
    }
    this.pending.end();
    output.heading(`${secret.name} has been rotated.`);
    return ExitCode.DONE;
  }

  /**
   * Tells the servers as late as possible, as one that takes a single password refuses its clients from then on: between the
   * plan, which knows only the versions of the secrets, and its first change.
   */
  private async deploy(servers: readonly Server[], passwords: Passwords, yes: boolean): Promise<void> {
    const { stack, prepared, context } = this;
    const change = (): Promise<string> => this.change(servers, passwords);
    const changed = this.isInPlan ? await change() : undefined;
    const undertaking = { command: 'rotate', reason: `${this.rotated.secret.name} rotated`, restores: null } as const;
    const options = { yes, verbose: false, pull: false, noCache: false, overwrite: false, undertaking };
    const own = changed === undefined ? { beforeApply: change } : { changedAlready: changed };
    const ending = await deployPrepared(stack, prepared, options, context, own);
    if (ending !== ExitCode.DONE) throw this.unfinished('Not every consumer has the new content.');
    if (this.isTelling) return;
    // No container is replaced.
    await change();
    await deliverSecrets(stack, new DockerWrites(prepared.docker));
  }

  /** Whether a plan has the content itself, which must not change between plan and apply. */
  private get isInPlan(): boolean {
    const { secret } = this.rotated;
    const files = new Set(withDerived(secret).map(({ file }) => file));
    const variables = this.stack.platform.workloads.flatMap(({ spec }) => Object.values(spec.secretEnvironment));
    return secret.handle.object !== null || variables.some(({ file }) => files.has(file));
  }

  /** @returns what is changed from then on, also if the deploy fails */
  private async change(servers: readonly Server[], passwords: Passwords): Promise<string> {
    const { secret } = this.rotated;
    this.isTelling = true;
    try {
      for (const server of servers) {
        await this.tell(server, server.change, passwords);
        this.context.output.say(`${server.name} accepts the new ${secret.name}.`);
      }
      writeRotatedSecret(secret, passwords.next);
    } catch (error) {
      this.failure = error instanceof CommandError ? error : this.unfinished((error as Error).message);
      throw this.failure;
    }
    return `${secret.name} has its new content already.`;
  }

  /** Checks what a rotation needs, and asks. */
  private async confirmed(yes: boolean): Promise<Server[]> {
    const { stack, prepared, context, pending } = this;
    const { secret } = this.rotated;
    // Before anything is planned: a refresh may remove what has stopped, with its log.
    if (pending.password === undefined) await this.checkRunning();
    const servers: Server[] = [];
    for (const { server: address, ...commands } of secret.changes) {
      const workload = stack.platform.workloads.find((one) => one.address === address);
      if (workload === undefined) continue;
      const { name } = workload.spec;
      await runningContainer(stack, name, prepared.docker);
      servers.push({ ...commands, name });
    }
    if (pending.password === undefined) await this.checkDeployed();
    if (!yes) await context.confirm(this.question(servers), 'nothing is rotated.');
    return servers;
  }

  /** @throws CommandError `service-not-running` if a service has stopped; what it has logged last is shown */
  private async checkRunning(): Promise<void> {
    const { stack, prepared, context } = this;
    const stopped = stoppedServices(await statesOf(stack.platform.workloads, prepared.docker));
    if (stopped.length === 0) return;
    printLogTails(await logTailsOf(stopped, prepared.docker, redaction(stack)), context.output);
    const names = stopped.map(({ workload }) => workload.spec.name).join(', ');
    const verb = stopped.length === 1 ? 'has' : 'have';
    const message = `${names} ${verb} stopped, and a rotation needs everything to run. Deploy first: npm run deploy -- ${stack.node.id}`;
    throw new CommandError('service-not-running', message);
  }

  /** The deploy of a rotation is not confirmed, so it must not bring anything else. */
  private async checkDeployed(): Promise<void> {
    const { terraform } = this.prepared;
    const isDeployed = await terraform.plan({}, (plan) => Promise.resolve(plan.isEmpty && !terraform.journal.exists));
    if (isDeployed) return;
    const { id } = this.stack.node;
    const rolledBack = rolledBackAdvice(this.app, this.stack);
    if (rolledBack !== undefined) {
      const message = `The code has another version of ${id} than what runs, and a rotation would deploy it. ${rolledBack}, and run the command again.`;
      throw new CommandError('changes-not-deployed', message, ExitCode.REFUSED);
    }
    const message = `There are changes of ${id} that are not deployed yet, and a rotation would deploy them too. Deploy first: npm run deploy -- ${id}`;
    throw new CommandError('changes-not-deployed', message, ExitCode.REFUSED);
  }

  private question(servers: readonly Server[]): string {
    const { stack } = this;
    const { secret } = this.rotated;
    const affected = withDerived(secret);
    const others = stacksOf(stack.node.root).filter((one) => one !== stack && consumersOf(affected, one).length > 0);
    const replaced = serviceNames(replacedByRotation(affected, stack));
    const sentences = [
      `${this.pending.password === undefined ? 'Rotate' : 'Finish the rotation of'} ${secret.name}?`,
      ...servers.map(({ name }) => `${name} is told while it runs.`),
      ...(replaced.length > 0 ? [`These are replaced: ${replaced.join(', ')}.`] : []),
      ...others.map(({ node }) => `Deploy ${node.id} afterwards, which uses it too: npm run deploy -- ${node.id}.`),
    ];
    return sentences.join(' ');
  }

  private async tell({ name }: Server, command: readonly string[], { current, next }: Passwords): Promise<void> {
    const lines: string[] = [];
    const { docker } = this.prepared;
    // The deploy may have replaced the container.
    const work = runningContainer(this.stack, name, docker).then((container) =>
      runInContainer(docker, container, command, {
        input: `${current}\n${next}\n`,
        onLine: (line) => lines.push(line),
        showsStdout: true,
      }),
    );
    const { exitCode } = await this.context.output.during(name, work).catch((error: unknown) => {
      throw error instanceof CommandError ? this.unfinished(error.message) : error;
    });
    if (exitCode === 0) return;
    const redact = redaction(this.stack, [current, next]);
    throw this.unfinished([`${name} did not take the new password:`, ...lines.map(redact)].join('\n'));
  }

  private unfinished(reason: string): CommandError {
    const advice = describeUnfinished(this.rotated.secret, this.stack.node.id);
    return new CommandError('rotation-failed', `${reason}\n${advice}`);
  }
}

interface Passwords {
  readonly current: string;
  readonly next: string;
}

/** A server that is told the new content. */
interface Server {
  readonly name: string;
  readonly change: readonly string[];
  readonly finish?: readonly string[];
}
