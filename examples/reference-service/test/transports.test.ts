import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createProcess, eventually, freePort, type Process } from './support/processes';
import { withServer } from './support/server';
import { keepsItsPromises } from './support/transport-contract';

describe('ZeroMQ', () => {
  keepsItsPromises(async () => {
    const [market, orders] = [await freePort(), await freePort()];
    return {
      answerer: { TRANSPORT: 'zeromq', ZMQ_MARKET_PORT: String(market), ZMQ_EXEC_PORT: String(orders) },
      asker: {
        TRANSPORT: 'zeromq',
        MARKET_DATA_URL: `tcp://127.0.0.1:${market}`,
        ORDER_EXECUTOR_URL: `tcp://127.0.0.1:${orders}`,
      },
    };
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

      it('keeps those that are published while no process of it runs, and gives each to one', async () => {
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
