import { describe } from 'node:test';
import { freePort } from './support/processes';
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
  });
});
