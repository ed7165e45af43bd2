import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Script } from 'node:vm';
import { Configuration } from '../src/configuration';
import { MONITORING_PAGE } from '../src/monitoring-page';
import { MonitoringUi } from '../src/roles/monitoring-ui';
import { createProcess, freePort, type Process } from './support/processes';

const ANSWERS: Readonly<Record<string, object>> = {
  '/health': { status: 'unhealthy', checks: { database: 'connection refused' } },
  '/api/prices': { prices: [{ symbol: 'EURUSD', bid: 1 }] },
};

describe('the monitoring UI', () => {
  let ui: Process;
  let nobody: number;
  const peer: Server = createServer((request, response) => {
    const answer = ANSWERS[request.url ?? ''];
    response
      .writeHead(request.url === '/health' ? 503 : answer === undefined ? 500 : 200)
      .end(JSON.stringify(answer ?? {}));
  });
  before(async () => {
    nobody = await freePort();
    await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(peer.address() as AddressInfo).port}`;
    ui = await createProcess({});
    new MonitoringUi(
      ui.service,
      new Configuration({ API_GATEWAY_URL: `${url}/`, DATA_ACCESS_API_URL: `http://127.0.0.1:${nobody}` }),
    );
  });
  after(async () => {
    peer.close();
    peer.closeAllConnections();
    await ui.stop();
  });

  it('shows a page that loads nothing from other servers', async () => {
    const response = await ui.service.http.inject('/');
    assert.match(String(response.headers['content-type']), /^text\/html/);
    assert.match(String(response.headers['content-security-policy']), /default-src 'none'/);
    assert.doesNotMatch(response.body, /https?:|src=|@import/);
    const [, script] = /<script>([^]*)<\/script>/.exec(MONITORING_PAGE) ?? [];
    assert.doesNotThrow(() => new Script(script ?? 'no script'));
  });

  it('shows the data that it received, and the reason for missing data', async () => {
    const overview = (await ui.service.http.inject('/api/overview')).json<Record<string, unknown>>();
    assert.deepEqual(overview, {
      services: [
        { name: 'API gateway', health: ANSWERS['/health'] },
        { name: 'data access API', error: `connect ECONNREFUSED 127.0.0.1:${nobody}` },
      ],
      prices: { rows: [{ symbol: 'EURUSD', bid: 1 }] },
      fills: { error: `connect ECONNREFUSED 127.0.0.1:${nobody}` },
    });
  });

  it('is healthy even if other services are not', async () => {
    assert.equal((await ui.service.http.inject('/api/health')).statusCode, 200);
  });
});
