import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { App } from 'cdktf';
import { type TradingStack, writeSecretFiles } from '../../lib';
import { environmentOf } from '../services/fixtures';
import {
  containerNamed,
  createApp,
  serviceNamed,
  synthesize,
  type Terraform,
  type TerraformBlock,
} from '../setup/synthesize';

/** A service of a Swarm, as far as tests look at it. */
export interface SwarmService extends TerraformBlock {
  readonly task_spec: TerraformBlock & {
    readonly container_spec: TerraformBlock;
    readonly resources: TerraformBlock;
  };
}

const ROOT = resolve(__dirname, '../..');

/** A system as Terraform gets it, asked by the names that its document has for the services. */
export class SynthesizedSystem {
  readonly terraform: Terraform;

  constructor(readonly stack: TradingStack) {
    this.terraform = synthesize(stack);
  }

  get containers(): TerraformBlock[] {
    return Object.values(this.terraform.resource.docker_container ?? {});
  }

  /** Names of all containers, in the order of the alphabet. */
  get names(): string[] {
    return this.containers.map(({ name }) => String(name)).sort();
  }

  /** Names of all images, in the order of the alphabet. */
  get images(): string[] {
    return Object.values(this.terraform.resource.docker_image ?? {})
      .map(({ name }) => String(name))
      .sort();
  }

  container(service: string): TerraformBlock {
    return containerNamed(this.terraform, this.nameOf(service));
  }

  swarmService(service: string): SwarmService {
    return serviceNamed(this.terraform, this.nameOf(service)) as SwarmService;
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

  /** Names on the network under which a service is reached. */
  aliases(service: string): readonly string[] {
    const networks = this.container(service).networks_advanced as readonly { readonly aliases: readonly string[] }[];
    return networks.flatMap(({ aliases }) => aliases);
  }

  /** What is healthy, or done, before a service starts. */
  startsAfter(service: string): string[] {
    const containers = this.terraform.resource.docker_container ?? {};
    return (this.container(service).depends_on as readonly string[]).map((address) =>
      this.serviceOf(String(containers[address.replace('docker_container.', '')]?.name)),
    );
  }

  /** The command of a service's probe, in one line. */
  probe(service: string): string {
    return (this.container(service).healthcheck as { readonly test: readonly string[] }).test.join(' ');
  }

  /** Address and port of the host, and whose port that is. */
  published(): string[] {
    return this.containers
      .flatMap(({ name, ports }) =>
        (ports as readonly Record<string, string | number>[]).map(
          ({ ip, external, internal }) => `${ip}:${external} -> ${String(name)}:${internal}`,
        ),
      )
      .sort();
  }

  /** Memory that all of them may take together, in MiB. */
  memoryOf(services: readonly string[]): number {
    return services.reduce((total, service) => total + Number(this.container(service).memory), 0);
  }

  /** The service of a container, without the name of the stack. */
  serviceOf(name: string): string {
    return name.replace(`${this.stack.node.id}-`, '').replace(/-/g, '_');
  }

  private nameOf(service: string): string {
    return `${this.stack.node.id}-${service.replace(/_/g, '-')}`;
  }
}

/** A file of this project. */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The secret files of a system, written into a new project. */
export interface SecretFiles {
  /** Contents by the names of the files. */
  readonly contents: Readonly<Record<string, string>>;
  /** What a person has to write. */
  readonly missing: readonly string[];
}

/** Writes the secret files of a system into a new project, which is gone when they have been read. */
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
