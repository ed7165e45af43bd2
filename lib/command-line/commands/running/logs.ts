import type { App } from 'cdktf';
import type { Formatter } from 'picocolors/types';
import type { CommandContext } from '../../context';
import type { DockerApi } from '../../engine/docker-api';
import { secondsOf } from '../../logs/log-source';
import { type ServiceLine, StackLogs } from '../../logs/stack-logs';
import { withColorsOnly } from '../../output/control-sequences';
import { CommandError, ExitCode, type Output } from '../../output/output';
import { redaction } from '../../output/redaction';
import { uninterrupted } from '../../processes/signals';
import { deployedEngine } from '../../state/deployed-engine';
import { stackNamed } from '../../synthesis/stacks';
import { workloadsNamed } from '../../services/services';

export interface LogsOptions {
  readonly follow: boolean;
  /** How long ago, in milliseconds, or a time; `undefined` from the beginning. */
  readonly since: number | Date | undefined;
  /** How many lines of each container, the last ones; `undefined` for all. */
  readonly tail: number | undefined;
}

/** Prints the logs of the services and jobs of a stack, in the order of time. */
export async function logs(
  app: App,
  name: string | undefined,
  services: readonly string[],
  { follow, since, tail }: LogsOptions,
  { output, environment }: CommandContext,
): Promise<ExitCode> {
  const stack = stackNamed(app, name);
  const workloads = workloadsNamed(stack, services);
  const docker = await deployedEngine(app, stack, environment, Infinity);
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
  };
  const printer = new LinePrinter(
    workloads.map(({ spec }) => spec.name),
    redaction(stack),
    output,
  );
  const all = new StackLogs({
    workloads,
    docker,
    print: (lines) => printer.print(lines),
    warn: (service, reason) => {
      output.problem(`The log of ${service} cannot be read: ${reason}`);
    },
    signal: ended.signal,
  });
  // A reader that has ended, as in `logs desk --follow | head`.
  process.stdout.on('error', end);
  try {
    const from = since === undefined ? undefined : await beginOf(since, docker);
    // The engine takes no time before 1970.
    const begin = from === undefined ? undefined : secondsOf(new Date(Math.max(0, from)).toISOString());
    const range = { since: begin, tail };
    await uninterrupted(end, () => (follow ? all.follow(range) : all.print(range)));
    return ExitCode.DONE;
  } finally {
    process.stdout.off('error', end);
  }
}

/** @throws CommandError `usage` for a time in the future of the engine, until which a program can have printed nothing */
async function beginOf(since: number | Date, docker: DockerApi): Promise<number> {
  const now = await docker.now();
  if (typeof since === 'number') return now - since;
  const begin = since.getTime();
  if (begin <= now) return begin;
  const message = `--since ${since.toISOString()} is in the future: on the engine's machine it is ${new Date(now).toISOString()}`;
  throw new CommandError('usage', message, ExitCode.REFUSED);
}

/** Prints lines with the name of their service, or as one JSON document on each line. */
class LinePrinter {
  private readonly prefixes: ReadonlyMap<string, string>;

  constructor(
    services: readonly string[],
    private readonly redact: (text: string) => string,
    private readonly output: Output,
  ) {
    const width = Math.max(...services.map(({ length }) => length));
    const { cyan, yellow, green, magenta, blue, cyanBright, yellowBright, greenBright, magentaBright, blueBright } =
      output.colors;
    const colors: readonly Formatter[] = [
      ...[cyan, yellow, green, magenta, blue],
      ...[cyanBright, yellowBright, greenBright, magentaBright, blueBright],
    ];
    const prefixOf = (service: string, index: number): string =>
      (colors[index % colors.length] ?? cyan)(`${service.padEnd(width)} |`);
    this.prefixes = new Map(services.map((service, index) => [service, prefixOf(service, index)]));
  }

  async print(lines: readonly ServiceLine[]): Promise<void> {
    const text = lines.map((line) => `${this.format(line)}\n`).join('');
    await this.output.write(this.redact(text));
  }

  private format({ service, time, stream, text }: ServiceLine): string {
    if (this.output.isJson) return JSON.stringify({ service, time, stream, text });
    return `${this.prefixes.get(service) ?? service} ${withColorsOnly(text)}`;
  }
}
