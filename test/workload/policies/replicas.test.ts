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
import { Prometheus } from '../../../lib/monitoring/prometheus/prometheus';
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
  test('match the snapshot', () => {
    const terraform = synthesizeStack((stack) => bot({ replicas: 2 }, stack), { engine: createEngine() });

    expect(createdBy(terraform)).toMatchSnapshot();
  });

  test('share one name on the network and are monitored one by one', () => {
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

  test('default to one', () => {
    const stack = createStack(() => undefined, { engine: createEngine() });
    expect(bot({}, stack).spec.replicas).toBe(1);
    expect(new AppService(stack, 'api', { image }).metrics.target).toMatchObject({ replicas: 1 });
  });
});

describe('replicas on the Docker engine', () => {
  test('are numbered containers with the same alias', () => {
    const terraform = synthesizeStack((stack) => bot({ replicas: 3 }, stack));

    expect(Object.keys(terraform.resource.docker_container ?? {})).toEqual(['desk-bot-1', 'desk-bot-2', 'desk-bot-3']);
    for (const name of ['desk-bot-1', 'desk-bot-2', 'desk-bot-3']) {
      expect(containerNamed(terraform, name).networks_advanced).toMatchObject([{ aliases: ['bot'] }]);
    }
  });

  test('have no number in the name if there is only one', () => {
    expect(bot({ replicas: 1 }).addresses).toEqual(['docker_container.desk-bot']);
  });

  test('are all waited for by a workload that uses them', () => {
    const terraform = synthesizeStack((stack) => {
      const api = new AppService(stack, 'api', { image, replicas: 2 });
      bot({ uses: [api] }, stack);
    });

    const all = ['docker_container.desk-api-1', 'docker_container.desk-api-2'];
    expect(containerNamed(terraform, 'desk-bot').depends_on).toEqual(all);
  });

  test('each have a resource that can be overridden', () => {
    const terraform = synthesizeStack((stack) => {
      const several = bot({ replicas: 2 }, stack);
      expect(() => several.resource).toThrowCode('ambiguous-resource', 'desk/bot', '2 ', '`resources`');
      expect(() => several.address).toThrowCode('ambiguous-resource', 'desk/bot', '2 ', '`resources`');
      several.resources.forEach((resource) => {
        resource.addOverride('cpu_shares', 512);
      });
    });

    expect(containerNamed(terraform, 'desk-bot-2').cpu_shares).toBe(512);
  });

  test('do not change when one more is added', () => {
    const [two, three] = [2, 3].map((replicas) => synthesizeStack((stack) => bot({ replicas }, stack)));

    expect(three?.resource.docker_container).toMatchObject(two?.resource.docker_container ?? {});
  });

  test('cannot have the name of another workload', () => {
    const stack = createStack();
    new Workload(stack, 'bot-1', { image });
    expect(() => bot({ replicas: 2 }, stack)).toThrowCode('name-taken', 'desk/bot', "'desk-bot-1'", 'desk/bot-1');
  });

  test('cannot be given a name', () => {
    expect(() => bot({ replicas: 2, name: 'trader' })).toThrowCode(
      'replicas-conflict',
      'desk/bot',
      "'trader'",
      '`name`',
    );
  });
});

describe('replicas on a Swarm', () => {
  test('are one service, which can be given a name', () => {
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

  test('each need an address of the subnet', () => {
    const stack = createStack(() => undefined, { engine: Engine.swarm(), network: { subnet: '10.0.0.0/29' } });
    expect(() => bot({ replicas: 6 }, stack)).toThrowCode('network-full', '6 containers', 'limit is 5');
  });
});

describe('several replicas', () => {
  test.each([0, -1, 1.5, Number.NaN])('cannot be %d', (replicas) => {
    expect(() => bot({ replicas })).toThrowCode('invalid-value', 'desk/bot', `replicas cannot be ${replicas}`);
  });

  test.each<[string, Partial<WorkloadProps>, string]>([
    ['a host port', { ports: [PublishedPort.allInterfaces(8000)] }, 'host port 8000'],
    ['a host name', { hostname: 'trader' }, "host name 'trader'"],
    ['an exclusive volume', { volumes: [Volume.retained('data').mountExclusivelyAt('/data')] }, 'volume desk_data'],
  ])('cannot share %s', (_what, options, fact) => {
    expect(() => bot({ ...options, replicas: 2 })).toThrowCode('replicas-conflict', 'desk/bot', fact);
    expect(() => bot({ ...options, replicas: 2 }, onSwarm())).toThrowCode('replicas-conflict', 'desk/bot', fact);
    expect(() => bot({ ...options, replicas: 1 }, onSwarm())).not.toThrow();
  });

  test('are rejected for a job, whose type does not have them', () => {
    // @ts-expect-error: a job runs once
    expect(() => new Job(createStack(), 'migrate', { image, replicas: 2 })).toThrowCode(
      'unknown-option',
      'desk/migrate',
      "'replicas'",
    );
  });

  test('are rejected for servers with data, whose types do not have them', () => {
    // @ts-expect-error: a database runs once
    expect(() => new PostgresDb(createStack(), 'db', { replicas: 2 })).toThrowCode(
      'unknown-option',
      'desk/db',
      "'replicas'",
    );
    // @ts-expect-error: so does a cache
    expect(() => new RedisCache(createStack(), 'redis', { replicas: 2 })).toThrowCode(
      'unknown-option',
      'desk/redis',
      "'replicas'",
    );
  });
});

test('several replicas can share a volume that is not exclusive', () => {
  expect(() => bot({ replicas: 2, volumes: [Volume.retained('models').mountAt('/models')] })).not.toThrow();
});
