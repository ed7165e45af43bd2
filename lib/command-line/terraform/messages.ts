import { existsSync } from 'node:fs';
import { CommandError, ExitCode } from '../output/output';

/** A problem that Terraform reports. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  /** Address of the resource that it is about, if any. */
  readonly address: string | undefined;
  /** Whether it comes from a condition of the configuration, so that the detail is the whole message. */
  readonly isCondition: boolean;
}

/** A resource as its user knows it. */
export interface Subject {
  readonly name: string;
  readonly kind: 'service' | 'job' | 'image' | 'other';
}

/** The start, the progress or the end of Terraform's work on one resource. */
export interface ApplyEvent {
  readonly stage: 'start' | 'progress' | 'complete' | 'errored';
  readonly address: string;
  readonly action: string;
  /** In seconds; 0 at the start. */
  readonly elapsed: number;
}

/** One line of a command with `-json`, as far as it is used here. */
export type Message =
  | { readonly kind: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly kind: 'apply'; readonly event: ApplyEvent }
  | { readonly kind: 'other' };

// https://developer.hashicorp.com/terraform/internals/machine-readable-ui; OpenTofu prints the same
interface JsonMessage {
  readonly type?: string;
  readonly diagnostic?: {
    readonly severity: string;
    readonly summary: string;
    readonly detail?: string;
    readonly address?: string;
    readonly snippet?: { readonly context?: string | null } | null;
  };
  readonly hook?: {
    readonly resource?: { readonly addr: string };
    readonly action?: string;
    readonly elapsed_seconds?: number;
  };
}

const STAGES: Readonly<Record<string, ApplyEvent['stage']>> = {
  apply_start: 'start',
  apply_progress: 'progress',
  apply_complete: 'complete',
  apply_errored: 'errored',
};

/** @returns `undefined` for a line that is not a message, such as a crash trace */
export function parseMessage(line: string): Message | undefined {
  const message = parseJson(line);
  if (message === undefined) return undefined;
  const { type = '', diagnostic, hook } = message;
  if (diagnostic !== undefined) return { kind: 'diagnostic', diagnostic: parseDiagnostic(diagnostic) };
  const stage = STAGES[type];
  if (stage === undefined || hook?.resource === undefined) return { kind: 'other' };
  const { resource, action = '', elapsed_seconds = 0 } = hook;
  return { kind: 'apply', event: { stage, address: resource.addr, action, elapsed: elapsed_seconds } };
}

function parseJson(line: string): JsonMessage | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function parseDiagnostic({
  severity,
  summary,
  detail,
  address,
  snippet,
}: NonNullable<JsonMessage['diagnostic']>): Diagnostic {
  // A failed condition has no address, but the path of its block: resource.TYPE.NAME.lifecycle.postcondition[0].
  const [block, type, name, part] = (snippet?.context ?? '').split('.');
  const isResource = block === 'resource' && name !== undefined;
  return {
    severity: severity === 'warning' ? 'warning' : 'error',
    summary: summary.trim(),
    detail: (detail ?? '').trim(),
    address: address ?? (isResource ? `${type ?? ''}.${name}` : undefined),
    isCondition: isResource && part === 'lifecycle',
  };
}

/**
 * Whether an error is only a consequence of a signal: what Terraform and the provider report about work that they broke
 * off. The provider says the same of a container that has run out of time.
 */
export function isFromStop({ summary, detail }: Diagnostic): boolean {
  return /execution halted|context canceled|container failed to be in healthy state/.test(`${summary} ${detail}`);
}

/** @param subject the resource that it is about */
export function describeDiagnostic(diagnostic: Diagnostic, subject: Subject | undefined): string {
  const { severity, summary, detail, isCondition } = diagnostic;
  // Its exit code and log are shown at the end.
  if (isCondition && subject?.kind === 'job') return `Error: the job ${subject.name} failed.`;
  const title = severity === 'error' ? 'Error' : 'Warning';
  if (isCondition) return `${title}: ${detail}`;
  const text = (detail === '' || detail === summary ? summary : `${summary}\n${detail}`) + unseenSource(diagnostic);
  return `${title}${subject === undefined ? '' : ` in ${subject.name}`}: ${text.replaceAll('\n', '\n  ')}`;
}

/** Explains a refused bind mount of a file that exists: the engine has another file system than this machine. */
function unseenSource({ summary, detail }: Diagnostic): string {
  const [, path = ''] = /bind source path does not exist: (.+?)\.?$/m.exec(`${summary}\n${detail}`) ?? [];
  if (path === '' || !existsSync(path)) return '';
  return (
    `\n${path} exists on this machine, but the engine does not see it: it may run in a virtual machine or outside of this ` +
    'container. Share the folder of the project with it under the same path, or select the engine by an ssh:// or tcp:// address'
  );
}

/**
 * Raises the errors for another Terraform process that is using the same state, or has changed it since the plan.
 * @param terraform the command that runs it on this state
 * @throws CommandError with what to do
 */
export function checkConflicts(errors: readonly Diagnostic[], terraform: string): void {
  if (errors.some(({ summary }) => summary === 'Saved plan is stale')) {
    throw new CommandError(
      'plan-stale',
      'Another deploy of this stack finished after this plan was made, so the plan is out of date and was not applied. ' +
        'Run the command again.',
    );
  }
  for (const { summary, detail } of errors) checkLock(`${summary}\n${detail}`, terraform);
}

/**
 * Raises the error for a state that another Terraform process has locked.
 * @param text of an error, or the whole output of a command that has no `-json`
 * @param terraform the command that runs it on this state
 * @throws CommandError with what to do
 */
export function checkLock(text: string, terraform: string): void {
  // A backend that cannot be reached, or refuses the user, fails with the same words and without a lock.
  const isHeld = text.includes('Lock Info:') || /already locked/i.test(text);
  if (!text.includes('Error acquiring the state lock') || !isHeld) return;
  throw new CommandError('state-locked', describeLock(text, terraform));
}

/** Terraform describes the lock, except for http and pg, where it describes the one that it was refused itself. */
function describeLock(detail: string, terraform: string): string {
  const fields = fieldsOf(detail);
  const field = (name: string): string => fields.get(name) ?? 'unknown';
  const idFromHttp = /HTTP remote state already locked:\s+ID=(\S+)/.exec(detail)?.[1];
  const isUnnamed = idFromHttp !== undefined || /^Error message: .*already locked/im.test(detail);
  const holder = isUnnamed
    ? 'the backend does not say who has locked it'
    : `${field('Who')} has held its lock since ${field('Created')} (${field('Operation')})`;
  const id = isUnnamed ? idFromHttp : isFileLock(detail) ? undefined : field('ID');
  // The operating system removes the lock of a process that has ended, and PostgreSQL that of a connection.
  const removal = id === undefined ? '' : ` If it was killed, remove its lock: ${terraform} force-unlock ${id}`;
  return `Another command uses the state of this stack: ${holder}. Run the command again when it has finished.${removal}`;
}

/** Whether the state is a local file, in the words of Unix or of Windows. */
function isFileLock(detail: string): boolean {
  return /resource temporarily unavailable|has locked a portion of the file/.test(detail);
}

/** The values of the lines `Name: value` in a string. */
function fieldsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );
}

/** @param errors what Terraform printed about it */
export function failedCommand(command: string, errors: readonly string[]): CommandError {
  return new CommandError('terraform-failed', `terraform ${command} failed.`, ExitCode.FAILED, [], errors);
}

/** Whether Terraform found that the provider, the backend or the lock file does not fit the folder that was initialized. */
export function demandsInit({ summary, detail }: Diagnostic): boolean {
  return /\b(terraform|tofu) init\b/.test(`${summary}\n${detail}`);
}

/** Terraform cannot show a plan, because the state has an attribute that the provider no longer has. */
export class OutdatedStateError extends CommandError {}

/** Whether `terraform show` failed for that reason. */
export function isOutdatedState(complaint: string): boolean {
  return complaint.includes('unsupported attribute');
}
