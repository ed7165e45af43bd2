import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Configuration, ConfigurationError } from '../src/configuration';
import { Analytics } from '../src/roles/analytics';
import { DataAccess } from '../src/roles/data-access';
import { MarketData } from '../src/roles/market-data';
import { Service } from '../src/service';
import { createProcess, eventually } from './support/processes';

const DATABASE = { DATABASE_URL: 'postgresql://user:password@127.0.0.1:1/trading' };
const TICK = { symbol: 'EURUSD', bid: 1.07, ask: 1.08, time: '2026-01-02T03:04:05.000Z', sequence: 1 };

interface Asked {
  readonly url: URL;
  readonly token: string | undefined;
  readonly body: string;
}

/** The part of InfluxDB that its clients use. */
class InfluxServer {
  readonly asked: Asked[] = [];
  /** Status of the next writes. */
  status = 204;
  /** Status of the next queries. */
  queryStatus = 200;
  /** The answer to a Flux query. */
  answer: (query: string) => string = () => '';
  private readonly server: Server = createServer((request, response) => {
    void text(request).then((body) => {
      const url = new URL(request.url ?? '', 'http://influxdb');
      if (url.pathname === '/ping') return response.writeHead(204).end();
      this.asked.push({ url, token: request.headers.authorization, body });
      if (url.pathname === '/api/v2/write') return response.writeHead(this.status).end();
      return response.writeHead(this.queryStatus, { 'content-type': 'text/csv' }).end(this.answer(body));
    });
  });

  async start(): Promise<NodeJS.ProcessEnv> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return {
      INFLUXDB_URL: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
      INFLUXDB_TOKEN: 'token',
      INFLUXDB_ORG: 'organization',
      INFLUXDB_BUCKET: 'prices of today',
    };
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function healthOf(service: Service): Promise<Record<string, string>> {
  return (await service.health.document()).checks;
}

describe('the history of prices', () => {
  const influx = new InfluxServer();
  let environment: NodeJS.ProcessEnv;
  before(async () => {
    environment = await influx.start();
  });
  beforeEach(() => {
    influx.asked.length = 0;
    influx.status = 204;
    influx.queryStatus = 200;
  });
  after(() => {
    influx.stop();
  });

  it('writes ticks in batches, each as a point with its symbol and its time', async () => {
    const { service, stop } = await createProcess(environment);
    service.priceHistory?.record(TICK);
    service.priceHistory?.record({ ...TICK, symbol: 'BTC-USD', bid: 60_000, ask: 60_001 });
    await eventually(() => influx.asked.length > 0);
    const [write, ...others] = influx.asked;
    assert.deepEqual(others, []);
    assert.equal(write?.token, 'Token token');
    assert.deepEqual(Object.fromEntries(write.url.searchParams), {
      org: 'organization',
      bucket: 'prices of today',
      precision: 'ms',
    });
    const time = Date.parse(TICK.time);
    assert.deepEqual(write.body.split('\n'), [
      `prices,symbol=EURUSD ask=1.08,bid=1.07 ${time}`,
      `prices,symbol=BTC-USD ask=60001,bid=60000 ${time}`,
    ]);
    await stop();
  });

  it('is written completely when the service stops', async () => {
    const { service, stop } = await createProcess(environment);
    service.priceHistory?.record(TICK);
    await stop();
    assert.equal(influx.asked.length, 1);
  });

  it('makes the service unhealthy while it cannot be written', async () => {
    const { service, stop } = await createProcess(environment);
    assert.equal((await healthOf(service)).influxdb, 'ok');
    influx.status = 401;
    service.priceHistory?.record(TICK);
    await eventually(async () => (await healthOf(service)).influxdb !== 'ok');
    assert.match((await healthOf(service)).influxdb ?? '', /^the last prices were not written: /);
    assert.match((await service.http.inject('/metrics')).body, /failures_total\{work="writing prices"\} [1-9]/);
    influx.status = 204;
    service.priceHistory?.record(TICK);
    await eventually(async () => (await healthOf(service)).influxdb === 'ok');
    await stop();
  });

  it('names a missing variable', async () => {
    await assert.rejects(createProcess({ INFLUXDB_URL: 'http://influxdb:8086', INFLUXDB_TOKEN: 'token' }), (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.equal(error.message, 'INFLUXDB_ORG is not set; INFLUXDB_URL needs it');
      return true;
    });
  });

  it('contains each tick of the market data role', async () => {
    const { service, bus, stop } = await createProcess(environment);
    const role = new MarketData(service, new Configuration({ SYMBOLS: 'EURUSD', TICK_INTERVAL_MS: '10' }), bus);
    const ticks: unknown[] = [];
    bus.subscribe('ticks', (message) => void ticks.push(message));
    await role.start();
    await eventually(() => ticks.length >= 3);
    await role.stop();
    await stop();
    const points = influx.asked.flatMap(({ body }) => body.split('\n'));
    assert.equal(points.length, ticks.length);
  });

  it('is summarized by symbol for the last hour', async () => {
    const values = { mean: 1.08, min: 1.07, max: 1.09 };
    influx.answer = (query) =>
      [
        '#datatype,string,long,string,double',
        '#group,false,false,true,false',
        '#default,_result,,,',
        ',result,table,symbol,_value',
        `,,0,EURUSD,${values[/(mean|min|max)\(\)/.exec(query)?.[1] as keyof typeof values]}`,
        '',
      ].join('\r\n');
    const { service, stop } = await createProcess({ ...DATABASE, ...environment });
    new Analytics(service);
    const response = await service.http.inject('/reports/prices');
    assert.equal(response.statusCode, 200);
    const { period, prices } = response.json<Record<string, unknown>>();
    assert.equal(period, '-1h');
    assert.deepEqual(prices, [{ symbol: 'EURUSD', mean: 1.08, min: 1.07, max: 1.09 }]);
    const { query } = JSON.parse(influx.asked[0]?.body ?? '{}') as { query: string };
    assert.match(query, /from\(bucket: "prices of today"\)/);
    assert.match(query, /range\(start: -1h\)/);
    await stop();
  });
});

describe('the history of prices for reports', () => {
  const influx = new InfluxServer();
  let environment: NodeJS.ProcessEnv;
  before(async () => {
    environment = await influx.start();
  });
  after(() => {
    influx.stop();
  });

  it('makes the service unhealthy while it cannot be read, but not a service that only writes', async () => {
    const writer = await createProcess(environment);
    const reader = await createProcess({ ...DATABASE, ...environment });
    new Analytics(reader.service);
    assert.equal((await healthOf(reader.service)).influxdb, 'ok');
    influx.queryStatus = 401;
    assert.match((await healthOf(reader.service)).influxdb ?? '', /^InfluxDB did not answer: /);
    assert.equal((await healthOf(writer.service)).influxdb, 'ok');
    const { query } = JSON.parse(influx.asked.at(-1)?.body ?? '{}') as { query: string };
    assert.match(query, /from\(bucket: "prices of today"\)/);
    await reader.stop();
    await writer.stop();
  });
});

describe('stored records', () => {
  /** The role's server with a database that returns `rows`, and the queries to it. */
  async function dataAccess(
    rows: readonly object[],
  ): Promise<{ service: Service; asked: unknown[]; stop: () => Promise<void> }> {
    const { service, stop } = await createProcess(DATABASE);
    const asked: unknown[] = [];
    Object.assign(service.database ?? {}, {
      rows: async (_statement: string, values: unknown) => {
        asked.push(values);
        return rows;
      },
    });
    new DataAccess(service, new Configuration({}));
    return { service, asked, stop };
  }

  it('are shown by their kind', async () => {
    const { service, asked, stop } = await dataAccess([{ symbol: 'EURUSD', price: 1.08 }]);
    for (const name of ['signals', 'orders', 'fills']) {
      const response = await service.http.inject(`/${name}`);
      assert.deepEqual(response.json(), { [name]: [{ symbol: 'EURUSD', price: 1.08 }] });
    }
    assert.deepEqual(asked, [[100], [100], [100]]);
    await stop();
  });

  it('can be filtered by symbol and limited in number', async () => {
    const { service, asked, stop } = await dataAccess([]);
    await service.http.inject('/fills?symbol=EURUSD&limit=5');
    assert.deepEqual(asked, [[5, 'EURUSD']]);
    for (const query of ['limit=0', 'limit=1001', 'limit=x', "symbol=';--"]) {
      assert.equal((await service.http.inject(`/fills?${query}`)).statusCode, 400, query);
    }
    await stop();
  });

  it('needs a database', async () => {
    const { service, stop } = await createProcess({});
    assert.throws(
      () => new DataAccess(service, new Configuration({})),
      /^Error: DATABASE_URL is not set; the role data-access/,
    );
    assert.throws(() => new Analytics(service), /^Error: DATABASE_URL is not set; the role analytics/);
    await stop();
  });
});
