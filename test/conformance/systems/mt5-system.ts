import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { createMt5Stack } from '../../../examples/mt5/stack';
import { Engine } from '../../../lib';
import { fileOf } from '../../services/fixtures';
import { containerNamed, createApp, serviceNamed, synthesize, type Terraform } from '../../setup/synthesize';
import type { TerraformBlock } from '../../setup/synthesize';

const ROOT = resolve(__dirname, '../../..');

/** The system on one host. */
export const STACK = createMt5Stack(createApp());
export const MT5 = synthesize(STACK);
/** The system on a Swarm. */
export const SWARM = synthesize(createMt5Stack(createApp(), { engine: Engine.swarm() }));
/** The services of the document, as it names their containers. */
export const DOCUMENTED = ['strategy-runner', 'feature-api', 'db', 'redis', 'prometheus', 'grafana'] as const;

/** A container of the system. */
export function container(name: string): TerraformBlock {
  return containerNamed(MT5, `mt5-${name}`);
}

/** A service of the system on a Swarm. */
export function service(name: string): SwarmService {
  return serviceNamed(SWARM, `mt5-${name}`) as unknown as SwarmService;
}

/** A Swarm service, as far as these tests look at it. */
export interface SwarmService {
  readonly task_spec: {
    readonly container_spec: Readonly<Record<string, unknown>>;
    readonly resources: unknown;
    readonly restart_policy: unknown;
    readonly networks_advanced: unknown;
  };
}

/** Everything of one type, by what it is called on the engine. */
export function named(terraform: Terraform, type: string): Map<string, TerraformBlock> {
  return new Map(Object.values(terraform.resource[type] ?? {}).map((block) => [String(block.name), block]));
}

/** The image that a container runs. */
export function imageOf(terraform: Terraform, block: TerraformBlock): TerraformBlock {
  const address = /docker_image\.(.+)\.image_id/.exec(String(block.image))?.[1] ?? '';
  const image = terraform.resource.docker_image?.[address];
  if (image === undefined) throw new Error(`${String(block.name)} runs no image of the stack`);
  return image;
}

/** Names of the containers that one starts after. */
export function startsAfter(name: string): string[] {
  const containers = MT5.resource.docker_container ?? {};
  return (container(name).depends_on as readonly string[]).map((address) =>
    String(containers[address.replace('docker_container.', '')]?.name),
  );
}

/** A YAML file that is put into a container. */
export function yamlOf(name: string, path: string): unknown {
  return parse(fileOf(container(name), path));
}

/** A file of this project. */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** What a container publishes: address, port of the host, port of its own. */
export function portsOf(block: TerraformBlock): string[] {
  return (block.ports as readonly Readonly<Record<string, string | number>>[]).map(
    ({ ip, external, internal, protocol }) => `${ip}:${external}:${internal}/${protocol}`,
  );
}
