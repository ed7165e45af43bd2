import { Testing } from 'cdktf';
import { createBinanceStack } from '../../examples/binance/stack';
import { Engine } from '../../lib';
import { SynthesizedSystem } from '../../conformance/synthesized-system';
import { fileOf } from '../services/fixtures';
import { createApp, ENGINES } from '../setup/synthesize';
import { reviewStack } from './review-stack';

const binance = new SynthesizedSystem(createBinanceStack(createApp()));
const withGateways = new SynthesizedSystem(createBinanceStack(createApp(), { apiGateways: 3 }));

describe.each(ENGINES)('Binance on $engineName', ({ createEngine }) => {
  test('is what was reviewed', () => {
    const system = new SynthesizedSystem(createBinanceStack(createApp(), { engine: createEngine() }));

    expect(reviewStack(system.terraform)).toMatchSnapshot();
  });
});

describe('Binance', () => {
  test('has the constructs that its addresses come from', () => {
    expect(Testing.renderConstructTree(binance.stack)).toMatchSnapshot();
  });

  test('shows the gateway and the monitoring to programs on the host only', () => {
    expect(binance.published()).toEqual([
      '127.0.0.1:3003 -> binance-grafana:3000',
      '127.0.0.1:8080 -> binance-api-gateway:8080',
      '127.0.0.1:9090 -> binance-prometheus:9090',
    ]);
  });

  test('publishes nothing on a Swarm, which cannot publish on the host only', () => {
    const system = new SynthesizedSystem(createBinanceStack(createApp(), { engine: Engine.swarm() }));

    expect(system.containers).toEqual([]);
    for (const service of Object.values(system.terraform.resource.docker_service ?? {})) {
      expect(service.endpoint_spec).toMatchObject({ ports: [] });
    }
  });

  test('lets an executor finish for 60 seconds, and the others for 30', () => {
    expect(binance.container('order_execution_service').stop_timeout).toBe(60);
    expect(binance.container('strategy_engine').stop_timeout).toBe(30);
  });

  test('has no key of an exchange unless it is asked for', () => {
    expect(JSON.stringify(binance.terraform)).not.toMatch(/BINANCE_API|binance_api/);
  });
});

describe('several gateways of Binance', () => {
  test('are behind one nginx on the same port of the host', () => {
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

  test.each(['location /api/ {', 'location = /ws {', 'location /socket.io/ {'])('are asked by it: %s', (location) => {
    expect(fileOf(withGateways.container('proxy'), '/etc/nginx/nginx.conf')).toContain(location);
  });

  test('are scraped one by one', () => {
    expect(fileOf(withGateways.container('prometheus'), '/etc/prometheus/prometheus.yml')).toMatch(
      /job_name: api_gateway\n.*\n +dns_sd_configs:\n +- names:\n +- api_gateway\n +type: A\n +port: 8080\n/,
    );
  });
});
