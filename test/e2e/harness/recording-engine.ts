/** A socket in front of the real engine that records the logins of pulls, and plays Docker Hub. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { mustRun } from './run';

/** A pull: the name of the image, and the login that was sent with it. */
export interface Pull {
  readonly image: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

export class RecordingEngine {
  /**
   * @param hubImage a local image that every image of Docker Hub is a copy of
   */
  static async start(hubImage: string): Promise<RecordingEngine> {
    const folder = await mkdtemp(join(tmpdir(), 'trading-stack-engine-'));
    const engine = new RecordingEngine(folder, hubImage);
    await new Promise<void>((resolve) => engine.server.listen(join(folder, 'docker.sock'), resolve));
    return engine;
  }

  readonly pulls: Pull[] = [];
  private readonly server: Server;

  private constructor(
    private readonly folder: string,
    private readonly hubImage: string,
  ) {
    this.server = createServer((asked, response) => {
      void this.answer(asked, response);
    });
  }

  get host(): string {
    return `unix://${join(this.folder, 'docker.sock')}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }

  private async answer(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(asked.url ?? '/', 'http://docker');
    if (/\/images\/create$/.test(pathname)) {
      const name = searchParams.get('fromImage') ?? '';
      const image = `${name}:${searchParams.get('tag') ?? 'latest'}`;
      const login = loginIn(asked.headers['x-registry-auth']);
      this.pulls.push({ image, username: login.username, password: login.password });
      if (!/^127\.0\.0\.1/.test(name)) {
        await mustRun('docker', ['tag', this.hubImage, image]);
        response.end('{"status":"Status: Downloaded newer image"}\n');
        return;
      }
    }
    if (/\/auth$/.test(pathname)) {
      const body = await buffer(asked);
      const { serveraddress } = JSON.parse(body.toString()) as { serveraddress: string };
      if (!serveraddress.includes('docker.io')) this.forward(asked, response, body);
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"Status":"Login Succeeded"}');
      return;
    }
    this.forward(asked, response);
  }

  /** @param body the content of the request, if it has already been read */
  private forward(asked: IncomingMessage, response: ServerResponse, body?: Buffer): void {
    const socketPath = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace(/^unix:\/\//, '');
    const { method, url, headers } = asked;
    const forwarded = request({ socketPath, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    // A stream of events only ends when its reader leaves.
    response.on('close', () => forwarded.destroy());
    if (body === undefined) asked.pipe(forwarded);
    else forwarded.end(body);
  }
}

/** The engine takes it as JSON in Base64 for URLs. */
function loginIn(header: string | string[] | undefined): { username?: string; password?: string } {
  return typeof header === 'string'
    ? (JSON.parse(Buffer.from(header, 'base64url').toString()) as { username?: string; password?: string })
    : {};
}
