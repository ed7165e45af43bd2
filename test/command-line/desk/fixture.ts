import type { CommandContext } from '../../../lib/command-line/context';
import { type FakeContainer, FakeEngine } from './engine';
import { DeskProject, type Outcome } from './project';

/** The content of the secret that a person provides. */
export const KEY = 'a-key-that-nobody-may-see';
export const HEALTHY = { status: 'running', health: 'healthy' };

/** What runs after a deploy that went well. */
export const RUNNING: readonly FakeContainer[] = [
  { name: 'desk-redis', ...HEALTHY },
  { name: 'desk-migrate', status: 'exited' },
  { name: 'desk-gateway', ...HEALTHY },
];

/** A project whose secret is provided, and an engine that has the desk's archive and runs the desk: new ones for every test of a file. */
export class DeskFixture {
  /** Replaces parts of the context of the commands of one test. */
  context: Partial<CommandContext> = {};
  private folder: DeskProject | undefined;
  private running: FakeEngine | undefined;

  constructor() {
    jest.setTimeout(60_000);
    beforeEach(async () => {
      this.context = {};
      this.folder = new DeskProject();
      this.running = await FakeEngine.start();
      this.engine.state.volumes = ['archive'];
      this.engine.state.containers = [...RUNNING];
      this.project.write('.secrets/desk/broker_key', `${KEY}\n`);
    });
    afterEach(async () => {
      await this.engine.stop();
      this.project.remove();
    });
  }

  get project(): DeskProject {
    return started(this.folder);
  }

  get engine(): FakeEngine {
    return started(this.running);
  }

  /** Runs a command of the desk on the engine, in this process. */
  run(command: readonly string[], environment: Readonly<Record<string, string>> = {}, problem = ''): Promise<Outcome> {
    return this.project.run(
      command,
      { DOCKER_HOST: this.engine.host, FAKE_SECRET: KEY, ...environment },
      problem,
      this.context,
    );
  }
}

function started<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error('this is there from the start of a test');
  return part;
}
