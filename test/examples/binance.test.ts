import { createBinanceStack } from '../../examples/binance/stack';
import { SynthesizedSystem } from '../../conformance/synthesized-system';
import { fileOf } from '../services/fixtures';
import { createApp } from '../setup/synthesize';
import { testExample } from './example';

testExample('binance', createBinanceStack);

const binance = new SynthesizedSystem(createBinanceStack(createApp()));
const withGateways = new SynthesizedSystem(createBinanceStack(createApp(), { apiGateways: 3 }));

test('the executor of binance has 60 seconds to stop, and the other services 30', () => {
  expect(binance.container('order_execution_service').stop_timeout).toBe(60);
  expect(binance.container('strategy_engine').stop_timeout).toBe(30);
});

test('binance has no key of an exchange by default', () => {
  expect(JSON.stringify(binance.terraform)).not.toMatch(/BINANCE_API|binance_api/);
});

describe('several gateways of binance', () => {
  test('the gateways share one nginx on the same host port', () => {
    expect(withGateways.names.filter((name) => /gateway|proxy/.test(name))).toEqual([
      'binance-api-gateway-1',
      'binance-api-gateway-2',
      'binance-api-gateway-3',
      'binance-proxy',
      'binance-proxy-exporter',
    ]);
    expect(withGateways.published()).toContain('127.0.0.1:8080 -> binance-proxy:8080');
    expect(withGateways.published().join()).not.toContain('gateway');
  });

  test.each(['location /api/ {', 'location = /ws {', 'location /socket.io/ {'])('nginx has the %s', (location) => {
    expect(fileOf(withGateways.container('proxy'), '/etc/nginx/nginx.conf')).toContain(location);
  });

  test('Prometheus scrapes each gateway', () => {
    expect(fileOf(withGateways.container('prometheus'), '/etc/prometheus/prometheus.yml')).toMatch(
      /job_name: api_gateway\n.*\n +dns_sd_configs:\n +- names:\n +- api-gateway\n +type: A\n +port: 8080\n/,
    );
  });
});
