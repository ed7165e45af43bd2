import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMasterTradeStack, type MasterTradeOptions } from '../../../examples/mastertrade/stack';
import { type TradingStack, writeSecretFiles } from '../../../lib';
import { environmentOf } from '../../services/fixtures';
import { containerNamed, createApp, synthesize, type Terraform, type TerraformBlock } from '../../setup/synthesize';

/** The services that the document names, as it calls them. */
export const SERVICES = [
  'postgres',
  'rabbitmq',
  'redis',
  'market_data_service',
  'strategy_service',
  'order_executor',
  'risk_manager',
  'alert_system',
  'api_gateway',
  'data_access_api',
  'arbitrage_service',
  'prometheus',
  'grafana',
  'monitoring_ui',
] as const;

/** When a probe asks, and how often it may fail. */
export interface ProbeTimes {
  readonly interval: string;
  readonly timeout: string;
  readonly retries: number;
  readonly start_period: string;
}

/** When the probes of this library ask, unless something else is said. */
export const SERVICE_PROBE: ProbeTimes = { interval: '5s', timeout: '5s', retries: 5, start_period: '30s' };

/** MasterTrade as Terraform gets it, asked by the names that the document has for its services. */
export class MasterTrade {
  static synthesize(options: MasterTradeOptions = {}): MasterTrade {
    return new MasterTrade(synthesize(createMasterTradeStack(createApp(), options)));
  }

  private constructor(readonly terraform: Terraform) {}

  get containers(): TerraformBlock[] {
    return Object.values(this.terraform.resource.docker_container ?? {});
  }

  /** Names of all containers, in the order of the alphabet. */
  get names(): string[] {
    return this.containers.map(({ name }) => String(name)).sort();
  }

  container(service: string): TerraformBlock {
    return containerNamed(this.terraform, nameOf(service));
  }

  environment(service: string): Record<string, string> {
    return environmentOf(this.container(service));
  }

  /** The image that a service runs. */
  image(service: string): TerraformBlock {
    const [, id = ''] = /docker_image\.(.+)\.image_id/.exec(String(this.container(service).image)) ?? [];
    const image = this.terraform.resource.docker_image?.[id];
    if (image === undefined) throw new Error(`no image of ${service}`);
    return image;
  }

  /** What is healthy, or done, before a service starts. */
  startsAfter(service: string): string[] {
    const addresses = this.container(service).depends_on as readonly string[];
    return addresses.map((address) => {
      const { name } = this.terraform.resource.docker_container?.[address.replace('docker_container.', '')] ?? {};
      return String(name).replace('mastertrade-', '').replace(/-/g, '_');
    });
  }

  /** The command of a service's probe, in one line. */
  probe(service: string): string {
    return (this.container(service).healthcheck as { readonly test: readonly string[] }).test.join(' ');
  }

  /** Address and port of the host, and whose port that is. */
  published(): string[] {
    return this.containers.flatMap(({ name, ports }) =>
      (ports as readonly Record<string, string | number>[]).map(
        ({ ip, external, internal }) => `${ip}:${external} -> ${String(name)}:${internal}`,
      ),
    );
  }

  /** What a service of a Swarm is described as. */
  swarmService(service: string): TerraformBlock {
    const { [nameOf(service)]: found } = this.terraform.resource.docker_service ?? {};
    if (found === undefined) throw new Error(`no service ${service}`);
    return found;
  }

  /** What the Swarm runs of a service. */
  task(service: string): TerraformBlock {
    return this.swarmService(service).task_spec as TerraformBlock;
  }
}

/** The container of a service. */
export function nameOf(service: string): string {
  return `mastertrade-${service.replace(/_/g, '-')}`;
}

/** Contents of the secret files of MasterTrade, by their names, after the app has written them into a new project. */
export function writtenSecrets(options: MasterTradeOptions = {}): Readonly<Record<string, string>> {
  return inNewProject(() => {
    writeSecretFiles(createMasterTradeStack(createApp(), options));
    const folder = '.secrets/mastertrade';
    return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  });
}

/** What the plan asks for, because nobody has written it yet. */
export function secretsToProvide(options: MasterTradeOptions): string[] {
  return inNewProject(() => {
    const stack: TradingStack = createMasterTradeStack(createApp(), options);
    return writeSecretFiles(stack).missing.map(({ file }) => file.replace('.secrets/mastertrade/', ''));
  });
}

function inNewProject<T>(work: () => T): T {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'mastertrade-'));
  process.chdir(folder);
  try {
    return work();
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
}
