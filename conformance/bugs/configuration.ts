import {
  AppService,
  BindMount,
  ConfigFile,
  Image,
  InfluxDb,
  MonitoringStack,
  PostgresDb,
  RabbitMqBroker,
  Volume,
  Workload,
} from '../../lib';
import type { Bug } from './bug';
import { createDatabase, image } from './shared';

export const CONFIGURATION = {
  'B-06': {
    title: 'Variables that nothing reads',
    forms: [
      {
        written: 'a variable that the program does not read',
        stack: (stack) =>
          new AppService(stack, 'bot', { image, port: 8000, environment: { ZMQ_MARKET_URL: 'tcp://0.0.0.0:5556' } }),
        shows: /ZMQ_MARKET_URL/,
      },
    ],
  },
  'B-08': {
    title: 'Volumes in the diagram, folders in the file',
    forms: [
      {
        written: 'a volume and a folder at one path',
        stack: (stack, write) => {
          write('models/model.bin', 'model');
          return new AppService(stack, 'bot', {
            image,
            port: 8000,
            bindMounts: [BindMount.readOnly('./models', '/app/models')],
            volumes: [Volume.retained('models').mountAt('/app/models')],
          });
        },
      },
      {
        written: 'a folder over the program of the image',
        stack: (stack, write) => {
          write('bot/Dockerfile', 'FROM python:3.13-slim\nCOPY . /app\nUSER 1000\nCMD ["python3", "/app/bot.py"]\n');
          write('config/strategies.yaml', 'strategies: []\n');
          return new AppService(stack, 'bot', {
            image: Image.fromBuild('./bot'),
            port: 8000,
            bindMounts: [BindMount.readOnly('./config', '/app')],
          });
        },
        shows: /"target":"\/app"|"container_path":"\/app"/,
      },
    ],
  },
  'B-09': {
    title: 'Files that do not exist',
    byDefault: {
      stack: (stack) => new MonitoringStack(stack, 'monitoring', { watch: [createDatabase(stack)] }),
      shows: /scrape_configs/,
    },
    forms: [
      {
        written: 'a BindMount of a missing file',
        stack: (stack) =>
          new AppService(stack, 'bot', {
            image,
            port: 8000,
            bindMounts: [BindMount.readOnly('./config/strategies.yaml', '/app/config/strategies.yaml')],
          }),
      },
      {
        written: 'a ConfigFile of a missing file',
        stack: (stack) =>
          new AppService(stack, 'bot', {
            image,
            port: 8000,
            files: [ConfigFile.fromFile('/etc/bot.yaml', './bot.yaml')],
          }),
      },
    ],
  },
  'B-13': {
    title: 'A Grafana plugin that does not work',
    byDefault: {
      stack: (stack) => new MonitoringStack(stack, 'monitoring', { watch: [] }),
      shows: /^(?!.*GF_INSTALL_PLUGINS)/,
    },
    forms: [
      {
        written: 'GF_INSTALL_PLUGINS in `environment` of Grafana',
        stack: (stack) =>
          new MonitoringStack(stack, 'monitoring', {
            watch: [],
            grafana: { environment: { GF_INSTALL_PLUGINS: 'grafana-piechart-panel' } },
          }),
        shows: /grafana-piechart-panel/,
      },
    ],
  },
  'B-14': {
    title: 'Settings for one service of six',
    byDefault: {
      stack: (stack) => new Workload(stack, 'exporter', { image }),
      shows: /"log_driver":"json-file"[^]*"memory":\d+[^]*"restart":"unless-stopped"/,
    },
    forms: [],
  },
  'B-15': {
    title: 'Unsupported versions',
    forms: [
      {
        written: 'PostgreSQL 14',
        stack: (stack) =>
          new PostgresDb(stack, 'db', { database: 'mt5', image: Image.fromRegistry('postgres:14-alpine') }),
      },
      {
        written: 'RabbitMQ 3.12',
        stack: (stack) =>
          new RabbitMqBroker(stack, 'rabbitmq', { image: Image.fromRegistry('rabbitmq:3.12-management') }),
      },
      {
        written: 'Python 3.9 in a Dockerfile',
        stack: (stack, write) => {
          write('bot/Dockerfile', 'FROM python:3.9-slim\nUSER 1000\nCMD ["python3", "-m", "bot"]\n');
          return new AppService(stack, 'bot', { image: Image.fromBuild('./bot'), port: 8000 });
        },
      },
    ],
  },
  'B-25': {
    title: 'Five images, one in the registry',
    byDefault: {
      stack: (stack, write) => {
        write('bot/docker/Dockerfile', 'FROM python:3.13-slim AS market_data_service\nUSER 1000\nCMD ["/bot"]\n');
        const options = { dockerfile: 'docker/Dockerfile', target: 'market_data_service' };
        return new AppService(stack, 'bot', {
          image: Image.fromBuild('./bot', { ...options, name: 'trading/market_data' }),
          port: 5555,
        });
      },
      shows: /"name":"trading\/market_data:[0-9a-f]{8,}"/,
    },
    forms: [
      {
        written: 'a branch as the tag of an image',
        stack: (stack) =>
          new AppService(stack, 'bot', { image: Image.fromRegistry('ghcr.io/desk/trading-system:main'), port: 8000 }),
        shows: /trading-system:main/,
      },
    ],
  },
  'B-30': {
    title: 'A RabbitMQ user that is never created',
    byDefault: { stack: (stack) => new RabbitMqBroker(stack, 'rabbitmq'), shows: /definitions/ },
    forms: [
      {
        written: 'RABBITMQ_DEFAULT_USER on a RabbitMqBroker',
        stack: (stack) =>
          new RabbitMqBroker(stack, 'rabbitmq', { environment: { RABBITMQ_DEFAULT_USER: 'mastertrade' } }),
      },
      {
        written: 'the same on a Workload, with definitions',
        stack: (stack) =>
          new Workload(stack, 'rabbitmq', {
            image: Image.fromRegistry('ghcr.io/desk/rabbitmq:4.2.1'),
            environment: { RABBITMQ_DEFAULT_USER: 'mastertrade' },
            files: [ConfigFile.fromJson('/etc/rabbitmq/definitions.json', { users: [] })],
            volumes: [Volume.retained('rabbitmq_data').mountAt('/var/lib/rabbitmq')],
          }),
        shows: /RABBITMQ_DEFAULT_USER=mastertrade/,
      },
    ],
  },
  'B-42': {
    title: 'InfluxDB without a setup',
    byDefault: { stack: (stack) => new InfluxDb(stack, 'influxdb'), shows: /DOCKER_INFLUXDB_INIT_MODE=setup/ },
    forms: [
      {
        written: 'influxdb:latest',
        stack: (stack) => new InfluxDb(stack, 'influxdb', { image: Image.fromRegistry('influxdb:latest') }),
      },
      {
        written: 'version 3',
        stack: (stack) => new InfluxDb(stack, 'influxdb', { image: Image.fromRegistry('influxdb:3-core') }),
      },
      {
        written: 'a setup mode of its own',
        stack: (stack) => new InfluxDb(stack, 'influxdb', { environment: { DOCKER_INFLUXDB_INIT_MODE: 'upgrade' } }),
      },
    ],
  },
} satisfies Record<string, Bug>;
