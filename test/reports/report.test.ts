import { createMasterTradeStack } from '../../examples/mastertrade/stack';
import {
  BindMount,
  Cpu,
  Engine,
  ExternalEndpoint,
  Image,
  Logging,
  Network,
  PostgresDb,
  PublishedPort,
  Size,
  type TradingStack,
  Volume,
  Workload,
} from '../../lib';
import { reportOf } from '../../lib/internal';
import { shortagesOf, totalsOf } from '../../lib/reports/capacity';
import { createApp, createStack } from '../setup/synthesize';

const IMAGE = Image.fromRegistry('ghcr.io/desk/bot:2.4');

describe('the architecture in a report', () => {
  const report = reportOf(
    createStack((stack) => {
      const database = new PostgresDb(stack, 'db', { ports: [PublishedPort.loopback(5432)] });
      const gateway = new ExternalEndpoint(stack, 'gateway', { host: 'api.example.com', port: 443, scheme: 'https' });
      const market = new Network(stack, 'market');
      const setup = new Workload(stack, 'setup', { image: IMAGE });
      new Workload(stack, 'bot', {
        image: IMAGE,
        uses: [database, gateway, setup],
        networks: [stack.network, market],
        environment: { TRADING_ENVIRONMENT: 'paper' },
      });
    }).platform,
  );
  const idOf = (label: string): string => {
    const line = report.split('\n').find((one) => one.includes(`"${label}`)) ?? '';
    return /(n\d+)[[(]/.exec(line)?.[1] ?? `no node for ${label}`;
  };

  test('a connection is an arrow with its protocol and port', () => {
    expect(report).toContain(`${idOf('desk-bot')} -->|"postgresql 5432"| ${idOf('desk-db')}`);
  });

  test('what the stack uses but does not run is a node of its own', () => {
    expect(report).toContain(`${idOf('desk-bot')} -->|"https 443"| ${idOf('api.example.com')}(["api.example.com"])`);
  });

  test('start order without a connection is a dotted arrow', () => {
    expect(report).toContain(`${idOf('desk-bot')} -.->|"starts after"| ${idOf('desk-setup')}`);
    expect(report).not.toContain(`-.->|"starts after"| ${idOf('desk-db')}`);
  });

  test('workloads are grouped by their networks, with the trading mode', () => {
    expect(report).toMatch(/subgraph n\d+\["desk \+ [\w-]*market"\]\n {4}n\d+\["desk-bot<br\/>.*<br\/>mode: paper"\]/);
  });

  test('published ports have their address, and volumes say whether they are kept', () => {
    expect(report).toContain(`(["127.0.0.1:5432"]) -->|"5432/tcp"| ${idOf('desk-db')}`);
    expect(report).toMatch(/\[\("desk_db_data<br\/>retained"\)\]/);
  });
});

test('an image that is built is named without the hash of its content, and with its version', () => {
  const version = 'desk/bot:0123456789abcdef';
  const report = reportOf(
    createStack((stack) => {
      new Workload(stack, 'bot', { image: Image.fromBuild('lib/backup/container') });
      new Workload(stack, 'pinned', { image: Image.fromBuild('lib/backup/container', { name: version }) });
    }).platform,
  );

  expect(report).toContain('["desk-bot<br/>desk-container"]');
  expect(report).toContain(`["desk-pinned<br/>${version}"]`);
});

test('folders of the host are nodes, of the engine and of the project', () => {
  const report = reportOf(
    createStack((stack) => {
      new Workload(stack, 'bot', {
        image: IMAGE,
        volumes: [Volume.ephemeral('scratch').mountAt('/scratch')],
        bindMounts: [
          BindMount.writable('/srv/backups', '/backup', { ifMissing: 'fail' }),
          BindMount.readOnly('examples/mt5', '/app/config'),
        ],
      });
    }).platform,
  );

  expect(report).toMatch(/ ---\|"\/backup"\| n\d+\[\/"\/srv\/backups"\/\]/);
  expect(report).toMatch(/ ---\|"\/app\/config \(read-only\)"\| n\d+\[\/"[\w/-]*examples\/mt5"\/\]/);
  expect(report).toContain('[("/scratch of desk-bot<br/>ephemeral")]');
});

describe('the capacity in a report', () => {
  test('the services of the resource table of mastertrade need 12.5 CPU and 25 GB', () => {
    const { workloads } = createMasterTradeStack(createApp(), { engine: Engine.swarm() }).platform;
    const listed = workloads.map(({ spec }) => spec).filter(({ resources }) => resources.cpuReservationMillis !== null);

    expect(listed).toHaveLength(8);
    expect(totalsOf(listed)).toMatchObject({
      cpuMillis: 12_500,
      memoryBytes: 25 * 1024 ** 3,
      cpuReservationMillis: 6250,
      memoryReservationBytes: 12.5 * 1024 ** 3,
    });
  });

  test('the sum counts every replica, and the log files of each', () => {
    const { platform } = createStack(
      (stack) => {
        new Workload(stack, 'bot', {
          image: IMAGE,
          replicas: 3,
          resources: { cpus: Cpu.cores(0.5), memory: Size.gibibytes(1) },
          logging: Logging.jsonFile({ maximumSize: Size.bytes(5_000_000), maximumFiles: 4 }),
        });
      },
      { engine: Engine.swarm() },
    );

    expect(reportOf(platform)).toContain('| **All services** | 1.5 | 3 GiB | 60 MB |');
  });

  test('what no workload reserves has no column', () => {
    const { platform } = createStack((stack) => {
      new Workload(stack, 'bot', { image: IMAGE, resources: { memoryReservation: Size.mebibytes(64) } });
    });

    expect(reportOf(platform)).toContain('| Workload | CPU limit | Memory limit | Memory reserved | Log files |');
  });

  test('what Docker keeps of the lines that it sends to a log store counts as log files', () => {
    const { platform } = createStack((stack) => {
      new Workload(stack, 'bot', { image: IMAGE, logging: Logging.logStore({ maximumFiles: 4 }) });
    });

    expect(reportOf(platform)).toContain('| **All services** | 1 | 512 MiB | 40 MB |');
  });

  test('log files of a driver without rotation have no known sum', () => {
    const { platform } = createStack((stack) => {
      new Workload(stack, 'bot', { image: IMAGE, logging: Logging.daemonDefault() });
    });

    expect(reportOf(platform)).toContain('| **All services** | 1 | 512 MiB | not limited here |');
  });

  describe('of a declared machine', () => {
    const machine = { cpus: Cpu.cores(2), memory: Size.gibibytes(2) };
    const stackWith = (memory: Size, cpuReservation: Cpu): TradingStack =>
      createStack(
        (stack) => {
          new Workload(stack, 'bot', {
            image: IMAGE,
            replicas: 2,
            resources: { cpus: Cpu.cores(3), memory, cpuReservation, memoryReservation: memory },
          });
        },
        { engine: Engine.swarm(), machine },
      );

    test('its CPUs and memory are in the last row', () => {
      const report = reportOf(stackWith(Size.gibibytes(1), Cpu.cores(1)).platform);
      expect(report).toContain(
        '| **All services** | 6 | 2 GiB | 2 | 2 GiB | 60 MB |\n| **The machine** | 2 | 2 GiB |  |  |  |',
      );
    });

    test('what fits exactly is no shortage, and neither are CPU limits, which services share', () => {
      expect(shortages(stackWith(Size.gibibytes(1), Cpu.cores(1)))).toEqual([]);
    });

    test('memory and reservations that do not fit are warnings', () => {
      expect(shortages(stackWith(Size.mebibytes(1536), Cpu.cores(1.5)))).toEqual([
        'the memory limits of the services add up to 3 GiB, and the machine has 2 GiB',
        'the memory reserved for the services adds up to 3 GiB, and the machine has 2 GiB',
        'the CPUs reserved for the services add up to 3, and the machine has 2',
      ]);
    });
  });
});

function shortages({ platform }: TradingStack): string[] {
  return platform.machine === null ? [] : shortagesOf(platform, platform.machine);
}
