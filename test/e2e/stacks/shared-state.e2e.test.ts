import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { containersOf, eventually, refuseExisting } from '../harness/engine';
import { Project } from '../harness/project';

/** Replaces the project's stacks: a service that takes a while to be healthy, with its state behind HTTP. */
const STACK = 'examples/shared/stack.ts';

let backend: StateBackend;
let desk: Project;
let laptop: Project;

beforeAll(async () => {
  await refuseExisting('shared');
  backend = await StateBackend.start();
  [desk, laptop] = await Promise.all([checkout(), checkout()]);
});

afterAll(async () => {
  try {
    await desk.destroy('shared');
  } finally {
    await Promise.all([desk.remove(), laptop.remove(), backend.stop()]);
  }
});

describe('a stack that two people deploy from their own checkouts', () => {
  test('is deployed by the first, and the second is told who holds the lock of the state', async () => {
    const deployed = desk.script('deploy', 'shared', '--yes');
    await eventually(
      () => Promise.resolve(backend.lock),
      (lock) => lock.includes('OperationTypeApply'),
      60,
    );
    const refused = await laptop.script('deploy', 'shared', '--yes');

    const { ID } = JSON.parse(backend.lastLock) as { ID: string };
    expect((await deployed).code).toBe(0);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /^Another command uses the state of this stack: .*\nNothing was changed\. \[state-locked\]\n$/,
    );
    // Of the lock that this backend reports, Terraform shows only the id.
    expect(refused.stderr).toContain(`force-unlock ${ID}`);
  });

  test('has nothing to change for the second afterwards', async () => {
    const before = (await containersOf('shared')).get('slow')?.Id;

    expect((await laptop.script('diff', 'shared', '--detailed-exitcode')).code).toBe(0);
    await laptop.deploy('shared');

    expect((await containersOf('shared')).get('slow')?.Id).toBe(before);
  });
});

async function checkout(): Promise<Project> {
  const project = await Project.copy('docker');
  await project.write(STACK, SHARED_STACK.replace('ADDRESS', backend.address));
  await project.edit('bin/trading.ts', "'../examples/mt5/stack'", "'../examples/shared/stack'");
  return project;
}

/** Keeps one state, as Terraform's backend `http` expects it. */
class StateBackend {
  static async start(): Promise<StateBackend> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StateBackend(server);
  }

  /** What the holder of the lock said about itself; empty if nobody holds it. */
  lock = '';
  lastLock = '';
  private state: string | undefined;

  private constructor(private readonly server: HttpServer) {
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { status, body } = this.answer(request.method ?? '', Buffer.concat(chunks).toString());
        response.writeHead(status).end(body);
      });
    });
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/state`;
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(method: string, body: string): { readonly status: number; readonly body?: string } {
    switch (method) {
      case 'GET':
        return this.state === undefined ? { status: 404 } : { status: 200, body: this.state };
      case 'POST':
        this.state = body;
        return { status: 200 };
      case 'LOCK':
        if (this.lock !== '') return { status: 423, body: this.lock };
        this.lock = this.lastLock = body;
        return { status: 200 };
      case 'UNLOCK':
        this.lock = '';
        return { status: 200 };
      default:
        return { status: 405 };
    }
  }
}

const SHARED_STACK = `
import { type App, HttpBackend } from 'cdktf';
import { type Engine, HealthCheck, Image, TradingStack, Workload } from '../../lib';

export function createMt5Stack(app: App, { engine }: { engine: Engine }): TradingStack {
  const stack = new TradingStack(app, 'shared', { engine, network: { subnet: '10.98.13.0/24' } });
  const address = 'ADDRESS';
  new HttpBackend(stack, { address, lockAddress: address, unlockAddress: address });
  new Workload(stack, 'slow', {
    image: Image.fromRegistry('redis:7.4-alpine'),
    command: ['sh', '-c', 'sleep 10 && touch /tmp/ready && exec sleep 1000000'],
    healthCheck: HealthCheck.command(['test', '-f', '/tmp/ready']),
  });
  return stack;
}
`;
