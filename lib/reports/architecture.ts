import type { RegisteredImage } from '../platform/images/image-registry';
import { publishedAt } from '../platform/ports';
import type { Platform, RegisteredWorkload } from '../platform/platform';
import { pathInExpression } from '../platform/project';
import { networkNames, type VolumeMountSpec, type WorkloadSpec } from '../platform/spec';
import { withoutContentTag } from '../platform/images/image-spec';

/** The stack as a Mermaid flowchart, which GitHub and GitLab draw: networks are groups, arrows are connections. */
export function architectureOf({ workloads, images }: Platform): string {
  const nodes = new Nodes(workloads, images.all);
  return [
    'flowchart LR',
    ...nodes.groups(),
    ...workloads.flatMap(({ spec }) => [...nodes.connectionsOf(spec), ...nodes.startOrderOf(spec)]),
    ...workloads.flatMap(({ spec }) => nodes.portsOf(spec)),
    ...workloads.flatMap(({ spec }) => [...nodes.volumesOf(spec), ...nodes.bindMountsOf(spec)]),
  ].join('\n');
}

class Nodes {
  private readonly ids = new Map<string, string>();
  /** By each of their names on a network, in lower case. */
  private readonly named = new Map<string, WorkloadSpec[]>();

  constructor(
    private readonly workloads: readonly RegisteredWorkload[],
    private readonly images: readonly RegisteredImage[],
  ) {
    for (const { spec } of workloads) {
      for (const name of new Set(networkNames(spec).map((one) => one.toLowerCase()))) {
        this.named.set(name, [...(this.named.get(name) ?? []), spec]);
      }
    }
  }

  groups(): string[] {
    const byNetworks = new Map<string, WorkloadSpec[]>();
    for (const { spec } of this.workloads) {
      const key = networksOf(spec);
      byNetworks.set(key, [...(byNetworks.get(key) ?? []), spec]);
    }
    return [...byNetworks].flatMap(([networks, specs]) => [
      `  subgraph ${this.id(`networks ${networks}`)}["${escape(networks)}"]`,
      ...specs.map((spec) => `    ${this.id(spec.name)}["${describe(spec, this.images)}"]`),
      '  end',
    ]);
  }

  connectionsOf(spec: WorkloadSpec): string[] {
    const lines = spec.connections.flatMap(({ host, port, protocol }) => {
      const label = `"${escape(`${protocol} ${port}`)}"`;
      const targets = this.namedOnNetwork(host);
      if (targets.length > 0) {
        return targets.map((target) => `  ${this.id(spec.name)} -->|${label}| ${this.id(target.name)}`);
      }
      const node = `${this.id(`external ${host}`)}(["${escape(host)}"])`;
      return [`  ${this.id(spec.name)} -->|${label}| ${node}`];
    });
    return [...new Set(lines)];
  }

  /** What it waits for without a connection, such as a job. */
  startOrderOf(spec: WorkloadSpec): string[] {
    const connected = new Set(spec.connections.flatMap(({ host }) => this.namedOnNetwork(host)));
    return this.workloads
      .filter(({ spec: other, address }) => spec.dependsOn.includes(address) && !connected.has(other))
      .map(({ spec: other }) => `  ${this.id(spec.name)} -.->|"starts after"| ${this.id(other.name)}`);
  }

  portsOf(spec: WorkloadSpec): string[] {
    return spec.ports.map((port) => {
      const address = publishedAt(port);
      const label = `"${port.container}/${port.protocol}"`;
      return `  ${this.id(`port ${address}/${port.protocol}`)}(["${address}"]) -->|${label}| ${this.id(spec.name)}`;
    });
  }

  volumesOf(spec: WorkloadSpec): string[] {
    return spec.volumes.map((mount) => {
      const [id, name] = [this.id(`volume ${mount.volume}`), `${nameOf(mount, spec)}<br/>${mount.lifetime}`];
      return `  ${this.id(spec.name)} ---|${mountLabel(mount)}| ${id}[("${name}")]`;
    });
  }

  bindMountsOf(spec: WorkloadSpec): string[] {
    return spec.bindMounts.map((mount) => {
      const source = pathInExpression(mount.source) ?? mount.source;
      return `  ${this.id(spec.name)} ---|${mountLabel(mount)}| ${this.id(`folder ${source}`)}[/"${escape(source)}"/]`;
    });
  }

  private namedOnNetwork(host: string): readonly WorkloadSpec[] {
    return this.named.get(host.toLowerCase()) ?? [];
  }

  /** Names contain characters and words, such as `end`, that Mermaid does not take in an id. */
  private id(of: string): string {
    const known = this.ids.get(of) ?? `n${this.ids.size + 1}`;
    this.ids.set(of, known);
    return known;
  }
}

function networksOf({ networks, namespaces: { network } }: WorkloadSpec): string {
  if (network !== null) return typeof network === 'object' ? `network of ${network.name}` : `network mode ${network}`;
  return networks.map(({ name }) => name).join(' + ');
}

function describe(
  { name, kind, replicas, image, environment }: WorkloadSpec,
  images: readonly RegisteredImage[],
): string {
  const build = images.find(({ spec }) => spec.name === image.name)?.spec.build;
  const mode = environment.TRADING_ENVIRONMENT;
  return [
    kind === 'job' ? `${name} (job)` : name,
    withoutContentTag(image.name, build?.contentHash),
    ...(replicas > 1 ? [`${replicas} replicas`] : []),
    ...(mode === undefined ? [] : [`mode: ${mode}`]),
  ]
    .map(escape)
    .join('<br/>');
}

function mountLabel({ path, readOnly }: { readonly path: string; readonly readOnly: boolean }): string {
  return `"${escape(path)}${readOnly ? ' (read-only)' : ''}"`;
}

/** The name of a volume in the configuration is an expression, which is replaced later. */
function nameOf({ volume, path }: VolumeMountSpec, { name }: WorkloadSpec): string {
  return escape(volume.includes('${') ? `${path} of ${name}` : volume);
}

function escape(text: string): string {
  return text.replace(/[&"<>#]/g, (character) => `#${character.charCodeAt(0)};`);
}
