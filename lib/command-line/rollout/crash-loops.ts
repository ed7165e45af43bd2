import { setTimeout } from 'node:timers/promises';
import type { TradingStack } from '../../index';
import type { DockerApi } from '../engine/docker-api';
import { lastWordsOf } from '../engine/log-tail';
import type { Output } from '../output/output';
import { redaction } from '../output/redaction';
import { statesOf, type WorkloadState } from '../engine/workload-state';

/** How often containers are looked at while Terraform waits for them. */
const PAUSE_MILLISECONDS = 2000;

/** One restart may be for want of a server that was not there yet. */
const RESTARTS = 3;

/** What the containers are looked at with. */
export interface CrashLoopsProps {
  readonly stack: TradingStack;
  /** `undefined` for an engine that cannot be asked. */
  readonly docker: DockerApi | undefined;
  readonly output: Output;
}

/**
 * Tells of a container that ends again and again as soon as that can be seen. Terraform waits for it as long as its
 * health check allows, and shows nothing of it.
 */
export class CrashLoops {
  /** Restarts of each container before: none of one that came later. */
  private readonly earlier = new Map<string, number>();
  private hasLooked = false;
  private readonly told = new Set<string>();

  constructor(private readonly props: CrashLoopsProps) {}

  /** Looks from now on until something is done. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    const { docker } = this.props;
    if (docker === undefined) return work;
    const end = new AbortController();
    const looks = this.lookUntil(end.signal, docker);
    try {
      return await work;
    } finally {
      end.abort();
      await looks;
    }
  }

  private async lookUntil(end: AbortSignal, docker: DockerApi): Promise<void> {
    while (!end.aborted) {
      try {
        await this.look(docker);
      } catch {
        // Terraform works with the same engine, and says what is wrong with it.
        return;
      }
      await pause(end);
    }
  }

  private async look(docker: DockerApi): Promise<void> {
    const { stack, output } = this.props;
    const looping = (await statesOf(stack.platform.workloads, docker)).filter((state) => this.isNews(state));
    this.hasLooked = true;
    for (const { name, state, log } of await lastWordsOf(looping, docker, redaction(stack))) {
      const line = log.filter((one) => one.trim() !== '').at(-1);
      output.warn(
        `${name} ends again and again (${state})${line === undefined ? '' : `. Its last line: ${line.trim()}`}`,
      );
    }
  }

  private isNews({ container, restarts, workload }: WorkloadState): boolean {
    if (container === null || workload.spec.kind === 'job') return false;
    const earlier = this.earlier.get(container) ?? (this.hasLooked ? 0 : restarts);
    this.earlier.set(container, earlier);
    const isLooping = restarts - earlier >= RESTARTS && !this.told.has(container);
    if (isLooping) this.told.add(container);
    return isLooping;
  }
}

async function pause(end: AbortSignal): Promise<void> {
  try {
    await setTimeout(PAUSE_MILLISECONDS, undefined, { signal: end });
  } catch {
    // It was ended, which is all there is to it.
  }
}
