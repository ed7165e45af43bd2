/** A registry that asks for a login, on this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './engine';
import { mustRun } from './run';

export class Registry {
  /**
   * @param user the only one who may log in
   */
  static async start(user: string, password: string): Promise<Registry> {
    const folder = await mkdtemp(join(tmpdir(), 'trading-stack-registry-'));
    const address = `127.0.0.1:${await freePort()}`;
    await writeFile(join(folder, 'htpasswd'), `${user}:${await bcrypt(password)}\n`);
    const settings = {
      version: '0.1',
      storage: { filesystem: { rootdirectory: join(folder, 'data') } },
      http: { addr: address },
      auth: { htpasswd: { realm: 'desk', path: join(folder, 'htpasswd') } },
    };
    await writeFile(join(folder, 'registry.yml'), JSON.stringify(settings));
    const program = spawn('docker-registry', ['serve', join(folder, 'registry.yml')], { stdio: 'ignore' });
    const registry = new Registry(address, folder, program);
    const answers = (): Promise<boolean> =>
      fetch(`http://${address}/v2/`).then(
        ({ status }) => status === 401,
        () => false,
      );
    await eventually(answers, (isUp) => isUp, 20);
    return registry;
  }

  private constructor(
    /** Host and port. Docker accepts an address of this machine without TLS. */
    readonly address: string,
    private readonly folder: string,
    private readonly program: ChildProcess,
  ) {}

  async remove(): Promise<void> {
    this.program.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The hash that the registry accepts; its salt does not matter here. */
async function bcrypt(password: string): Promise<string> {
  return mustRun('perl', ['-e', 'print crypt($ARGV[0], q($2y$05$abcdefghijklmnopqrstuu))', password]);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
