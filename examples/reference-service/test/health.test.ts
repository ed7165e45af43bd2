import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { HealthDocument } from '../src/health';
import { roles } from '../src/roles';
import type { RoleConstructor } from '../src/roles/role';
import { createProcess, eventually, freePort, type Process } from './support/processes';

let asked: Process;

/** Everything that a role may connect to, at a port where nothing listens. */
async function alone(): Promise<NodeJS.ProcessEnv> {
  const nobody = `127.0.0.1:${await freePort()}`;
  return {
    DATABASE_URL: `postgresql://user:password@${nobody}/none`,
    REDIS_URL: `redis://${nobody}`,
    TRANSPORT: 'rabbitmq',
    RABBITMQ_URL: `amqp://user:password@${nobody}`,
    INFLUXDB_URL: `http://${nobody}`,
    INFLUXDB_TOKEN: 'token',
    INFLUXDB_ORG: 'desk',
    INFLUXDB_BUCKET: 'prices',
    API_GATEWAY_URL: `http://${nobody}`,
    DATA_ACCESS_API_URL: `http://${nobody}`,
    TRADING_ENVIRONMENT: 'paper',
  };
}

describe('/health', () => {
  afterEach(() => asked.stop());

  for (const [name, role] of Object.entries<RoleConstructor>(roles)) {
    it(`shows for ${name} its name, and why it does not reach the database, Redis and RabbitMQ`, async () => {
      asked = await createProcess({ SERVICE_NAME: `my_${name}`, ...(await alone()) }, [role]);
      const response = await asked.service.http.inject('/health');
      const { status, service, version, uptime, checks } = response.json<HealthDocument>();

      assert.equal(response.statusCode, 503);
      assert.deepEqual([status, service], ['unhealthy', `my_${name}`]);
      assert.match(version, /^\d+\.\d+\.\d+$/);
      assert.equal(typeof uptime, 'number');
      for (const store of ['database', 'redis', 'rabbitmq'])
        assert.match(String(checks[store]), /ECONNREFUSED|not connected yet/);
    });
  }

  it('answers over HTTP for a role that has started, and is healthy when its checks are', async () => {
    const PORT = String(await freePort());
    asked = await createProcess({ PORT }, [roles['market-data']]);
    await asked.start();
    const ask = (): Promise<Response> => fetch(`http://127.0.0.1:${PORT}/health`);
    await eventually(async () => (await ask()).status === 200);
    const document = (await (await ask()).json()) as HealthDocument;

    assert.deepEqual(Object.keys(document), ['status', 'service', 'version', 'uptime', 'checks']);
    assert.deepEqual([document.status, document.checks], ['healthy', { ticks: 'ok' }]);
  });
});
