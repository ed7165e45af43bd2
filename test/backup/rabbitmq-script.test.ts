import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = readFileSync(join(__dirname, '../../lib/backup/container/rabbitmq.sh'), 'utf8');
const DEFINITIONS = '{"users":[{"name":"desk","password_hash":"c2VjcmV0"}],"queues":[]}';

let folder: string;
let broker: Server;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rabbitmq-backup-'));
  mkdirSync(join(folder, 'scratch/tmp'), { recursive: true });
  mkdirSync(join(folder, 'dump'));
  writeFileSync(join(folder, 'password'), 'secret');
});

afterEach(() => {
  broker.close();
  rmSync(folder, { recursive: true });
});

/** Makes a backup of a broker that gives this answer and closes the connection. */
async function dumpFrom(answer: string): Promise<{ readonly status: number | null; readonly stderr: string }> {
  broker = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.end(answer));
  });
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  const { port } = broker.address() as AddressInfo;
  const script = join(folder, 'rabbitmq.sh');
  writeFileSync(script, SCRIPT.replace('/backup/scratch', join(folder, 'scratch')).replaceAll('15672', String(port)));
  const env = {
    PATH: process.env.PATH,
    RABBITMQ_HOST: '127.0.0.1',
    RABBITMQ_USER: 'desk',
    RABBITMQ_PASSWORD_FILE: join(folder, 'password'),
  };
  const child = spawn('/bin/sh', [script, 'dump', join(folder, 'dump')], { env });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) =>
    child.on('close', (status) => {
      resolve({ status, stderr });
    }),
  );
}

describe('a backup of RabbitMQ', () => {
  test.each([
    ['with its length', `HTTP/1.1 200 OK\r\ncontent-length: ${DEFINITIONS.length}\r\n\r\n${DEFINITIONS}`],
    ['without it', `HTTP/1.1 200 OK\r\n\r\n${DEFINITIONS}`],
  ])('has the definitions of an answer %s, and no hash of a password', async (_how, answer) => {
    expect(await dumpFrom(answer)).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(join(folder, 'dump/definitions.json'), 'utf8')).toBe(DEFINITIONS.replace('c2VjcmV0', ''));
    expect(existsSync(join(folder, 'scratch/tmp/definitions'))).toBe(false);
  });

  test.each([
    ['closed the connection', `HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n${DEFINITIONS}`],
    ['incomplete', `HTTP/1.1 200 OK\r\n\r\n${DEFINITIONS.slice(0, -9)}`],
    ['incomplete', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['401 Unauthorized', 'HTTP/1.1 401 Unauthorized\r\n\r\n{"error":"not_authorized"}'],
  ])('is not made of an answer that is not all of them: %s', async (why, answer) => {
    const { status, stderr } = await dumpFrom(answer);

    expect([status, stderr]).toEqual([1, expect.stringContaining(why)]);
  });
});
