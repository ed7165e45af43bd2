import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Configuration } from '../src/configuration';
import { AlertSystem } from '../src/roles/alert-system';
import { createProcess, eventually, type Process } from './support/processes';

const TICK = { symbol: 'EURUSD', bid: 1.07, ask: 1.08, time: '2026-01-02T03:04:05.000Z', sequence: 1 };
const ALERT = {
  severity: 'critical',
  source: 'risk_manager',
  message: 'the circuit breaker stopped trading',
  createdAt: TICK.time,
};

interface Alerts extends Process {
  readonly role: AlertSystem;
  readonly stored: unknown[][];
}

async function createAlerts(): Promise<Alerts> {
  const created = await createProcess({
    SERVICE_NAME: 'alerts',
    DATABASE_URL: 'postgresql://user@127.0.0.1:1/trading',
  });
  const stored: unknown[][] = [];
  Object.assign(created.service.database ?? {}, {
    run: async (_statement: string, values: unknown[]) => stored.push(values),
  });
  const role = new AlertSystem(created.service, new Configuration({ MARKET_DATA_MAX_AGE_SECONDS: '1' }), created.bus);
  return { ...created, role, stored };
}

describe('the alert system', () => {
  it('stores and counts the alerts of other roles', async () => {
    const { bus, service, stored, stop } = await createAlerts();
    await bus.publish('alerts', ALERT);
    await bus.publish('alerts', { ...ALERT, severity: 'terrible' });
    await eventually(() => stored.length > 0);
    assert.deepEqual(stored, [['critical', 'risk_manager', 'the circuit breaker stopped trading', TICK.time]]);
    const { body } = await service.http.inject('/metrics');
    assert.match(body, /^alerts_total\{severity="critical"\} 1$/m);
    assert.match(body, /^alerts_total\{severity="warning"\} 0$/m);
    await stop();
  });

  it('raises one alert when market data goes stale and one when it is back', async () => {
    const { role, bus, stored, stop } = await createAlerts();
    await role.start();
    await eventually(() => stored.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await bus.publish('ticks', TICK);
    await eventually(() => stored.length === 2);
    assert.deepEqual(
      stored.map(([severity, source]) => [severity, source]),
      [
        ['critical', 'alerts'],
        ['info', 'alerts'],
      ],
    );
    assert.match(String(stored[0]?.[2]), /^no market data for 1\.\d s; at most 1 s allowed$/);
    await role.stop();
    await stop();
  });
});
