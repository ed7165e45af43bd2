import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TradingStack } from '../../index';
import type { DockerApi } from '../engine/docker-api';
import type { EngineIdentity } from '../engine/responses';
import type { Problem } from '../output/output';
import { quoted } from '../output/quoted';

interface Content extends Pick<EngineIdentity, 'engine' | 'cluster'> {
  readonly address: string;
}

/**
 * A file about the engine that a stack is deployed to, next to the local state. The state does not say which engine it is
 * about: refreshed against another one, everything in it seems to be gone.
 */
export class EngineRecord {
  private readonly file: string;
  private identified: Promise<EngineIdentity> | undefined;

  /** @param folder the stack's output folder */
  constructor(
    folder: string,
    private readonly stack: TradingStack,
    private readonly docker: DockerApi,
  ) {
    this.file = `${join(folder, stack.stateFile)}.engine`;
  }

  /** The problem that the stack is deployed to another engine, if it is. */
  async problem(): Promise<Problem | undefined> {
    const recorded = this.content();
    const actual = await this.identity();
    if (recorded === undefined || this.isSame(recorded, actual)) return undefined;
    const { id } = this.stack.node;
    const { text } = this.docker.address;
    const remove = `rm ${quoted(relative('', this.file))}`;
    const message =
      recorded.address === text
        ? `The engine at ${text} is not the one that ${id} was deployed to: ${this.changeAtAddress()}. If nothing of ${id} ` +
          `is left on it, remove the record: ${remove}`
        : `${id} is deployed to the engine at ${recorded.address}, and ${text} is another engine. Select that engine again: ` +
          `export DOCKER_HOST=${quoted(recorded.address)}, or set \`host\` if the code does. If that engine was replaced and ` +
          `nothing of ${id} is left on it, remove the record of it: ${remove}`;
    return { code: 'other-engine', message };
  }

  private changeAtAddress(): string {
    const what = this.stack.engine.traits.needsManager ? 'it or its Swarm was created again' : 'it was installed again';
    return `${what}, or another machine has its address`;
  }

  /** Which engine to select if this one does not answer; `undefined` at the address of the recorded one, and without a record. */
  hint(): string | undefined {
    const recorded = this.content();
    if (recorded === undefined || recorded.address === this.docker.address.text) return undefined;
    return (
      `${this.stack.node.id} is deployed to the engine at ${recorded.address}. Select that engine: ` +
      `export DOCKER_HOST=${quoted(recorded.address)}, or set \`host\` if the code does.`
    );
  }

  /** Called before an apply, which may be cut off at any time, and when the state is found to be about this engine. */
  async write(): Promise<void> {
    const { engine, cluster } = await this.identity();
    const content: Content = { address: this.docker.address.text, engine, cluster };
    writeFileSync(this.file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  }

  /** Called when nothing is deployed any more. */
  remove(): void {
    rmSync(this.file, { force: true });
  }

  /** Read once, so that the engine that is recorded is the one that was compared, even if it has stopped since then. */
  private identity(): Promise<EngineIdentity> {
    this.identified ??= this.docker.identity();
    return this.identified;
  }

  /** A Swarm is reached through any of its managers, and the containers of a worker only through that. */
  private isSame(recorded: Content, actual: EngineIdentity): boolean {
    const isCluster = this.stack.engine.traits.needsManager && recorded.cluster !== '';
    // A worker does not know the id of its Swarm.
    if (isCluster && actual.isWorker) return true;
    return isCluster && actual.cluster !== '' ? recorded.cluster === actual.cluster : recorded.engine === actual.engine;
  }

  /** `undefined` without the file, and for one that was cut off while it was written, or is damaged otherwise. */
  private content(): Content | undefined {
    try {
      const content = JSON.parse(readFileSync(this.file, 'utf8')) as Partial<Content> | null;
      return typeof content?.engine === 'string' ? (content as Content) : undefined;
    } catch {
      return undefined;
    }
  }
}
