import type { CommandContext } from '../../../lib/command-line/context';
import { type FakeContainer, FakeEngine } from './engine';
import { DeskProject, type Outcome } from './project';
import { FakeSsh, type SshBehavior } from './ssh';

/** The content of the provided secret. */
export const KEY = 'a-key-that-nobody-may-see';
export const HEALTHY = { status: 'running', health: 'healthy' };

/** The containers after a successful deploy. */
export const RUNNING: readonly FakeContainer[] = [
  { name: 'desk-redis', ...HEALTHY },
  { name: 'desk-migrate', status: 'exited' },
  { name: 'desk-gateway', ...HEALTHY },
];

/** A project with its secret and an engine that runs the desk, both new for every test of a file. */
export class DeskFixture {
  /** Replaces parts of the context of the commands of one test. */
  context: Partial<CommandContext> = {};
  private folder: DeskProject | undefined;
  private running: FakeEngine | undefined;
  private ssh: FakeSsh | undefined;

  constructor() {
    jest.setTimeout(60_000);
    beforeEach(async () => {
      this.context = {};
      this.folder = new DeskProject();
      this.running = await FakeEngine.start();
      this.engine.state.secretsFolder = `${this.project.folder}/.secrets/desk`;
      this.engine.state.volumes = ['archive'];
      this.engine.state.containers = [...RUNNING];
      this.project.write('.secrets/desk/broker_key', `${KEY}\n`);
    });
    afterEach(async () => {
      this.ssh?.remove();
      this.ssh = undefined;
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

  /**
   * The environment in which the engine is reached over ssh.
   * @param behavior what ssh does instead of connecting
   */
  overSsh(behavior: SshBehavior = { socket: this.engine.socket }): Readonly<Record<string, string>> {
    this.ssh = new FakeSsh(behavior);
    return { DOCKER_HOST: 'ssh://desk@host', PATH: this.ssh.path };
  }

  /** Runs a command of the desk on the engine, in this process. */
  run(command: readonly string[], environment: Readonly<Record<string, string>> = {}, problem = ''): Promise<Outcome> {
    // The engine is also the one that Docker's client finds without a variable, as on a desk.
    const selected = { DOCKER_HOST: this.engine.host, DOCKER_CONFIG: this.engine.clientFolder };
    return this.project.run(command, { ...selected, FAKE_SECRET: KEY, ...environment }, problem, this.context);
  }
}

function started<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error('the fixture is available in tests only');
  return part;
}
