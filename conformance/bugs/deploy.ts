import { App } from 'cdktf';
import { AppService, Engine, Image, PublishedPort, TradingStack, UpdatePolicy } from '../../lib';
import { textOf } from '../synthesized-system';
import type { Bug } from './bug';
import { image } from './shared';

export const DEPLOY = {
  'B-19': {
    title: 'A program other than the required one',
    // Each program that the command line starts.
    impossible: () => !['terraform/process.ts', 'connection/connection.ts'].some((file) => startsCompose(file)),
    forms: [],
  },
  'B-39': {
    title: '"Zero-downtime" with a gap',
    byDefault: {
      stack: (stack) => new AppService(stack, 'bot', { image, port: 8000, replicas: 2 }),
      on: 'swarm',
      shows: /"order":"start-first"/,
    },
    forms: [
      {
        written: 'UpdatePolicy.startFirst() with a host port',
        stack: (stack) =>
          new AppService(stack, 'bot', {
            image,
            port: 8000,
            ports: [PublishedPort.loopback(8000)],
            updatePolicy: UpdatePolicy.startFirst(),
          }),
      },
      {
        written: 'a service on one host, whose old container stops first',
        stack: (stack) => new AppService(stack, 'bot', { image, port: 8000 }),
        shows: /^(?!.*create_before_destroy)/,
      },
    ],
  },
  'B-41': {
    title: 'A registry that was shut down',
    forms: [
      {
        written: 'an image of gcr.io',
        stack: (stack) =>
          new AppService(stack, 'bot', { image: Image.fromRegistry('gcr.io/desk/bot:1.0.0'), port: 8000 }),
        shows: /gcr\.io\/desk\/bot/,
      },
    ],
  },
  'B-43': {
    title: 'A clean-up that finds nothing',
    byDefault: {
      stack: (stack, write) => {
        write('bot/Dockerfile', 'FROM python:3.13-slim\nUSER 1000\nCMD ["/bot"]\n');
        return new AppService(stack, 'bot', { image: Image.fromBuild('./bot'), port: 8000 });
      },
      shows: /"name":"desk-[^"]*:[0-9a-f]{8,}"/,
    },
    forms: [
      {
        written: 'a name of an image without the name of the stack',
        stack: (stack, write) => {
          write('bot/Dockerfile', 'FROM python:3.13-slim\nUSER 1000\nCMD ["/bot"]\n');
          return new AppService(stack, 'bot', { image: Image.fromBuild('./bot', { name: 'api-gateway' }), port: 8000 });
        },
        shows: /"name":"api-gateway:/,
      },
    ],
  },
  'B-17': {
    title: 'A test that ends with an error',
    inExamples: () => ['mt5', 'binance', 'alpaca', 'mastertrade', 'platform'].every((name) => hasTests(name)),
    forms: [],
  },
  'B-29': {
    title: '14 containers, 11 specified',
    forms: [
      {
        written: '`uses` with the name of a service',
        compiles: false,
        // @ts-expect-error -- `uses` takes services
        stack: (stack) => new AppService(stack, 'ui', { image, port: 3000, uses: ['api_gateway'] }),
      },
      {
        written: '`uses` with a service that was never created',
        compiles: false,
        // @ts-expect-error -- `uses` takes services
        stack: (stack) => new AppService(stack, 'ui', { image, port: 3000, uses: [undefined] }),
      },
      {
        written: 'a service of another stack',
        stack: (stack) => {
          const other = new TradingStack(App.of(stack), 'other', { engine: Engine.docker() });
          const gateway = new AppService(other, 'api_gateway', { image, port: 8080 });
          return new AppService(stack, 'ui', { image, port: 3000, uses: [gateway] });
        },
      },
    ],
  },
  'B-50': {
    title: '"Complete", with every box unchecked',
    inExamples: () => /^\d+ requirements: .* open/m.test(textOf('conformance/results.md')),
    forms: [],
  },
} satisfies Record<string, Bug>;

function startsCompose(file: string): boolean {
  return /compose/i.test(textOf(`lib/command-line/${file}`));
}

/** Whether a test of a system does not only end without an error, but compares what it synthesizes. */
function hasTests(system: string): boolean {
  return textOf(`test/examples/${system}.test.ts`).includes(`testExample('${system}'`);
}
