import { type IConnectable, Image, type IMonitored, type MetricsPanel } from '../../lib';
import type { ScrapedService } from '../../lib/monitoring/scraped-service';
import type { Terraform, TerraformBlock } from '../setup/synthesize';

/** Panels of a service. */
export const PANELS: readonly MetricsPanel[] = [
  {
    title: 'Requests',
    query: 'rate(http_requests_total{job="$job"}[$__rate_interval])',
    legend: '{{route}}',
    unit: 'reqps',
  },
  { title: 'Memory', query: 'process_resident_memory_bytes{job="$job"}', legend: 'used', unit: 'bytes' },
];

/** A service that serves its metrics itself. */
export function service(job: string, panels: readonly MetricsPanel[] = PANELS): ScrapedService {
  return {
    job,
    target: { kind: 'endpoint', host: job, port: 8000, path: '/metrics' },
    upQuery: 'up{job="$job"}',
    panels,
  };
}

/** A monitored service that serves its metrics itself. */
export function monitored(job: string): IMonitored {
  return { metrics: service(job) };
}

/** A monitored service that needs an exporter. */
export function exported(job: string, uses: readonly IConnectable[] = []): IMonitored {
  return {
    metrics: {
      job,
      target: {
        kind: 'exporter',
        image: Image.fromRegistry('quay.io/prometheuscommunity/postgres-exporter:v0.20.1'),
        port: 9187,
        path: '/metrics',
        environment: { DATA_SOURCE_URI: `${job}:5432/desk` },
        secrets: () => ({}),
        uses,
      },
      upQuery: 'pg_up{job="$job"}',
      panels: PANELS,
    },
  };
}

/** A dashboard as it is written to the file. */
export interface DashboardModel {
  readonly title: string;
  readonly uid: string;
  readonly panels: readonly DashboardPanel[];
}

/** A panel or a row. */
export interface DashboardPanel {
  readonly id?: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos?: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

/** A container or service of the output, in one form for both engines. */
export interface Deployed {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Contents by path, as they arrive in the container. */
  readonly files: Readonly<Record<string, string>>;
  /** Names of volumes by mount point. */
  readonly volumes: Readonly<Record<string, string>>;
  readonly aliases: readonly string[];
  readonly probe: string;
  readonly user: string | undefined;
  readonly memoryBytes: number | undefined;
  readonly dependsOn: readonly string[];
}

/** Everything that is deployed, by the name of the container or service. */
export function deployed(terraform: Terraform): Record<string, Deployed> {
  const containers = Object.values(terraform.resource.docker_container ?? {}) as unknown as Container[];
  const services = Object.values(terraform.resource.docker_service ?? {}) as unknown as Service[];
  return {
    ...Object.fromEntries(containers.map((container) => [container.name, fromContainer(container)])),
    ...Object.fromEntries(services.map((one) => [one.name, fromService(one, terraform)])),
  };
}

/** The container or service with a name. */
export function deployedAs(terraform: Terraform, name: string): Deployed {
  const found = deployed(terraform)[name];
  if (found === undefined) throw new Error(`nothing is deployed as ${name}`);
  return found;
}

interface Container extends TerraformBlock {
  readonly name: string;
  readonly command?: readonly string[];
  readonly env: readonly string[];
  readonly upload?: readonly { readonly file: string; readonly content: string }[];
  readonly volumes: readonly { readonly volume_name?: string; readonly container_path: string }[];
  readonly networks_advanced?: readonly { readonly aliases: readonly string[] }[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly user?: string;
  readonly memory?: number;
  readonly depends_on: readonly string[];
}

interface Service extends TerraformBlock {
  readonly name: string;
  readonly depends_on: readonly string[];
  readonly task_spec: {
    readonly container_spec: {
      readonly args?: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly configs?: readonly { readonly config_id: string; readonly file_name: string }[];
      readonly mounts?: readonly { readonly source: string; readonly target: string }[];
      readonly healthcheck?: { readonly test: readonly string[] };
      readonly user?: string;
    };
    readonly networks_advanced: readonly { readonly aliases: readonly string[] }[];
    readonly resources?: { readonly limits: { readonly memory_bytes: number } };
  };
}

function fromContainer(container: Container): Deployed {
  return {
    command: container.command ?? [],
    environment: Object.fromEntries(
      container.env.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    ),
    files: Object.fromEntries((container.upload ?? []).map(({ file, content }) => [file, unescaped(content)])),
    volumes: Object.fromEntries(
      container.volumes.flatMap(({ container_path: at, volume_name: name }) =>
        name === undefined ? [] : [[at, name]],
      ),
    ),
    aliases: (container.networks_advanced ?? []).flatMap(({ aliases }) => aliases),
    probe: (container.healthcheck?.test ?? []).join(' '),
    user: container.user,
    memoryBytes: container.memory === undefined ? undefined : container.memory * 1024 ** 2,
    dependsOn: container.depends_on,
  };
}

function fromService(one: Service, terraform: Terraform): Deployed {
  const { container_spec: spec, networks_advanced: networks, resources } = one.task_spec;
  const contentOf = (reference: string): string => {
    const configuration = terraform.resource.docker_config?.[/docker_config\.(.+)\.id/.exec(reference)?.[1] ?? ''];
    const local = /local\.([\w-]+)/.exec(String(configuration?.data))?.[1] ?? '';
    return unescaped(terraform.locals?.[local] ?? '');
  };
  return {
    command: spec.args ?? [],
    environment: spec.env,
    files: Object.fromEntries((spec.configs ?? []).map((file) => [file.file_name, contentOf(file.config_id)])),
    volumes: Object.fromEntries((spec.mounts ?? []).map(({ source, target }) => [target, source])),
    aliases: networks.flatMap(({ aliases }) => aliases),
    probe: (spec.healthcheck?.test ?? []).join(' '),
    user: spec.user,
    memoryBytes: resources?.limits.memory_bytes,
    dependsOn: one.depends_on,
  };
}

function unescaped(text: string): string {
  return text.replace(/\$\$\{/g, '${').replace(/%%\{/g, '%{');
}
