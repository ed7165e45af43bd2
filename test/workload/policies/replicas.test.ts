import { parse } from 'yaml';
import {
  AppService,
  Volume,
  Engine,
  PublishedPort,
  Image,
  Job,
  PostgresDb,
  RedisCache,
  type TradingStack,
  Workload,
  type WorkloadProps,
} from '../../../lib';
import { Prometheus } from '../../../lib/monitoring/prometheus';
import { deployedAs } from '../../monitoring/fixtures';
import { createdBy } from '../../services/fixtures';
import { containerNamed, createStack, ENGINES, serviceNamed, synthesizeStack } from '../../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

function bot(options: Partial<WorkloadProps> = {}, stack: TradingStack = createStack()): Workload {
  return new Workload(stack, 'bot', { image, ...options });
}

function onSwarm(): TradingStack {
  return createStack(() => undefined, { engine: Engine.swarm() });
}

describe.each(ENGINES)('replicas on $engineName', ({ createEngine }) => {
  test('read like this', () => {
    const terraform = synthesizeStack((stack) => bot({ replicas: 2 }, stack), { engine: createEngine() });

    expect(createdBy(terraform)).toMatchSnapshot();
  });

  test('are reached under one name, and watched one by one', () => {
    const terraform = synthesizeStack(
      (stack) => {
        const { metrics } = new AppService(stack, 'api', { image, replicas: 3 });
        const target = { kind: 'endpoint', host: 'api', port: 8000, path: '/metrics', replicas: 3 } as const;
        expect(metrics.target).toEqual(target);
        new Prometheus(stack, 'prometheus', { services: [{ ...metrics, target }] });
      },
      { engine: createEngine() },
    );

    const { files } = deployedAs(terraform, 'desk-prometheus');
    expect(parse(files['/etc/prometheus/prometheus.yml'] ?? '')).toHaveProperty('scrape_configs.0', {
      job_name: 'api',
      metrics_path: '/metrics',
      dns_sd_configs: [{ names: ['api'], type: 'A', port: 8000, refresh_interval: '10s' }],
    });
  });

  test('are one unless more are asked for', () => {
    const stack = createStack(() => undefined, { engine: createEngine() });
    expect(bot({}, stack).spec.replicas).toBe(1);
    expect(new AppService(stack, 'api', { image }).metrics.target).toMatchObject({ replicas: 1 });
  });
});

describe('on a Docker engine', () => {
  test('each of several is a container with a number, all of them under the same alias', () => {
    const terraform = synthesizeStack((stack) => bot({ replicas: 3 }, stack));

    expect(Object.keys(terraform.resource.docker_container ?? {})).toEqual(['desk-bot-1', 'desk-bot-2', 'desk-bot-3']);
    for (const name of ['desk-bot-1', 'desk-bot-2', 'desk-bot-3']) {
      expect(containerNamed(terraform, name).networks_advanced).toMatchObject([{ aliases: ['bot'] }]);
    }
  });

  test('one keeps its name', () => {
    expect(bot({ replicas: 1 }).addresses).toEqual(['docker_container.desk-bot']);
  });

  test('who uses several starts after all of them', () => {
    const terraform = synthesizeStack((stack) => {
      const api = new AppService(stack, 'api', { image, replicas: 2 });
      bot({ uses: [api] }, stack);
    });

    const all = ['docker_container.desk-api-1', 'docker_container.desk-api-2'];
    expect(containerNamed(terraform, 'desk-bot').depends_on).toEqual(all);
  });

  test('each of several is open to what the library does not know, and which one is to be said', () => {
    const terraform = synthesizeStack((stack) => {
      const several = bot({ replicas: 2 }, stack);
      const message = 'desk/bot: it has 2 resources, one for each replica. Use `resources`, and do what you want';
      expect(() => several.resource).toThrow(message);
      expect(() => several.address).toThrow(message);
      several.resources.forEach((resource) => {
        resource.addOverride('cpu_shares', 512);
      });
    });

    expect(containerNamed(terraform, 'desk-bot-2').cpu_shares).toBe(512);
  });

  test('one more changes none of the others', () => {
    const [two, three] = [2, 3].map((replicas) => synthesizeStack((stack) => bot({ replicas }, stack)));

    expect(three?.resource.docker_container).toMatchObject(two?.resource.docker_container ?? {});
  });

  test('a number that another workload has in its name is taken', () => {
    const stack = createStack();
    new Workload(stack, 'bot-1', { image });
    expect(() => bot({ replicas: 2 }, stack)).toThrow("desk/bot: name 'desk-bot-1' is already taken by desk/bot-1");
  });

  test('a name for several is refused', () => {
    expect(() => bot({ replicas: 2, name: 'trader' })).toThrow(
      "desk/bot: of 2 replicas only one container can have the name 'trader'. Leave `name` out",
    );
  });
});

describe('on a Swarm', () => {
  test('several are one service, which can have any name', () => {
    const terraform = synthesizeStack(
      (stack) => {
        const { resource, address } = bot({ replicas: 3, name: 'trader' }, stack);
        expect(address).toBe('docker_service.trader');
        resource.addOverride('provider_field', 'x');
      },
      { engine: Engine.swarm() },
    );

    expect(serviceNamed(terraform, 'trader')).toMatchObject({
      mode: { replicated: { replicas: 3 } },
      provider_field: 'x',
    });
  });

  test('each of several takes an address of the subnet', () => {
    const stack = createStack(() => undefined, { engine: Engine.swarm(), network: { subnet: '10.0.0.0/29' } });
    expect(() => bot({ replicas: 6 }, stack)).toThrow(/addresses for 5 workloads, and this makes 6/);
  });
});

describe('replicas are refused', () => {
  test.each([0, -1, 1.5, Number.NaN])('where there cannot be so many: %d', (replicas) => {
    expect(() => bot({ replicas })).toThrow(/^desk\/bot: replicas cannot be .*\. Give a whole number, 1 or more\.$/);
  });

  test.each<[string, Partial<WorkloadProps>, RegExp]>([
    [
      'for a host port',
      { ports: [PublishedPort.allInterfaces(8000)] },
      /^desk\/bot: of 2 replicas only one can have the host port 8000\. Leave `ports` out/,
    ],
    ['for a host name', { hostname: 'trader' }, /only one can have the host name 'trader'\. Leave `hostname` out/],
    [
      'for the volume of a server',
      { volumes: [Volume.retained('data').mountExclusivelyAt('/data')] },
      /only one can have the volume desk_data, which is mounted at \/data\. .*a server with data runs once/,
    ],
  ])('%s, of which there is one', (_what, options, message) => {
    expect(() => bot({ ...options, replicas: 2 })).toThrow(message);
    expect(() => bot({ ...options, replicas: 2 }, onSwarm())).toThrow(message);
    expect(() => bot({ ...options, replicas: 1 }, onSwarm())).not.toThrow();
  });

  test('for a job, whose type does not have them', () => {
    // @ts-expect-error: a job runs once
    expect(() => new Job(createStack(), 'migrate', { image, replicas: 2 })).toThrow(
      /^desk\/migrate: a job runs once .*, so it takes no replicas\. Leave it out\.$/,
    );
  });

  test('for servers with data, whose types do not have them', () => {
    // @ts-expect-error: a database runs once
    expect(() => new PostgresDb(createStack(), 'db', { replicas: 2 })).toThrow(/the volume desk_db_data/);
    // @ts-expect-error: so does a cache
    expect(() => new RedisCache(createStack(), 'redis', { replicas: 2 })).toThrow(/the volume desk_redis_data/);
  });
});

test('a volume that is not for one alone is shared by replicas', () => {
  expect(() => bot({ replicas: 2, volumes: [Volume.retained('models').mountAt('/models')] })).not.toThrow();
});
