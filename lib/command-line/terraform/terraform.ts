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
  failedCommand,
  isFromStop,
  parseMessage,
  type Subject,
} from './messages';
import { CommandError, type Output } from '../output/output';
import { redaction } from '../output/redaction';
import { nameOf, parsePlan, type PlannedChanges } from '../plan/changes';
import { secretValuesOf } from '../plan/secret-values';
import { Journal } from './journal';
import { inPrivateFolder } from './private-folder';
import type { Applied, Plan } from './plan';
import type { ProgramEnd } from './process';
import { documentIn, type JsonListeners, type Listeners, runTerraform, terraformBinary } from './program';
import { type PlanOptions, wordsOf } from './plan-options';
import { Progress } from './progress';

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
  readonly journal: Journal;
  private isInterrupted = false;
  /** The environment with the logins, as long as there is a folder for them. */
  private loginEnvironment: NodeJS.ProcessEnv = {};
  private redactor: (text: string) => string;
  /** The plan that was read last. */
  private planned: PlannedChanges | undefined;

  constructor(private readonly props: TerraformProps) {
    this.redactor = redaction(props.stack);
    this.journal = new Journal(props.directory, props.stack);
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
  private async initWith(options: readonly string[]): Promise<{ exitCode: number | null; text: string }> {
    const lines: string[] = [];
    const keep = (line: string): void => {
      lines.push(this.redact(line));
    };
    const command = this.announce(['init', '-no-color', '-input=false', ...options]);
    const run = this.run(command, { onOutput: keep, onError: keep });
    const { exitCode } = await this.output.during('terraform init', run);
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
    const { exitCode, errors } = await this.output.during('terraform apply', this.execute(command, { isQuiet: true }));
    this.checkNotInterrupted();
    if (exitCode !== 0) throw failedCommand('apply -refresh-only', this.describe(errors));
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
      const planned = this.execute(command, { isQuiet: options.isStep ?? false });
      const { exitCode, errors } = await this.output.during('terraform plan', planned);
      this.checkNotInterrupted();
      // The plan now contains it.
      configuration.checkIsOurs();
      if (exitCode !== 0 && exitCode !== 2) throw failedCommand('plan', this.describe(errors));
      return use({
        isEmpty: exitCode === 0,
        read: () => this.read(file),
        printText: () => this.printText(file),
        apply: (stop) => this.apply(file, stop),
      });
    });
  }

  private async apply(file: string, stop: AbortSignal | undefined): Promise<Applied> {
    this.checkNotInterrupted();
    const { output } = this;
    const progress = new Progress(output, (address) => this.subjectAt(address));
    const onEvent = (event: ApplyEvent): void => {
      progress.handle(event);
    };
    const { changes = [] } = this.planned ?? {};
    if (changes.some(({ action }) => action !== 'delete')) this.journal.write(changes);
    const applied = this.execute(['apply', '-json', '-input=false', file], { isQuiet: true, onEvent, stop });
    const { exitCode, errors } = await output
      .during(() => progress.describeRunning(), applied)
      .finally(() => {
        progress.stop();
      });
    if (exitCode === 0) {
      this.journal.remove();
      return { succeeded: true, failedAddresses: [], errors: [] };
    }
    const failedAddresses = errors.map(({ address }) => address).filter((one) => one !== undefined);
    return { succeeded: false, failedAddresses, errors: this.describe(errors) };
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
    throw failedCommand('show', [text]);
  }

  /**
   * Runs a command whose output is JSON, and prints its errors when it has ended.
   * @returns the errors, without those of work that was stopped on request
   * @throws CommandError if another process works on the same state
   */
  private async execute(
    command: readonly string[],
    { isQuiet, stop, onEvent = () => undefined }: JsonListeners,
  ): Promise<{ readonly exitCode: number | null; readonly errors: readonly Diagnostic[] }> {
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
      stop,
    });
    const isFailed = exitCode !== 0 && exitCode !== 2;
    const isStopped = this.isInterrupted || stop?.aborted === true;
    const all = diagnostics.filter(({ severity }) => severity === 'error');
    if (isFailed) checkConflicts(all, `${terraformBinary(this.props.context)} -chdir=${this.directory}`);
    // What an interrupt breaks off is no news; the end of the command says what runs.
    const errors = this.isInterrupted ? [] : all.filter((error) => !isStopped || !isFromStop(error));
    if (!isQuiet) this.print(diagnostics.filter(({ severity }) => severity === 'warning'));
    this.print(errors);
    // Such as a crash trace, or a configuration file of Terraform that cannot be read.
    const rest = others.join('\n').trim();
    if (isFailed && errors.length === 0 && !isStopped && rest !== '') this.output.complain(this.redact(rest));
    if (exitCode === null && !isStopped) this.output.problem('Terraform was killed.');
    return { exitCode, errors };
  }

  private print(diagnostics: readonly Diagnostic[]): void {
    for (const one of diagnostics) {
      const [text = ''] = this.describe([one]);
      if (one.severity === 'warning') this.output.warn(text);
      else this.output.problem(text);
    }
  }

  private describe(diagnostics: readonly Diagnostic[]): string[] {
    const subjectOf = ({ address }: Diagnostic): Subject | undefined =>
      address === undefined ? undefined : this.subjectAt(address);
    return diagnostics.map((one) => this.redact(describeDiagnostic(one, subjectOf(one))));
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
