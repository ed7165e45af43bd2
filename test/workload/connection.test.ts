import { Engine, ExternalEndpoint, Image, Optional, TradingStack, Workload } from '../../lib';
import { containerNamed, createApp, createStack, synthesizeStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

describe('what a workload uses', () => {
  test('starts before it', () => {
    const terraform = synthesizeStack((stack) => {
      const feed = new Workload(stack, 'feed', { image });
      new Workload(stack, 'bot', { image, uses: [feed] });
    });
    expect(containerNamed(terraform, 'desk-bot').depends_on).toEqual(['docker_container.feed']);
  });

  test('is waited for once, however often it is named', () => {
    const stack = createStack((desk) => {
      const feed = new Workload(desk, 'feed', { image });
      new Workload(desk, 'bot', { image, uses: [feed, feed] });
    });
    expect(stack.platform.workloads.map(({ spec }) => spec.dependsOn)).toEqual([[], ['docker_container.feed']]);
  });

  test('and can do without, gives its variables and no wait', () => {
    const stack = createStack();
    const gateway = new ExternalEndpoint(stack, 'gateway', { host: 'gw', port: 5555 });
    const used = { connection: () => ({ ...gateway.connection(), startAfter: ['docker_container.feed'] }) };
    const { spec } = new Workload(stack, 'bot', { image, uses: [Optional.of(used)] });
    expect(spec.environment).toEqual({ GATEWAY_URL: 'tcp://gw:5555' });
    expect(spec.dependsOn).toEqual([]);
  });
});

describe('an endpoint outside of the stack', () => {
  test('is on the host of the containers unless it is said where, and its name is made to lead there', () => {
    const terraform = synthesizeStack((stack) => {
      const gateway = new ExternalEndpoint(stack, 'mt5-gateway', { port: 5555 });
      new Workload(stack, 'bot', { image, uses: [gateway] });
    });
    expect(containerNamed(terraform, 'desk-bot')).toMatchObject({
      env: ['MT5_GATEWAY_URL=tcp://host.docker.internal:5555'],
      host: [{ host: 'host.docker.internal', ip: 'host-gateway' }],
    });
  });

  test('elsewhere needs no help to be found', () => {
    const terraform = synthesizeStack((stack) => {
      const host = 'paper-api.example.com';
      const api = new ExternalEndpoint(stack, 'broker', {
        host,
        port: 443,
        scheme: 'https',
        path: '/v2',
        variables: 'ALPACA',
      });
      new Workload(stack, 'bot', { image, uses: [api] });
    });
    const container = containerNamed(terraform, 'desk-bot');
    expect(container.env).toEqual(['ALPACA_URL=https://paper-api.example.com:443/v2']);
    expect(container).not.toHaveProperty('host');
  });

  test('on the host of the containers is refused on a Swarm, which has many', () => {
    const stack = new TradingStack(createApp(), 'desk', { engine: Engine.swarm() });
    const gateway = new ExternalEndpoint(stack, 'gateway', { port: 5555 });
    expect(() => new Workload(stack, 'bot', { image, uses: [gateway] })).toThrow(
      "desk/bot: the swarm engine cannot do this: the host-gateway address. Give the host's own address.",
    );
  });

  test('whose id makes no variable says so', () => {
    expect(() => new ExternalEndpoint(createStack(), 'mt5.gateway', { port: 5555 })).toThrow(
      /^desk\/mt5\.gateway: the id cannot be 'mt5\.gateway'\. Give a host name/,
    );
  });

  test('needs a port', () => {
    expect(() => new ExternalEndpoint(createStack(), 'gateway', { port: 0 })).toThrow(
      'desk/gateway: the port cannot be 0. Give a whole number from 1 to 65535.',
    );
  });
});
