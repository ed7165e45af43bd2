import type { TradingStack } from '../../index';
import type { CommandContext } from '../context';
import { type DockerApi, DockerApiError } from '../engine/docker-api';
import type { ChangeReport } from '../plan/details';
import { type Configuration, readConfiguration } from '../synthesis/configuration';
import { type DeployedContent, type DeployRecord, fingerprintOf, type Undertaking } from './deploy-record';
import type { History } from './history';
import { imagesOnEngine } from './recorded-images';

/** How many services a reason names. */
const NAMED = 3;

/** What is needed to record a deploy. */
export interface RecordingProps {
  readonly stack: TradingStack;
  readonly history: History;
  readonly docker: DockerApi;
  /** The folder of the configuration. */
  readonly directory: string;
  readonly undertaking: Undertaking;
  readonly context: Pick<CommandContext, 'now' | 'output'>;
}

/** Records one deploy: that it has begun, and what runs when it has succeeded. */
export class Recording {
  private readonly configuration: Configuration;
  /** The last deploy that had succeeded when this one began. */
  private last: DeployRecord | undefined;

  /** Reads the configuration, which another process may rewrite later. */
  constructor(private readonly props: RecordingProps) {
    this.configuration = readConfiguration(props.directory);
  }

  /** Called before the first change. */
  begin(reports: readonly ChangeReport[]): void {
    const { history, undertaking } = this.props;
    const { command, reason } = undertaking;
    const changed = workloadsIn(reports).map(({ name }) => name);
    try {
      const { deploys, damage } = history.read();
      if (damage !== undefined) this.props.context.output.warn(`\n${damage}`);
      this.last = deploys.at(-1);
      const isFirst = this.last === undefined && reports.every(({ action }) => action === 'create');
      const words = reason ?? (isFirst ? 'first deploy' : describe(reports));
      history.begin({ command, time: this.now(), reason: words, changed, restores: undertaking.restores?.id ?? null });
    } catch (error) {
      this.warn(error);
    }
  }

  /** How to return to the last deploy that succeeded if this one does not; `undefined` without one, or in a rollback. */
  get wayBack(): string | undefined {
    const { stack, undertaking } = this.props;
    // Only the rotation itself gives its new content to the consumers.
    if (this.last === undefined || undertaking.command !== 'deploy') return undefined;
    const { time, reason } = this.last;
    return `To go back to the deploy of ${time} (${reason}): npm run rollback -- ${stack.node.id}`;
  }

  /**
   * Called when everything runs. A record that cannot be written is a warning: the deploy has succeeded.
   * @param changed whether the deploy has changed anything
   */
  async complete(changed: boolean): Promise<void> {
    const { history, docker, undertaking } = this.props;
    try {
      const content = undertaking.restores?.content ?? (await this.content());
      const fingerprint = fingerprintOf(content);
      const { attempt, deploys } = history.read();
      // Rotations must not push the versions out that a rollback could go back to.
      if (deploys.at(-1)?.fingerprint === fingerprint) {
        history.keep(this.sameAgain());
        return;
      }
      // A deploy that changes nothing has not begun: an attempt is that of an earlier one.
      const ofThis = changed ? attempt?.reason : undertaking.reason;
      const reason = ofThis ?? attempt?.reason ?? 'already running when first recorded';
      const { command } = undertaking;
      const address = docker.address.text;
      const names = attempt?.changed ?? [];
      const restores = this.restored;
      history.add({ command, time: this.now(), reason, changed: names, restores, address, fingerprint, content });
    } catch (error) {
      this.warn(error);
    }
  }

  /** What changes about the last deploy when the same is deployed again. */
  private sameAgain(): Partial<Pick<DeployRecord, 'reason' | 'restores'>> {
    const { command, reason } = this.props.undertaking;
    if (command === 'rotate') return {};
    return { restores: this.restored, ...(command === 'deploy' && reason !== null && { reason }) };
  }

  private warn(error: unknown): void {
    if (!(error instanceof DockerApiError) && !isFileError(error)) throw error;
    const { stack, context } = this.props;
    context.output.warn(
      `\nWarning: The deploy is not in the history of ${stack.node.id}, so a rollback cannot return to it: ${error.message}`,
    );
  }

  private async content(): Promise<DeployedContent> {
    const { stack, docker } = this.props;
    const { configuration } = this;
    const { platform, stateFile } = stack;
    const images = await imagesOnEngine(configuration, docker);
    const { prefix, workloads, engine } = platform;
    return { configuration, workloads, images, prefix, engine: engine.name, stateFile };
  }

  /** A rollback to a rollback leads to what that one went back to. */
  private get restored(): string | null {
    const { restores } = this.props.undertaking;
    return restores?.restores ?? restores?.id ?? null;
  }

  private now(): string {
    return new Date(this.props.context.now()).toISOString();
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return typeof (error as NodeJS.ErrnoException | undefined)?.syscall === 'string';
}

function workloadsIn(reports: readonly ChangeReport[]): ChangeReport[] {
  return reports.filter(({ kind }) => kind === 'service' || kind === 'job');
}

/** What changes, in one short line. */
function describe(reports: readonly ChangeReport[]): string {
  const workloads = workloadsIn(reports);
  const [only, ...more] = workloads.length > 0 ? workloads : reports;
  if (only === undefined) return 'no service changed';
  if (more.length === 0) return `${only.name}: ${only.details[0]?.text ?? only.outcome}`;
  const names = workloads.slice(0, NAMED).map(({ name }) => name);
  const rest = workloads.length - names.length;
  if (workloads.length === 0) return `${reports.length} resources`;
  return `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
