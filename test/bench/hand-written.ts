import { Container, type ContainerConfig } from '@cdktf/provider-docker/lib/container';
import { Image } from '@cdktf/provider-docker/lib/image';
import { Network } from '@cdktf/provider-docker/lib/network';
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { type App, LocalBackend, TerraformStack, TerraformVariable } from 'cdktf';
import { DOCKER_PROVIDER_VERSION, HealthCheck } from '../../lib';
import { restartingTest } from '../../lib/engines/docker/restart-when-unhealthy';

/** Stands in for the hashes of the library, which have 16 digits. */
export const HASH = '0123456789abcdef';

const NO_CACHE = 'cdktf_trading_stack_no_cache';

/** Options of a container in addition to the fields of the provider. */
export interface HandWrittenOptions {
  /** Files under /run/secrets. */
  readonly secrets?: readonly string[];
  /** Those of them that a rotation changes while the container runs. */
  readonly inPlace?: readonly string[];
  /** Path in messages, if it differs from the name. */
  readonly path?: string;
  /** Whether a deploy waits until it is healthy. */
  readonly waits?: boolean;
}

/** Those of a program. */
export interface ProgramOptions extends HandWrittenOptions {
  /** Timings of its health check that are not the usual ones. */
  readonly probe?: { readonly interval: string; readonly timeout: string; readonly retries: number };
  /** Whether the health check restarts the container. */
  readonly restarts?: boolean;
}

/** A stack written with the constructs of the provider, down to the same Terraform addresses. */
export class HandWrittenStack extends TerraformStack {
  private readonly network: Network;

  constructor(
    app: App,
    readonly systemName: string,
    network: { readonly name: string; readonly subnet?: string; readonly gateway?: string },
  ) {
    super(app, systemName);
    const { name, subnet, gateway } = network;
    new LocalBackend(this, { path: `../../../terraform.${systemName}.tfstate` });
    new DockerProvider(this, 'docker', {});
    this.addOverride('terraform.required_providers.docker.version', DOCKER_PROVIDER_VERSION);
    this.network = new Network(this, 'platform_network_53C1AE69', {
      name,
      driver: 'bridge',
      ...(subnet !== undefined && gateway !== undefined && { ipamConfig: [{ subnet, gateway }] }),
      labels: [{ label: 'cdktf-trading-stack.stack', value: systemName }],
    });
  }

  image(id: string, name: string): Image {
    return new Image(this, id, { name, keepLocally: true });
  }

  private get noCache(): TerraformVariable {
    const existing = this.node.tryFindChild(NO_CACHE);
    if (existing instanceof TerraformVariable) return existing;
    return new TerraformVariable(this, NO_CACHE, {
      type: 'bool',
      default: false,
      description: 'Whether images that are built or replaced are built without the cache of the builder',
    });
  }

  builtImage(id: string, name: string, context: string, dockerfile = 'Dockerfile'): Image {
    return new Image(this, id, {
      name: `${name}:${HASH}`,
      keepLocally: true,
      triggers: { content: HASH },
      buildAttribute: { context, dockerfile, noCache: this.noCache.value as boolean },
      lifecycle: { ignoreChanges: ['build'] },
    });
  }

  /** The fields that all containers of the system share, and those of this one. */
  container(id: string, image: Image, config: Partial<ContainerConfig>, options: HandWrittenOptions = {}): Container {
    const { secrets = [], inPlace = [], path = id, waits = true } = options;
    const host = id.replace(/_/g, '-');
    const name = `${this.systemName}-${host}`;
    return new Container(this, name, {
      name,
      image: image.imageId,
      env: [],
      labels: [
        { label: 'cdktf-trading-stack.configuration', value: HASH },
        { label: 'cdktf-trading-stack.service', value: id },
        { label: 'cdktf-trading-stack.stack', value: this.systemName },
        ...this.secretsLabel(secrets, inPlace),
      ],
      restart: 'unless-stopped',
      stopTimeout: 30,
      destroyGraceSeconds: 30,
      init: true,
      networksAdvanced: [{ name: this.network.id, aliases: [...new Set([host, id])] }],
      ports: [],
      cpuPeriod: 100_000,
      cpuQuota: 100_000,
      securityOpts: ['no-new-privileges:true'],
      capabilities: { add: [], drop: ['ALL'] },
      logDriver: 'json-file',
      logOpts: { 'max-file': '3', 'max-size': '10m' },
      ...(waits && { wait: true, waitTimeout: 120 }),
      dependsOn: [],
      volumes: [],
      ...config,
      ...(secrets.length > 0 && {
        mounts: secrets.map((secret) => ({
          type: 'bind',
          source: `\${${this.secretFile(secret)}}`,
          target: `/run/secrets/${secret}`,
          readOnly: true,
        })),
        lifecycle: {
          precondition: secrets.map((secret) => ({
            condition: `\${fileexists(${this.secretFile(secret)})}`,
            errorMessage: `${this.systemName}/${path}: the secret ${secret} is missing. The app writes .secrets/${this.systemName}/${secret} in the project's folder with writeSecretFiles(app): run it on this machine`,
          })),
        },
      }),
    });
  }

  /** A container with a program of the desk. */
  program(id: string, image: Image, port: number, config: Partial<ContainerConfig>, options: ProgramOptions = {}) {
    const { probe, restarts = false, ...others } = options;
    const check = httpCheck(id.replace(/_/g, '-'), port, '/health');
    const program = {
      readOnly: true,
      tmpfs: { '/tmp': '' },
      memory: 512,
      memorySwap: 512,
      healthcheck: {
        test: restarts ? restarting(check, { retries: probe?.retries ?? 5 }) : check,
        interval: '5s',
        timeout: '5s',
        retries: 5,
        startInterval: '500ms',
        startPeriod: '30s',
        ...probe,
      },
      ...config,
    };
    return this.container(id, image, program, others);
  }

  /** Replaces the container when the content of a secret changes. */
  private secretsLabel(secrets: readonly string[], inPlace: readonly string[]): { label: string; value: string }[] {
    if (secrets.length === 0) return [];
    const read = `jsondecode(file(${this.secretFile('.versions.json')}))`;
    const versions = secrets.map((secret) => {
      const known = inPlace.includes(secret) ? ['inPlace', 'version'] : ['version'];
      return `try(${known.map((one) => `${read}["${secret}"].${one}`).join(', ')}, "")`;
    });
    return [
      { label: 'cdktf-trading-stack.secrets', value: `\${join(".", [${versions.join(', ')}])}` },
      {
        label: 'cdktf-trading-stack.secrets-folder',
        value: `\${dirname(${this.secretFile(secrets[0] ?? '')})}`,
      },
    ];
  }

  private secretFile(name: string): string {
    return `abspath("\${path.root}/../../../.secrets/${this.systemName}/${name}")`;
  }
}

/**
 * The command of a health check, which people would copy.
 * @param via program of the check; by default the first one that the image has
 */
export function httpCheck(host: string, port: number, path: string, via?: 'wget'): string[] {
  const key = `${host}:${port}${path}`;
  const test = PROBES.get(key) ?? [...HealthCheck.http(port, { path, ...(via && { via }) }).toSpec(host).test];
  PROBES.set(key, test);
  return test;
}

const PROBES = new Map<string, string[]>();

/** The same check, which also restarts its container. */
export function restarting(test: readonly string[], { retries = 5, start = 30 } = {}): string[] {
  const words = restartingTest(test, { retries, grace: 30, start, patience: 300, signal: 'SIGTERM' });
  // Terraform would replace what looks like a variable of its own.
  return words.map((word) => word.replaceAll('${', () => '$${'));
}
