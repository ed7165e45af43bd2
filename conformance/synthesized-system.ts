import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { App } from 'cdktf';
import { DockerfileParser } from 'dockerfile-ast';
import { parse } from 'yaml';
import { type TradingStack, writeSecretFiles } from '../lib';
import { userOf } from '../lib/internal';
import { environmentOf, fileOf } from '../test/services/fixtures';
import { createApp, synthesize, type Terraform, type TerraformBlock } from '../test/setup/synthesize';

/** One query of a dashboard. */
export interface Panel {
  /** Title of the dashboard. */
  readonly dashboard: string;
  readonly title: string;
  readonly query: string;
  readonly unit: string | undefined;
}

interface Dashboard {
  readonly title: string;
  readonly panels: readonly {
    readonly title: string;
    readonly fieldConfig?: { readonly defaults?: { readonly unit?: string } };
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

/** The parts of a Swarm service that tests check. */
export interface SwarmService extends TerraformBlock {
  readonly task_spec: TerraformBlock & {
    readonly container_spec: TerraformBlock;
    readonly resources: TerraformBlock;
  };
}

const ROOT = resolve(__dirname, '..');

type Labels = readonly { readonly label: string; readonly value: string }[];
type Ports = readonly Readonly<Record<'ip' | 'external' | 'internal', string | number>>[];

/**
 * A synthesized system, read by the ids of its services, which are their names in its document. The id of one of several
 * replicas ends with its number: `api_gateway_1`.
 */
export class SynthesizedSystem {
  readonly terraform: Terraform;
  /** Ids of the services, by the names of their containers or Swarm services. */
  private readonly services: ReadonlyMap<string, string>;

  /** The project's folder. */
  private readonly folder = process.cwd();

  constructor(readonly stack: TradingStack) {
    this.terraform = synthesize(stack);
    this.services = new Map(
      [...this.containers, ...this.swarmServices].map((block) => [String(block.name), idOf(block)]),
    );
  }

  get containers(): TerraformBlock[] {
    return Object.values(this.terraform.resource.docker_container ?? {});
  }

  get swarmServices(): TerraformBlock[] {
    return Object.values(this.terraform.resource.docker_service ?? {});
  }

  /** Names of all containers, sorted. */
  get names(): string[] {
    return this.containers.map(({ name }) => String(name)).sort();
  }

  /** Names of all images, sorted. */
  get images(): string[] {
    return Object.values(this.terraform.resource.docker_image ?? {})
      .map(({ name }) => String(name))
      .sort();
  }

  /** The network of the stack. */
  get network(): TerraformBlock {
    return theOne(Object.values(this.terraform.resource.docker_network ?? {}), 'network');
  }

  /** How the containers refer to that network. */
  get networkReference(): string {
    return `\${docker_network.${theOne(Object.keys(this.terraform.resource.docker_network ?? {}), 'network')}.id}`;
  }

  /** The users of all containers; `null` for one that is the image's own and not in a Dockerfile. */
  get users(): Record<string, string | null> {
    return Object.fromEntries(
      this.stack.platform.workloads.map(({ spec }) => [this.serviceOf(spec.name), userOf(spec)]),
    );
  }

  container(service: string): TerraformBlock {
    const found = this.containers.filter(({ name }) => this.serviceOf(String(name)) === service);
    return theOne(found, `container of ${service}`);
  }

  swarmService(service: string): SwarmService {
    const found = this.swarmServices.filter(({ name }) => this.serviceOf(String(name)) === service);
    return theOne(found, `service ${service}`) as SwarmService;
  }

  environment(service: string): Record<string, string> {
    return environmentOf(this.container(service));
  }

  /** Variables that contain a secret instead of the path of its file, and URLs that contain a password. */
  get openSecrets(): string[] {
    const variables = [...this.containers, ...this.swarmServices].flatMap((block) =>
      [
        ...JSON.stringify(block).matchAll(
          /"(?<name>[A-Z_]*(?:PASSWORD|SECRET|TOKEN|API_KEY)[A-Z_]*)[=":]+(?<value>[^"]*)/g,
        ),
      ]
        .filter(({ groups }) => !groups?.value?.startsWith('/run/'))
        .map(({ groups }) => `${String(block.name)}: ${String(groups?.name)}`),
    );
    const urls = JSON.stringify(this.terraform).match(/[a-z]+:\/\/[^\s"/]*:[^\s"/]*@/g) ?? [];
    return [...variables, ...urls];
  }

  /** A YAML file in the container of a service. */
  yaml(service: string, path: string): unknown {
    return parse(fileOf(this.container(service), path));
  }

  /** The queries of the dashboards in Grafana. */
  get panels(): Panel[] {
    const files = this.container('grafana').upload as readonly { readonly file: string; readonly content: string }[];
    return files
      .filter(({ file }) => file.startsWith('/etc/grafana/dashboards/'))
      .flatMap(({ content }) => {
        const { title: dashboard, panels } = JSON.parse(content) as Dashboard;
        return panels.flatMap(({ title, fieldConfig, targets = [] }) =>
          targets.map(({ expr }) => ({ dashboard, title, query: expr, unit: fieldConfig?.defaults?.unit })),
        );
      });
  }

  /** The image that a service runs. */
  image(service: string): TerraformBlock {
    const [, id = ''] = /docker_image\.(.+)\.image_id/.exec(String(this.container(service).image)) ?? [];
    const image = this.terraform.resource.docker_image?.[id];
    if (image === undefined) throw new Error(`no image of ${service}`);
    return image;
  }

  /** The stages of the Dockerfile of a service, with one instruction per line. */
  stages(service: string): string[][] {
    const { context = '', dockerfile = '' } = this.image(service).build as Readonly<Record<string, string>>;
    // Terraform runs in the folder of the stack, and build paths are relative to it.
    const path = join(this.folder, 'cdktf.out/stacks', this.stack.node.id, context, dockerfile);
    const stages: string[][] = [];
    for (const instruction of DockerfileParser.parse(readFileSync(path, 'utf8')).getInstructions()) {
      if (instruction.getKeyword() === 'FROM') stages.push([]);
      stages.at(-1)?.push(instruction.toString());
    }
    return stages;
  }

  /** Names on the network under which a service is reached. */
  aliases(service: string): readonly string[] {
    const networks = this.container(service).networks_advanced as readonly { readonly aliases: readonly string[] }[];
    return networks.flatMap(({ aliases }) => aliases);
  }

  /** The services that must be healthy, and the jobs that must have exited, before a service starts. */
  startsAfter(service: string): string[] {
    const containers = this.terraform.resource.docker_container ?? {};
    return (this.container(service).depends_on as readonly string[]).map((address) =>
      this.serviceOf(String(containers[address.replace('docker_container.', '')]?.name)),
    );
  }

  /** The command of a service's probe, on one line. */
  probe(service: string): string {
    return (this.container(service).healthcheck as { readonly test: readonly string[] }).test.join(' ');
  }

  /** Timings and retries of a service's probe. */
  probeTimes(service: string): object {
    const { test: _command, ...times } = this.container(service).healthcheck as { readonly test: unknown };
    return times;
  }

  /** The published ports of a service: address and port of the host, then port of the container. */
  ports(service: string): string[] {
    return (this.container(service).ports as Ports).map(
      ({ ip, external, internal }) => `${ip}:${external}:${internal}`,
    );
  }

  /** All published ports: address and port of the host, then container and its port. */
  published(): string[] {
    return this.containers
      .flatMap(({ name, ports }) =>
        (ports as Ports).map(({ ip, external, internal }) => `${ip}:${external} -> ${String(name)}:${internal}`),
      )
      .sort();
  }

  /** Sum of all memory limits, in MiB. */
  memoryOf(services: readonly string[]): number {
    return services.reduce((total, service) => total + Number(this.container(service).memory), 0);
  }

  /** The id of the service with a container or Swarm service of this name. */
  serviceOf(name: string): string {
    return this.services.get(name) ?? '';
  }
}

function idOf({ name, labels }: TerraformBlock): string {
  const id = (labels as Labels).find(({ label }) => label === 'cdktf-trading-stack.service')?.value ?? '';
  const [, number] = new RegExp(`-${id.replace(/_/g, '-')}-(\\d+)$`).exec(String(name)) ?? [];
  return number === undefined ? id : `${id}_${number}`;
}

function theOne<T>(found: readonly T[], what: string): T {
  const [one, ...others] = found;
  if (one === undefined || others.length > 0) throw new Error(`${found.length} of: ${what}`);
  return one;
}

/** A file of this project. */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The secret files of a system, written into a new project. */
export interface SecretFiles {
  /** Contents by the names of the files. */
  readonly contents: Readonly<Record<string, string>>;
  /** Secrets that a person has to provide. */
  readonly missing: readonly string[];
}

/** Writes the secret files of a system into a temporary project, and reads them. */
export function secretFilesOf(createStack: (app: App) => TradingStack): SecretFiles {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  process.chdir(folder);
  try {
    const stack = createStack(createApp());
    const { written, missing } = writeSecretFiles(stack);
    return {
      contents: Object.fromEntries(written.map((file) => [basename(file), readFileSync(file, 'utf8')])),
      missing: missing.map(({ file }) => file),
    };
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
}

/** The names under which a service is found on its network: one for URLs, and the one in its document. */
export function namesOf(service: string): string[] {
  return [...new Set([service.replace(/_/g, '-'), service])];
}
