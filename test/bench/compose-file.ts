/** Translates a synthesized stack into a Compose file, so that both start the same containers in the same order. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** The parts of a `docker_container` that the examples use. */
interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly env: readonly string[];
  readonly user?: string;
  readonly init: boolean;
  readonly read_only: boolean;
  readonly restart: string;
  readonly stop_timeout: number;
  readonly shm_size?: number;
  readonly memory: number;
  readonly memory_swap: number;
  readonly memory_reservation?: number;
  readonly cpu_period: number;
  readonly cpu_quota: number;
  readonly security_opts: readonly string[];
  readonly capabilities: { readonly add: readonly string[]; readonly drop: readonly string[] };
  readonly log_driver: string;
  readonly log_opts: Readonly<Record<string, string>>;
  readonly labels: readonly { readonly label: string; readonly value: string }[];
  readonly tmpfs?: Readonly<Record<string, string>>;
  readonly volumes: readonly {
    readonly container_path: string;
    readonly volume_name?: string;
    readonly host_path?: string;
    readonly read_only: boolean;
  }[];
  readonly mounts?: readonly {
    readonly type: string;
    readonly source: string;
    readonly target: string;
    readonly read_only: boolean;
  }[];
  readonly upload?: readonly { readonly file: string; readonly content: string }[];
  readonly ports: readonly {
    readonly internal: number;
    readonly external: number;
    readonly ip: string;
    readonly protocol: string;
  }[];
  readonly networks_advanced: readonly { readonly aliases: readonly string[] }[];
  readonly healthcheck?: HealthCheck;
  readonly wait?: boolean;
  readonly depends_on: readonly string[];
}

interface HealthCheck {
  readonly test: readonly string[];
  readonly interval: string;
  readonly timeout: string;
  readonly retries: number;
  readonly start_period: string;
  readonly start_interval?: string;
}

/** A synthesized stack. */
export interface Configuration {
  readonly resource: {
    readonly docker_container: Readonly<Record<string, Container>>;
    readonly docker_image: Readonly<Record<string, { readonly name: string }>>;
    readonly docker_network: Readonly<
      Record<string, { readonly name: string; readonly ipam_config: readonly { readonly subnet: string }[] }>
    >;
  };
}

/** What {@link composeFile} needs in addition to the configuration. */
export interface ComposeOptions {
  /** The folder that the configuration was written to, which its paths are relative to. */
  readonly directory: string;
  /** Folder for the files that Terraform uploads into the containers. */
  readonly files: string;
  /** How often containers that start are probed; `undefined` probes them at the interval of running containers. */
  readonly startInterval: string | undefined;
}

/** A Compose file; JSON is YAML too. */
export function composeFile({ resource }: Configuration, options: ComposeOptions): string {
  const containers = Object.entries(resource.docker_container);
  const [network] = Object.values(resource.docker_network);
  const volumes = containers.flatMap(([, one]) => one.volumes).map(({ volume_name: volume }) => volume);
  const named = [...new Set(volumes.filter((name) => name !== undefined))];
  const file = {
    services: Object.fromEntries(containers.map(([id, one]) => [id, service(one, resource, options)])),
    networks: { default: { name: network?.name, ipam: { config: network?.ipam_config } } },
    volumes: Object.fromEntries(named.map((name) => [name, { name }])),
  };
  return JSON.stringify(file, (_, value: unknown) => (typeof value === 'string' ? literal(value) : value), 2);
}

function service(
  one: Container,
  { docker_image: images, docker_container: all }: Configuration['resource'],
  options: ComposeOptions,
): object {
  const image = /^\$\{docker_image\.(.+)\.image_id\}$/.exec(one.image)?.[1] ?? '';
  return {
    container_name: one.name,
    image: images[image]?.name,
    pull_policy: 'never',
    command: one.command,
    entrypoint: one.entrypoint,
    environment: one.env,
    user: one.user,
    init: one.init,
    read_only: one.read_only,
    restart: one.restart,
    stop_grace_period: `${one.stop_timeout}s`,
    shm_size: one.shm_size === undefined ? undefined : `${one.shm_size}m`,
    mem_limit: `${one.memory}m`,
    memswap_limit: `${one.memory_swap}m`,
    mem_reservation: one.memory_reservation === undefined ? undefined : `${one.memory_reservation}m`,
    cpu_period: one.cpu_period,
    cpu_quota: one.cpu_quota,
    security_opt: one.security_opts,
    cap_add: one.capabilities.add,
    cap_drop: one.capabilities.drop,
    logging: { driver: one.log_driver, options: one.log_opts },
    labels: Object.fromEntries(one.labels.map(({ label, value }) => [label, value.startsWith('${') ? '' : value])),
    tmpfs: Object.keys(one.tmpfs ?? {}),
    volumes: [...mounts(one, options.directory), ...uploads(one, options.files)],
    ports: one.ports.map(({ internal, external, ip, protocol }) => ({
      target: internal,
      published: String(external),
      host_ip: ip,
      protocol,
    })),
    networks: { default: { aliases: one.networks_advanced.flatMap(({ aliases }) => aliases) } },
    healthcheck: one.healthcheck && { ...one.healthcheck, start_interval: options.startInterval },
    depends_on: Object.fromEntries(
      one.depends_on.map((address) => {
        const id = address.replace(/^docker_container\./, '');
        return [id, { condition: all[id]?.wait ? 'service_healthy' : 'service_started' }];
      }),
    ),
  };
}

function mounts(one: Container, directory: string): object[] {
  const volumes = one.volumes.map(({ volume_name: volume, host_path: path = '', container_path: target, read_only }) =>
    volume === undefined
      ? { type: 'bind', source: hostPath(path, directory), target, read_only }
      : { type: 'volume', source: volume, target, read_only },
  );
  const others = (one.mounts ?? []).map(({ type, source, target, read_only }) => ({
    type,
    source: hostPath(source, directory),
    target,
    read_only,
  }));
  return [...volumes, ...others];
}

/** Terraform copies these files into the container. */
function uploads({ name, upload = [] }: Container, files: string): object[] {
  return upload.map(({ file, content }) => {
    const folder = join(files, name);
    mkdirSync(folder, { recursive: true });
    const source = join(folder, basename(file));
    writeFileSync(source, unescaped(content));
    return { type: 'bind', source, target: file, read_only: true };
  });
}

/** The path of `${abspath("${path.root}/…")}`. */
function hostPath(expression: string, directory: string): string {
  const relative = /\$\{path\.root\}\/(.+?)"\)\}$/.exec(expression)?.[1];
  return relative === undefined ? expression : resolve(directory, relative);
}

/** In Compose files a dollar sign begins a variable. */
function literal(value: string): string {
  return unescaped(value).replaceAll('$', '$$$$');
}

function unescaped(value: string): string {
  return value.replaceAll('$${', '${').replaceAll('%%{', '%{');
}
