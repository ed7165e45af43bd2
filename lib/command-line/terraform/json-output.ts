import { type ApplyEvent, type Diagnostic, parseMessage } from './messages';
import type { ProgramEnd } from './process';
import type { Listeners } from './program';

/** How a command with JSON output ended. */
export interface JsonOutput {
  /** `null` if a signal killed it. */
  readonly exitCode: number | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Lines that are not JSON. */
  readonly others: readonly string[];
}

/** Runs a command with JSON output, and passes the events of an apply on while it runs. */
export async function gatherJson(
  run: (listeners: Pick<Listeners, 'onOutput' | 'onError'>) => Promise<ProgramEnd>,
  onEvent: (event: ApplyEvent) => void = () => undefined,
): Promise<JsonOutput> {
  const diagnostics: Diagnostic[] = [];
  const others: string[] = [];
  const { exitCode } = await run({
    onOutput: (line) => {
      const message = parseMessage(line);
      if (message === undefined) others.push(line);
      else if (message.kind === 'diagnostic') diagnostics.push(message.diagnostic);
      else if (message.kind === 'apply') onEvent(message.event);
    },
    onError: (line) => others.push(line),
  });
  return { exitCode, diagnostics, others };
}

/** Runs a command and collects what it prints, apart from what it prints as errors. */
export async function gatherLines(
  run: (listeners: Listeners) => Promise<ProgramEnd>,
): Promise<ProgramEnd & { readonly lines: string[]; readonly complaints: string[] }> {
  const lines: string[] = [];
  const complaints: string[] = [];
  const end = await run({ onOutput: (line) => lines.push(line), onError: (line) => complaints.push(line) });
  return { ...end, lines, complaints };
}
