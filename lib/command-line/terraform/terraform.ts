import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { providerEnvironment } from '../connection/provider-environment';
import {
  type ApplyEvent,
  checkConflicts,
  demandsInit,
  describeDiagnostic,
  type Diagnostic,
  failedCommand,
  isFromStop,
  isOutdatedState,
  OutdatedStateError,
  type Subject,
} from './messages';
import { CommandError, type Output } from '../output/output';
import { quoted } from '../output/quoted';
import { redaction } from '../output/redaction';
import { parsePlan, type PlannedChanges } from '../plan/changes';
import { secretValuesOf } from '../plan/secret-values';
import { gatherJson, gatherLines, type JsonOutput } from './json-output';
import { Journal } from '../state/journal';
import { KnownState } from '../state/known-state';
import type { Applied, Plan } from './plan';
import { inPrivateFolder } from './private-folder';
import type { ProgramEnd } from './process';
import { documentIn, initialize, type Listeners, runTerraform, terraformBinary } from './program';
import { type PlanOptions, WAIT_FOR_LOCK, wordsOf } from './plan-options';
import { Progress } from './progress';
import { checkGone } from './refresh-check';
import { subjectOf } from './subject';
import type { TerraformProps } from './terraform-props';

/**
 * Terraform in the folder of one stack. Every command that plans or changes something is shown before it runs; what
 * Terraform reports is read as JSON and shown in the words of the stack.
 */
export class Terraform {
  private isInterrupted = false;
  private redactor: (text: string) => string;
  private readonly knownState: KnownState;
  private readonly output: Output;
  readonly directory: string;
  readonly journal: Journal;
  /** The plan that was read last. */
  private planned: PlannedChanges | undefined;

  constructor(private readonly props: TerraformProps) {
    this.redactor = redaction(props.stack);
    const { configuration, directory, docker, context } = props;
    this.directory = directory;
    this.output = context.output;
    this.journal = new Journal(directory, props.stack);
    this.knownState = new KnownState({ directory, configuration, docker, environment: context.environment });
  }

  /** Whether the user asked to stop: nothing more is planned or applied then. */
  get wasInterrupted(): boolean {
    return this.isInterrupted;
  }

  /** How a Terraform command for this state starts. */
  get program(): string {
    return `${terraformBinary(this.props.context)} -chdir=${quoted(this.directory)}`;
  }

  /** Removes the values of secrets, also of those that are only in the state that the last plan was made from. */
  redact(text: string): string {
    return this.redactor(text);
  }

  /**
   * Initializes the folder the first time. Later, a plan does so when Terraform demands it.
   * @throws CommandError with Terraform's output
   */
  async init(): Promise<void> {
    if (!existsSync(join(this.directory, '.terraform'))) await this.initAgain();
  }

  private async initAgain(): Promise<void> {
    await initialize((command) => this.output.during('terraform init', this.collect(command)));
    this.checkNotInterrupted();
  }

  /**
   * Runs a command and returns what it printed.
   * @throws CommandError if it failed because the user interrupted it: one that ended well has done its work
   */
  async collect(command: readonly string[]): Promise<{ exitCode: number | null; text: string }> {
    const lines: string[] = [];
    const keep = (line: string): void => void lines.push(this.redact(line));
    const { exitCode } = await this.run(this.announce(command), { onOutput: keep, onError: keep });
    if (exitCode !== 0) this.checkNotInterrupted();
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
    const command = ['apply', '-json', '-input=false', WAIT_FOR_LOCK, '-refresh-only', '-auto-approve'];
    const ran = await this.output.during('terraform apply', this.gather(command));
    const { exitCode, errors } = this.report(ran, { isQuiet: true });
    this.checkNotInterrupted();
    if (exitCode !== 0) throw failedCommand('apply -refresh-only', this.describe(errors));
  }

  private async planOnce<Result>(options: PlanOptions, use: (plan: Plan) => Promise<Result>): Promise<Result> {
    // The plan contains the environment of the containers, so others must not be able to read it.
    return inPrivateFolder(async (folder) => {
      const file = join(folder, 'plan');
      const { configuration } = this.props;
      this.checkNotInterrupted();
      configuration.checkIsOurs();
      let { ran, isCurrent, known } = await this.planInto(file, options);
      if (ran.exitCode === 1 && ran.diagnostics.some(demandsInit)) {
        await this.initAgain();
        ({ ran, isCurrent, known } = await this.planInto(file, options));
      }
      const { exitCode, errors } = this.report(ran, { isQuiet: options.isStep ?? false });
      this.checkNotInterrupted();
      // The plan now contains it.
      configuration.checkIsOurs();
      if (exitCode !== 0 && exitCode !== 2) throw failedCommand('plan', this.describe(errors));
      if (exitCode === 0 && known !== undefined) this.knownState.remember(known);
      return use({
        isEmpty: exitCode === 0,
        read: () => this.read(file),
        printText: () => this.printText(file),
        apply: (stop) => this.apply(file, { isCurrent, isPart: options.targets !== undefined }, stop),
      });
    });
  }

  /**
   * @returns also whether the whole state was compared with the engine, and the fingerprint of the state that is known if
   *   the plan turns out to be empty
   */
  private async planInto(
    file: string,
    options: PlanOptions,
  ): Promise<{ readonly ran: JsonOutput; readonly isCurrent: boolean; readonly known: string | undefined }> {
    // Taken before the refresh: what changes meanwhile differs from it the next time.
    const found = await this.knownState.fingerprint();
    const isKnown = this.knownState.isKnown(found);
    const refresh = options.refresh !== false && !isKnown;
    const words = wordsOf({ ...options, refresh });
    const command = ['plan', '-json', '-input=false', '-detailed-exitcode', ...words, `-out=${file}`];
    const ran = await this.output.during('terraform plan', this.gather(command));
    // With targets, only these are compared.
    const isWhole = options.targets === undefined;
    return { ran, isCurrent: isWhole && (refresh || isKnown), known: isWhole && refresh ? found : undefined };
  }

  /**
   * @param planned whether the plan was made from a state that was compared with the engine as a whole, and whether it is
   *   limited to some resources
   */
  private async apply(
    file: string,
    { isCurrent, isPart }: { readonly isCurrent: boolean; readonly isPart: boolean },
    stop: AbortSignal | undefined,
  ): Promise<Applied> {
    this.checkNotInterrupted();
    const { output } = this;
    const exitCodeOf = async (name: string): Promise<number | undefined> =>
      (await this.props.docker.inspect(name))?.State.ExitCode;
    const progress = new Progress(output, (address) => this.subjectAt(address), exitCodeOf);
    const { changes = [] } = this.planned ?? {};
    const onlyRemoves = changes.every(({ action }) => action === 'delete');
    if (!onlyRemoves) this.journal.write(changes);
    const onEvent = progress.handle.bind(progress);
    const applied = this.gather(['apply', '-json', '-input=false', WAIT_FOR_LOCK, file], onEvent, stop);
    const ran = await output.during(() => progress.describeRunning(), applied).finally(() => progress.stop());
    const { exitCode, errors } = this.report(ran, { isQuiet: true, stop });
    const succeeded = exitCode === 0;
    this.knownState.remember(succeeded && isCurrent ? await this.knownState.fingerprint() : undefined);
    // To remove a few resources does not make up for an apply that failed before.
    if (succeeded && !(onlyRemoves && isPart)) this.journal.remove();
    const failedAddresses = errors.map(({ address }) => address).filter((one) => one !== undefined);
    return { succeeded, failedAddresses: succeeded ? [] : failedAddresses, errors: this.describe(errors) };
  }

  private subjectAt(address: string): Subject {
    return subjectOf(address, this.props.stack.platform.workloads, this.planned?.changes ?? []);
  }

  private async read(file: string): Promise<PlannedChanges> {
    const { stack, docker } = this.props;
    // Neither shown nor stored: it contains everything that the plan contains, including secrets.
    this.planned = await checkGone(parsePlan(documentIn(await this.show(['-json'], file))), docker);
    this.redactor = redaction(stack, secretValuesOf(stack, this.planned));
    return this.planned;
  }

  /** Prints the plan as Terraform itself describes it. */
  private async printText(file: string): Promise<void> {
    const options = this.output.hasColors ? [] : ['-no-color'];
    for (const line of await this.show(options, file)) this.output.say(this.redact(line));
  }

  private async show(options: readonly string[], file: string): Promise<string[]> {
    const command = [`-chdir=${this.directory}`, 'show', ...options, file];
    const { exitCode, lines, complaints } = await gatherLines((listeners) => this.run(command, listeners));
    this.checkNotInterrupted();
    if (exitCode === 0) return lines;
    const text = this.redact(complaints.join('\n'));
    if (isOutdatedState(text)) throw new OutdatedStateError('terraform-failed', `${text}\nterraform show failed.`);
    this.output.complain(text);
    throw failedCommand('show', [text]);
  }

  /** Runs a command whose output is JSON. */
  private gather(
    command: readonly string[],
    onEvent?: (event: ApplyEvent) => void,
    stop?: AbortSignal,
  ): Promise<JsonOutput> {
    return gatherJson((listeners) => this.run(this.announce(command), { ...listeners, stop }), onEvent);
  }

  /**
   * Prints the errors of a command that has ended.
   * @param options whether warnings are left out, and how it was asked to stop
   * @returns the errors, without the consequences of a stop: the end of the command says what runs
   * @throws CommandError if another process works on the same state
   */
  private report(
    { exitCode, diagnostics, others }: JsonOutput,
    { isQuiet, stop }: { readonly isQuiet: boolean; readonly stop?: AbortSignal | undefined },
  ): { readonly exitCode: number | null; readonly errors: readonly Diagnostic[] } {
    const isFailed = exitCode !== 0 && exitCode !== 2;
    const isStopped = this.isInterrupted || stop?.aborted === true;
    const all = diagnostics.filter(({ severity }) => severity === 'error');
    const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
    if (isFailed) checkConflicts(all, this.program);
    const errors = this.isInterrupted ? [] : all.filter((error) => !isStopped || !isFromStop(error));
    if (!isQuiet) for (const text of this.describe(warnings)) this.output.warn(text);
    for (const text of this.describe(errors)) this.output.problem(text);
    // Such as a crash trace, or a configuration file of Terraform that cannot be read.
    const rest = others.join('\n').trim();
    if (isFailed && errors.length === 0 && !isStopped && rest !== '') this.output.complain(this.redact(rest));
    if (exitCode === null && !isStopped) this.output.problem('Terraform was killed.');
    return { exitCode, errors };
  }

  private describe(diagnostics: readonly Diagnostic[]): string[] {
    return diagnostics.map((one) => {
      const subject = one.address === undefined ? undefined : this.subjectAt(one.address);
      return this.redact(describeDiagnostic(one, subject));
    });
  }

  private async run(command: readonly string[], listeners: Listeners): Promise<ProgramEnd> {
    const { context, docker, logins, configuration } = this.props;
    const end = await logins.during(configuration, (variables) => {
      const environment = { ...providerEnvironment(docker.address, context.environment), ...variables };
      return runTerraform({ ...context, environment }, command, {
        ...listeners,
        onInterrupt: () => {
          this.output.problem('Interrupted: waiting for Terraform to finish what it has started.');
        },
      });
    });
    this.isInterrupted ||= end.isInterrupted;
    return end;
  }

  /** Terraform may succeed although it was interrupted, if it was almost done. */
  private checkNotInterrupted(): void {
    if (this.isInterrupted) throw new CommandError('interrupted', 'Interrupted.');
  }

  private announce(command: readonly string[]): string[] {
    const { output, program } = this;
    output.say(output.colors.dim(`$ ${program} ${command.join(' ')}`));
    return [`-chdir=${this.directory}`, ...command];
  }
}
