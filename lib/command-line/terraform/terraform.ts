import { join } from 'node:path';
import type { TradingStack } from '../../index';
import { withoutContentTag } from '../../internal';
import type { WrittenConfiguration } from './configuration';
import type { CommandContext } from '../context';
import type { EngineAddress } from '../engine/address';
import type { Logins } from '../engine/logins';
import { providerEnvironment } from '../engine/provider-environment';
import {
  type ApplyEvent,
  checkConflicts,
  describeDiagnostic,
  type Diagnostic,
  parseMessage,
  type Subject,
} from './messages';
import { CommandError, type Output } from '../output/output';
import { redaction } from '../output/redaction';
import { nameOf, parsePlan, type PlannedChanges } from '../plan/changes';
import { secretValuesOf } from '../plan/secret-values';
import { inPrivateFolder } from './private-folder';
import type { ProgramEnd } from './process';
import { documentIn, type Listeners, runTerraform, terraformBinary } from './program';
import { type PlanOptions, wordsOf } from './plan-options';
import { Progress } from './progress';
import { moveInState } from './state-move';

/** Terraform cannot show a plan, because the state has an attribute that the provider no longer has. */
class OutdatedStateError extends CommandError {}

/** Everything that Terraform needs. */
export interface TerraformProps {
  readonly stack: TradingStack;
  /** The stack's output folder. */
  readonly directory: string;
  /** The configuration that every plan must be made from. */
  readonly configuration: WrittenConfiguration;
  /** The engine that it changes. */
  readonly address: EngineAddress;
  /** The logins with which it pulls images. */
  readonly logins: Logins;
  readonly context: CommandContext;
}

/**
 * Terraform in the folder of one stack. Every command that plans or changes something is shown before it runs; what
 * Terraform reports is read as JSON and shown in the words of the stack.
 */
export class Terraform {
  private isInterrupted = false;
  /** The environment with the logins, as long as there is a folder for them. */
  private loginEnvironment: NodeJS.ProcessEnv = {};
  private redactor: (text: string) => string;
  /** The plan that was read last. */
  private planned: PlannedChanges | undefined;

  constructor(private readonly props: TerraformProps) {
    this.redactor = redaction(props.stack);
  }

  private get output(): Output {
    return this.props.context.output;
  }

  get directory(): string {
    return this.props.directory;
  }

  /** Whether the user asked to stop: nothing more is planned or applied then. */
  get wasInterrupted(): boolean {
    return this.isInterrupted;
  }

  /** Removes the values of secrets, also of those that are only in the state that the last plan was made from. */
  redact(text: string): string {
    return this.redactor(text);
  }

  /** @throws CommandError with Terraform's output */
  async init(): Promise<void> {
    let { exitCode, text } = await this.initWith([]);
    // The version of the provider has changed, for example after an update of the library.
    if (exitCode !== 0 && text.includes('init -upgrade')) ({ exitCode, text } = await this.initWith(['-upgrade']));
    this.checkNotInterrupted();
    if (exitCode !== 0) throw new CommandError('terraform-failed', `${text}\nterraform init failed.`);
  }

  /** Terraform 1.9 was the first whose init has `-json`. */
  private initWith(options: readonly string[]): Promise<{ exitCode: number; text: string }> {
    return this.output.during('terraform init', this.collect(['init', '-no-color', '-input=false', ...options]));
  }

  private async collect(command: readonly string[]): Promise<{ exitCode: number; text: string }> {
    const lines: string[] = [];
    const keep = (line: string): void => void lines.push(this.redact(line));
    const { exitCode } = await this.run(this.announce(command), { onOutput: keep, onError: keep });
    return { exitCode, text: lines.join('\n').trim() };
  }

  /**
   * Makes a plan, and keeps it until `use` has ended.
   * @throws CommandError if there is no plan, if the user interrupted it, or if the configuration was rewritten
   *   meanwhile
   */
  async plan<Result>(options: PlanOptions, use: (plan: Plan) => Promise<Result>): Promise<Result> {
    try {
      return await this.planOnce(options, use);
    } catch (error) {
      if (!(error instanceof OutdatedStateError) || options.targets === undefined) throw error;
    }
    await this.upgradeState();
    return this.planOnce(options, use);
  }

  /**
   * Writes the state in the form of the provider that is used now. A plan with targets leaves the rest of the state as
   * it is, and Terraform cannot show a state with an attribute that another version of the provider had.
   */
  private async upgradeState(): Promise<void> {
    this.checkNotInterrupted();
    const command = ['apply', '-json', '-input=false', '-refresh-only', '-auto-approve'];
    const { exitCode } = await this.output.during('terraform apply', this.execute(command, true));
    this.checkNotInterrupted();
    if (exitCode !== 0) throw new CommandError('terraform-failed', 'terraform apply -refresh-only failed.');
  }

  private async planOnce<Result>(options: PlanOptions, use: (plan: Plan) => Promise<Result>): Promise<Result> {
    // The plan contains the environment of the containers, so others must not be able to read it.
    return inPrivateFolder(async (folder) => {
      const file = join(folder, 'plan');
      const { configuration, logins } = this.props;
      this.loginEnvironment = logins.environmentIn(folder, configuration.providerVersion);
      this.checkNotInterrupted();
      configuration.checkIsOurs();
      const command = ['plan', '-json', '-input=false', '-detailed-exitcode', ...wordsOf(options), `-out=${file}`];
      const { exitCode } = await this.output.during('terraform plan', this.execute(command, options.isStep ?? false));
      this.checkNotInterrupted();
      // The plan now contains it.
      configuration.checkIsOurs();
      if (exitCode !== 0 && exitCode !== 2) throw new CommandError('terraform-failed', 'terraform plan failed.');
      return use({
        isEmpty: exitCode === 0,
        read: () => this.read(file),
        printText: () => this.printText(file),
        apply: () => this.apply(file),
      });
    });
  }

  /** Gives a resource another address in the state. @throws CommandError if Terraform refuses */
  moveInState(from: string, to: string): Promise<void> {
    this.checkNotInterrupted();
    return moveInState(from, to, this.props.configuration, (command) => this.collect(command));
  }

  private async apply(file: string): Promise<Applied> {
    this.checkNotInterrupted();
    const { output } = this;
    const progress = new Progress(output, (address) => this.subjectAt(address));
    const onEvent = (event: ApplyEvent): void => {
      progress.handle(event);
    };
    const applied = this.execute(['apply', '-json', '-input=false', file], true, onEvent);
    const { exitCode, errors } = await output
      .during(() => progress.describeRunning(), applied)
      .finally(() => {
        progress.stop();
      });
    const failed = exitCode === 0 ? [] : errors.map(({ address }) => address).filter((one) => one !== undefined);
    return { succeeded: exitCode === 0, failedAddresses: failed };
  }

  private subjectAt(address: string): Subject {
    const { workloads } = this.props.stack.platform;
    const workload = workloads.find((one) => one.address === address);
    if (workload !== undefined) return workload.spec;
    const change = this.planned?.changes.find((one) => one.address === address);
    if (change === undefined) return { name: address, kind: 'other' };
    const name = withoutContentTag(nameOf(change, workloads));
    if (change.kind === 'workload') return { name, kind: 'service' };
    if (change.kind === 'image') return { name, kind: 'image' };
    return { name: change.kind === 'other' ? name : `${change.kind} ${name}`, kind: 'other' };
  }

  private async read(file: string): Promise<PlannedChanges> {
    // Neither shown nor stored: it contains everything that the plan contains, including secrets.
    const planned = parsePlan(documentIn(await this.show(['-json'], file)));
    this.planned = planned;
    const { stack } = this.props;
    this.redactor = redaction(stack, secretValuesOf(stack, planned));
    return planned;
  }

  /** Prints the plan as Terraform itself describes it. */
  private async printText(file: string): Promise<void> {
    const { output } = this;
    for (const line of await this.show(output.hasColors ? [] : ['-no-color'], file)) output.say(this.redact(line));
  }

  private async show(options: readonly string[], file: string): Promise<string[]> {
    const lines: string[] = [];
    const complaints: string[] = [];
    const command = [`-chdir=${this.directory}`, 'show', ...options, file];
    const { exitCode } = await this.run(command, {
      onOutput: (line) => lines.push(line),
      onError: (line) => complaints.push(line),
    });
    this.checkNotInterrupted();
    if (exitCode === 0) return lines;
    const text = this.redact(complaints.join('\n'));
    if (text.includes('unsupported attribute')) {
      throw new OutdatedStateError('terraform-failed', `${text}\nterraform show failed.`);
    }
    this.output.complain(text);
    throw new CommandError('terraform-failed', 'terraform show failed.');
  }

  /**
   * Runs a command whose output is JSON, and prints its errors when it has ended.
   * @param isQuiet whether warnings are left out
   * @throws CommandError if another process works on the same state
   */
  private async execute(
    command: readonly string[],
    isQuiet: boolean,
    onEvent: (event: ApplyEvent) => void = () => undefined,
  ): Promise<{ readonly exitCode: number; readonly errors: readonly Diagnostic[] }> {
    const diagnostics: Diagnostic[] = [];
    const others: string[] = [];
    const { exitCode } = await this.run(this.announce(command), {
      onOutput: (line) => {
        const message = parseMessage(line);
        if (message === undefined) others.push(line);
        else if (message.kind === 'diagnostic') diagnostics.push(message.diagnostic);
        else if (message.kind === 'apply') onEvent(message.event);
      },
      onError: (line) => others.push(line),
    });
    const isFailed = exitCode === 1;
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    if (isFailed) checkConflicts(errors, `${terraformBinary(this.props.context)} -chdir=${this.directory}`);
    if (!isQuiet) this.print(diagnostics.filter(({ severity }) => severity === 'warning'));
    this.print(errors);
    // Such as a crash trace, or a configuration file of Terraform that cannot be read.
    const rest = others.join('\n').trim();
    if (isFailed && errors.length === 0 && !this.isInterrupted && rest !== '') this.output.complain(this.redact(rest));
    return { exitCode, errors };
  }

  private print(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) {
      const { address } = diagnostic;
      const subject = address === undefined ? undefined : this.subjectAt(address);
      const text = this.redact(describeDiagnostic(diagnostic, subject));
      if (diagnostic.severity === 'warning') this.output.warn(text);
      // What an interrupt breaks off is no news; the end of the command says what runs.
      else if (!this.isInterrupted) this.output.problem(text);
    }
  }

  private async run(command: readonly string[], listeners: Listeners): Promise<ProgramEnd> {
    const { context, address } = this.props;
    const environment = { ...providerEnvironment(address, context.environment), ...this.loginEnvironment };
    const end = await runTerraform({ ...context, environment }, command, {
      ...listeners,
      onInterrupt: () => {
        this.output.problem('Interrupted: waiting for Terraform to finish what it has started.');
      },
    });
    this.isInterrupted ||= end.isInterrupted;
    return end;
  }

  /** Terraform may succeed although it was interrupted, if it was almost done. */
  private checkNotInterrupted(): void {
    if (this.isInterrupted) throw new CommandError('interrupted', 'Interrupted.');
  }

  private announce(command: readonly string[]): string[] {
    const { output } = this;
    const whole = [`-chdir=${this.directory}`, ...command];
    output.say(output.colors.dim(`$ ${terraformBinary(this.props.context)} ${whole.join(' ')}`));
    return whole;
  }
}

/** A plan that was made. */
export interface Plan {
  readonly isEmpty: boolean;
  readonly read: () => Promise<PlannedChanges>;
  /** Prints Terraform's own description of it. */
  readonly printText: () => Promise<void>;
  /**
   * Applies it. @throws CommandError if nothing was applied
   */
  readonly apply: () => Promise<Applied>;
}

/** How an apply ended. */
export interface Applied {
  readonly succeeded: boolean;
  /** Addresses of the resources that Terraform's errors are about. */
  readonly failedAddresses: readonly string[];
}
