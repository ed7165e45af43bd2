import { Image, type MetricsPanel, type TradingStack } from '../../lib';
import { Reviewed } from '../setup/review-snapshot';
import { warningsUnder } from '../../lib/platform/warnings';
import { containerNamed, type Terraform, type TerraformBlock } from '../setup/synthesize';

/** A program of the desk. */
export const BOT = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');

const OF_A_CONSTRUCT = ['docker_container', 'docker_service', 'docker_secret', 'docker_config', 'docker_volume'];

/** The resources that constructs create, without those that the stack creates for all of them. */
export function createdBy(terraform: Terraform): Reviewed {
  return new Reviewed(
    Object.fromEntries(Object.entries(terraform.resource).filter(([type]) => OF_A_CONSTRUCT.includes(type))),
  );
}

/** The dashboard and the title of each panel. */
export function placesOf(panels: readonly MetricsPanel[]): string[] {
  return panels.map(({ dashboard = 'performance', title }) => `${dashboard}: ${title}`);
}

/** The panels of every HTTP service. */
export const HTTP_PLACES = [
  'overview: Requests',
  'overview: Errors',
  'overview: Latency (95th percentile)',
  'performance: Requests',
  'performance: Latency (95th percentile)',
  'errors: Errors',
  'errors: Responses',
  'resources: CPU (cores)',
  'resources: Memory',
];

/** The variables of a container. */
export function environmentOf(container: TerraformBlock): Record<string, string> {
  const entries = (container.env as readonly string[]).map((line) => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

/** The entry point of what runs under a name, on either engine. */
export function entrypointOf(terraform: Terraform, name: string): unknown {
  const [service] = Object.values(terraform.resource.docker_service ?? {}).filter((block) => block.name === name);
  if (service === undefined) return containerNamed(terraform, name).entrypoint;
  return (service.task_spec as { readonly container_spec: TerraformBlock }).container_spec.command;
}

/** The paths of a container's secrets. */
export function secretsOf(container: TerraformBlock): string[] {
  const { mounts = [] } = container;
  return (mounts as readonly { readonly target: string }[])
    .map((mount) => mount.target)
    .filter((path) => path.startsWith('/run/secrets/'));
}

/** The volumes of a container: path and name. */
export function volumesOf(container: TerraformBlock): Record<string, string> {
  const mounts = container.volumes as readonly { readonly container_path: string; readonly volume_name?: string }[];
  return Object.fromEntries(
    mounts.flatMap((mount) => (mount.volume_name === undefined ? [] : [[mount.container_path, mount.volume_name]])),
  );
}

/** The content of a file that is put into a container. */
export function fileOf(container: TerraformBlock, path: string): string {
  const files = container.upload as readonly { readonly file: string; readonly content: string }[];
  const [found] = files.filter(({ file }) => file === path);
  if (found === undefined) throw new Error(`no ${path} among ${files.map(({ file }) => file).join(', ')}`);
  return found.content;
}

/** The variables, secrets and dependencies of one container. */
export function startOf(terraform: Terraform, name: string) {
  const container = containerNamed(terraform, name);
  return {
    environment: environmentOf(container),
    secrets: secretsOf(container),
    after: container.depends_on,
  };
}

/** The warnings about a stack: their details and codes. */
export function warningsOf(stack: TradingStack): string[] {
  return warningsUnder(stack).map(({ about, code }) => `${about} [${code}]`);
}
