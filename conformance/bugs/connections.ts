import { App } from 'cdktf';
import {
  AppService,
  ApiGateway,
  ExternalEndpoint,
  PublishedPort,
  ReverseProxy,
  Route,
  TradingStack,
  Workload,
} from '../../lib';
import type { Bug } from './bug';
import { createDatabase, image } from './shared';

export const CONNECTIONS = {
  'B-02': {
    title: 'A connection string for another user',
    byDefault: {
      stack: (stack) => new AppService(stack, 'bot', { image, port: 8000, uses: [createDatabase(stack)] }),
      shows: /DATABASE_URL_FILE=\/run\/secrets\//,
    },
    forms: [
      {
        written: 'DATABASE_URL in `environment`, and the database in `uses`',
        stack: (stack) =>
          new AppService(stack, 'bot', {
            image,
            port: 8000,
            uses: [createDatabase(stack)],
            environment: { DATABASE_URL: 'postgresql://user:password@db:5432/mt5' },
          }),
      },
      {
        written: 'DATABASE_URL in `environment` alone',
        stack: (stack) =>
          new AppService(stack, 'bot', {
            image,
            port: 8000,
            environment: { DATABASE_URL: 'postgresql://user:password@db:5432/mt5' },
          }),
      },
      {
        written: 'the parts of the connection in `environment`',
        stack: (stack) =>
          new AppService(stack, 'bot', { image, port: 8000, environment: { DB_HOST: 'db', DB_USER: 'user' } }),
        shows: /DB_USER=user/,
      },
    ],
  },
  'B-04': {
    title: 'One host port for two services',
    forms: [
      {
        written: 'two services of a stack on 8080',
        stack: (stack) => {
          const ports = [PublishedPort.loopback(8080)];
          new AppService(stack, 'risk_manager', { image, port: 8080, ports });
          return new ApiGateway(stack, 'api_gateway', { image, port: 8080, ports });
        },
      },
      {
        written: 'two stacks of an app, one on every address',
        stack: (stack) => {
          new AppService(stack, 'risk_manager', { image, port: 8080, ports: [PublishedPort.loopback(8080)] });
          const other = new TradingStack(App.of(stack), 'other', {});
          return new ApiGateway(other, 'api_gateway', {
            image,
            port: 8080,
            ports: [PublishedPort.allInterfaces(8080)],
          });
        },
      },
    ],
  },
  'B-05': {
    title: 'The same ports on the host and in a container',
    byDefault: {
      stack: (stack) => {
        const gateway = new ExternalEndpoint(stack, 'mt5_gateway', { port: 5555 });
        return new AppService(stack, 'runner', { image, port: 9090, uses: [gateway] });
      },
      shows: /host-gateway|MT5_GATEWAY/,
    },
    forms: [
      {
        written: 'two containers that publish 5555',
        stack: (stack) => {
          const ports = [PublishedPort.loopback(5555)];
          new Workload(stack, 'gateway', { image, ports });
          return new Workload(stack, 'runner', { image, ports });
        },
      },
      {
        written: 'an ExternalEndpoint on 5555 of the host, and a container that publishes 5555',
        stack: (stack) => {
          const gateway = new ExternalEndpoint(stack, 'mt5_gateway', { port: 5555 });
          return new AppService(stack, 'runner', {
            image,
            port: 5555,
            uses: [gateway],
            ports: [PublishedPort.loopback(5555)],
          });
        },
        shows: /"external":5555/,
      },
    ],
  },
  'B-23': {
    title: 'Names that do not exist',
    byDefault: {
      stack: createDatabase,
      shows: /"name":"desk-db".*"name":"desk_db_data"|"name":"desk_db_data"|"volume_name":"desk_db_data"/,
    },
    forms: [
      {
        written: 'the name of a container of another project as a host',
        stack: (stack) =>
          new AppService(stack, 'bot', { image, port: 8000, environment: { REDIS_HOST: 'trading_redis_1' } }),
        shows: /REDIS_HOST=trading_redis_1/,
      },
    ],
  },
  'B-27': {
    title: 'Socket.IO on the wrong path',
    byDefault: {
      stack: (stack) => {
        const backend = new AppService(stack, 'backend', { image, port: 8000 });
        return new ReverseProxy(stack, 'proxy', { routes: [Route.socketIo('/socket.io/', backend)] });
      },
      shows: /proxy_read_timeout 3600000ms/,
    },
    forms: [
      {
        written: 'a route for HTTP at /ws',
        stack: (stack) => {
          const backend = new AppService(stack, 'backend', { image, port: 8000 });
          return new ReverseProxy(stack, 'proxy', { routes: [Route.http('/ws/', backend)] });
        },
        shows: /location \/ws\//,
      },
      {
        written: 'a route for WebSockets at /ws, where Socket.IO is expected at /socket.io',
        stack: (stack) => {
          const backend = new AppService(stack, 'backend', { image, port: 8000 });
          return new ReverseProxy(stack, 'proxy', { routes: [Route.webSocket('/ws/', backend)] });
        },
        shows: /location \/ws\//,
      },
    ],
  },
  'B-40': {
    title: '`--scale` with a fixed name and port',
    forms: [
      {
        written: 'replicas with a host port',
        stack: (stack) =>
          new AppService(stack, 'strategy', { image, port: 8006, replicas: 5, ports: [PublishedPort.loopback(8006)] }),
      },
      {
        written: 'replicas with a fixed name',
        stack: (stack) =>
          new AppService(stack, 'strategy', { image, port: 8006, replicas: 5, name: 'mastertrade_strategy' }),
      },
    ],
  },
  'B-49': {
    title: 'Subnets that may be taken',
    byDefault: { stack: (stack) => new AppService(stack, 'bot', { image, port: 8000 }), shows: /^(?!.*"subnet")/ },
    forms: [
      {
        written: 'two stacks of an app with overlapping subnets',
        stack: (stack) => {
          const one = new TradingStack(App.of(stack), 'one', { network: { subnet: '172.28.0.0/16' } });
          const two = new TradingStack(App.of(stack), 'two', { network: { subnet: '172.28.5.0/24' } });
          new AppService(one, 'bot', { image, port: 8000 });
          return new AppService(two, 'bot', { image, port: 8000 });
        },
      },
      {
        written: 'a subnet that Docker may have assigned to another network',
        stack: (stack) => {
          const one = new TradingStack(App.of(stack), 'one', { network: { subnet: '172.28.0.0/16' } });
          return new AppService(one, 'bot', { image, port: 8000 });
        },
        shows: /./,
      },
    ],
  },
} satisfies Record<string, Bug>;
