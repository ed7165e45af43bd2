import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, freePort } from './support/processes';

interface Program {
  readonly process: ChildProcess;
  /** Its output so far. */
  output(): string;
  /** Its exit code, and the milliseconds that it took to exit after the signal. */
  stop(): Promise<{ code: number; took: number }>;
}

function start(environment: NodeJS.ProcessEnv): Program {
  // The types have already been checked.
  const env = { PATH: process.env.PATH, TS_NODE_TRANSPILE_ONLY: 'true', ...environment };
  const child = spawn(process.execPath, ['--require', 'ts-node/register', join(__dirname, '../src/main.ts')], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  return {
    process: child,
    output: () => output,
    stop: async () => {
      const signalled = Date.now();
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = (await exited) as [number];
      return { code, took: Date.now() - signalled };
    },
  };
}

describe('a service that receives SIGTERM', () => {
  /** Accepts connections and never answers. */
  let mute: Server;
  let port: number;
  before(async () => {
    mute = createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    port = (mute.address() as AddressInfo).port;
  });
  after(() => mute.close());

  it('exits with code 0 quickly', async () => {
    const service = start({ ROLE: 'feature-api', PORT: String(await freePort()) });
    await eventually(() => service.output().includes('started as'), 60_000);
    const { code, took } = await service.stop();
    assert.equal(code, 0);
    assert.ok(took < 3_000, `took ${took} ms`);
  });

  it('does not wait for its start, and an incomplete migration does not exit with code 0', async () => {
    const DATABASE_URL = `postgresql://user:password@127.0.0.1:${port}/none`;
    const migration = start({ ROLE: 'migration', PORT: String(await freePort()), DATABASE_URL });
    await eventually(() => migration.output().includes('the database is not ready'), 60_000);
    const { code, took } = await migration.stop();
    assert.equal(code, 1);
    assert.ok(took < 4_000, `took ${took} ms`);
    assert.match(migration.output(), /stopped before it had started/);
    assert.doesNotMatch(migration.output(), /giving up|stopped by an error/);
  });

  it('takes no longer than STOP_TIMEOUT_SECONDS, and logs when that is over', async () => {
    // It waits for features, which do not arrive in that time.
    const service = start({
      ROLE: 'market-data,strategy-runner',
      PORT: String(await freePort()),
      FEATURE_API_URL: `http://127.0.0.1:${port}`,
      FEATURE_API_TIMEOUT_MS: '10000',
      TICK_INTERVAL_MS: '10',
      STOP_TIMEOUT_SECONDS: '1',
    });
    await eventually(() => service.output().includes('started as'), 60_000);
    await delay(1_500);
    const { code, took } = await service.stop();
    assert.equal(code, 1);
    assert.ok(took < 2_500, `took ${took} ms`);
    assert.match(service.output(), /not stopped after 1000 ms, giving up/);
  });
});
