import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bus } from '../src/bus';
import type { Configuration } from '../src/configuration';
import { NothingDoneError } from '../src/nothing-done';
import type { Role } from '../src/roles/role';
import type { Service } from '../src/service';
import { CuttingProxy } from './support/cutting-proxy';
import { createProcess, eventually, freePort, type Process } from './support/processes';
import { withServer } from './support/server';
import { keepsItsPromises } from './support/transport-contract';

describe('ZeroMQ', () => {
  keepsItsPromises(async () => {
    const [market, orders, events] = [await freePort(), await freePort(), await freePort()];
    return {
      answerer: {
        TRANSPORT: 'zeromq',
        ZMQ_MARKET_PORT: String(market),
        ZMQ_EXEC_PORT: String(orders),
        ZMQ_EVENTS_PORT: String(events),
      },
      asker: {
        TRANSPORT: 'zeromq',
        MARKET_DATA_URL: `tcp://127.0.0.1:${market}`,
        ORDER_EXECUTOR_URL: `tcp://127.0.0.1:${orders}`,
        ORDER_EXECUTOR_EVENTS_URL: `tcp://127.0.0.1:${events}`,
      },
    };
  });
});

describe('ZeroMQ, when it stops', () => {
  /** Publishes more than the buffers of a connection can hold, right before it stops. */
  class LastWords implements Role {
    constructor(
      _service: Service,
      _configuration: Configuration,
      private readonly bus: Bus,
    ) {}

    async start(): Promise<void> {}

    async stop(): Promise<void> {
      const padding = 'x'.repeat(30_000);
      await Promise.all(Array.from({ length: 500 }, () => this.bus.publish('fills', { padding })));
    }
  }

  it('still sends published messages', async () => {
    const events = String(await freePort());
    const zeromq = { TRANSPORT: 'zeromq' };
    const source = await createProcess({ ...zeromq, ZMQ_EVENTS_PORT: events }, [LastWords]);
    const listener = await createProcess({ ...zeromq, ORDER_EXECUTOR_EVENTS_URL: `tcp://127.0.0.1:${events}` });
    let heard = 0;
    listener.bus.subscribe('fills', () => void (heard += 1));
    await source.start();
    await listener.start();
    await eventually(async () => {
      await source.bus.publish('fills', {});
      await delay(50);
      return heard > 0;
    });
    heard = 0;
    await source.stop();
    await eventually(() => heard === 500, 2_000).catch(() => {
      assert.equal(heard, 500);
    });
    await listener.stop();
  });
});

describe('HTTP', () => {
  keepsItsPromises(async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    return {
      answerer: { TRANSPORT: 'http', PORT: String(port) },
      asker: { TRANSPORT: 'http', MARKET_DATA_URL: url, ORDER_EXECUTOR_URL: url },
    };
  });
});

describe('Redis', () => {
  withServer('REDIS_TEST_URL', (url) => {
    const environment = { TRANSPORT: 'redis', REDIS_URL: url };
    keepsItsPromises(async () => ({ answerer: environment, asker: environment }));
  });
});

describe('Redis, when the connection breaks while it accepts a request', () => {
  withServer('REDIS_TEST_URL', (url) => {
    const environment = { TRANSPORT: 'redis', REDIS_URL: url };
    let proxy: CuttingProxy;
    let asker: Process;
    before(async () => {
      proxy = await CuttingProxy.to(url);
      asker = await createProcess({ ...environment, REDIS_URL: proxy.url(url), ORDER_TIMEOUT_MS: '2000' });
      await asker.start();
      await eventually(() => connected(asker));
    });
    after(async () => {
      await asker.stop();
      proxy.close();
    });

    it('does not report that nothing was done', async () => {
      const answerer = await createProcess(environment);
      const answered: unknown[] = [];
      answerer.bus.respond('orders', async (message) => ({ count: answered.push(message) }));
      await answerer.start();
      await eventually(() => asker.bus.check('orders').then(yes, no));
      proxy.cutAt('cut here');
      await assert.rejects(asker.bus.request('orders', { at: 'cut here' }), isUnknown);
      await eventually(() => answered.length === 1);
      await answerer.stop();
    });

    it('reports that nothing was done if it could withdraw the request', async () => {
      await eventually(() => connected(asker));
      await assert.rejects(asker.bus.request('orders', { nobody: 'answers' }), (error: Error) => {
        assert.ok(error instanceof NothingDoneError);
        assert.equal(error.message, 'no answer within 2000 ms');
        return true;
      });
    });
  });
});

describe('RabbitMQ', () => {
  withServer('RABBITMQ_TEST_URL', (url) => {
    const environment = { TRANSPORT: 'rabbitmq', RABBITMQ_URL: url };
    keepsItsPromises(async () => ({ answerer: environment, asker: environment }));

    describe('for the alerts of a service', () => {
      const follower = { ...environment, SERVICE_NAME: 'follower-of-alerts' };

      async function follow(heard: unknown[]): Promise<Process> {
        const process = await createProcess(follower);
        process.bus.subscribe('alerts', (message) => void heard.push(message));
        await start(process);
        return process;
      }

      async function start(process: Process): Promise<void> {
        await process.start();
        await eventually(async () => (await process.service.health.document()).checks.rabbitmq === 'ok');
      }

      it('keeps alerts that are published while no process of the service runs, and delivers each to one process', async () => {
        const publisher = await createProcess(environment);
        await start(publisher);
        await (await follow([])).stop();
        for (const n of [1, 2, 3]) await publisher.bus.publish('alerts', { n });

        const heard: unknown[] = [];
        const followers = [await follow(heard), await follow(heard)];
        await eventually(() => heard.length === 3);
        await publisher.bus.publish('alerts', { n: 4 });
        await eventually(() => heard.length > 3);
        for (const each of followers) await each.stop();
        assert.deepEqual(heard, [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);

        const again = await follow(heard);
        await delay(300);
        await again.stop();
        await publisher.stop();
        assert.equal(heard.length, 4);
      });
    });
  });
});

async function connected({ service }: Process): Promise<boolean> {
  const { checks } = await service.health.document();
  return checks.redis_bus === 'ok';
}

function isUnknown(error: Error): boolean {
  return !(error instanceof NothingDoneError);
}

function yes(): boolean {
  return true;
}

function no(): boolean {
  return false;
}
