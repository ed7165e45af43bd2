import type { TradingStack } from '../../index';
import type { CommandContext } from '../context';
import type { DockerApi } from '../engine/docker-api';
import { logTailsOf } from '../engine/log-tail';
import { redaction } from '../output/redaction';
import { statesOf, type WorkloadState } from '../engine/workload-state';

/** How often containers are inspected while Terraform waits for them. */
const INTERVAL_MILLISECONDS = 2000;

/** A single restart may only mean that a server was not up yet. */
const RESTARTS = 3;

/** The stack to watch, and the means to do so. */
export interface CrashLoopsProps {
  readonly stack: TradingStack;
  readonly docker: DockerApi;
  readonly context: Pick<CommandContext, 'output' | 'pause'>;
}

/**
 * Reports a crash loop as soon as it is visible. Terraform would wait as long as the health check of the container
 * allows, and show nothing.
 */
export class CrashLoops {
  /** Restarts of each container when it was first seen during the deploy; a new container starts at 0. */
  private readonly earlier = new Map<string, number>();
  private hasInspected = false;
  private readonly reported = new Set<string>();

  constructor(private readonly props: CrashLoopsProps) {}

  /** Watches until the work is done. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    const end = new AbortController();
    const watch = this.watch(end.signal);
    try {
      return await work;
    } finally {
      end.abort();
      await watch;
    }
  }

  private async watch(end: AbortSignal): Promise<void> {
    while (!end.aborted) {
      try {
        await this.inspect();
      } catch {
        // Terraform uses the same engine, and reports what is wrong with it.
        return;
      }
      await this.props.context.pause(INTERVAL_MILLISECONDS, end);
    }
  }

  private async inspect(): Promise<void> {
    const { stack, docker, context } = this.props;
    const looping = (await statesOf(stack.platform.workloads, docker)).filter((state) => this.isNewLoop(state));
    this.hasInspected = true;
    for (const { name, state, log } of await logTailsOf(looping, docker, redaction(stack))) {
      const line = log.filter((one) => one.trim() !== '').at(-1);
      context.output.warn(
        `${name} keeps crashing (${state})${line === undefined ? '' : `. Last log line: ${line.trim()}`}`,
      );
    }
  }

  private isNewLoop({ container, restarts, workload }: WorkloadState): boolean {
    if (container === null || workload.spec.kind === 'job') return false;
    const earlier = this.earlier.get(container) ?? (this.hasInspected ? 0 : restarts);
    this.earlier.set(container, earlier);
    const isLooping = restarts - earlier >= RESTARTS && !this.reported.has(container);
    if (isLooping) this.reported.add(container);
    return isLooping;
  }
}
