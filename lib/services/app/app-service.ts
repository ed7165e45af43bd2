import { Construct } from 'constructs';
import { alreadyTaken, invalidPath, invalidValue, TradingStackError } from '../../errors';
import { checkOptions, listeningOn, type OptionShapes, required } from '../../options/options';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Endpoint, variablesFor } from '../../workload/connections/endpoint';
import { HealthCheck } from '../../workload/health/health-check';
import { UNPRIVILEGED } from '../../workload/policies/security';
import { checkPort } from '../../workload/policies/published-port';
import {
  type IMonitored,
  type MetricsPanel,
  type MetricsSource,
  PANEL_OPTIONS,
  SCRAPE_OPTIONS,
  type ScrapeOptions,
} from '../../workload/connections/monitored';
import { METRICS_ALERT, type MetricsAlert } from '../../workload/connections/metrics-alert';
import { UpdatePolicy } from '../../workload/policies/update-policy';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { WORKLOAD_PROPS, type WorkloadProps } from '../../workload/workload-props';
import { HTTP_ALERTS } from './http-alerts';
import { HTTP_PANELS } from './http-panels';

/** A further port that a service listens on for others to connect to, such as that of a ZeroMQ socket. */
export interface ZeroMqSocket {
  /** What the socket is for: `market`, `execution`, `vnc`. */
  readonly name: string;
  /** TCP port that the service listens on. */
  readonly port: number;
  /**
   * Variable that passes the port to the service: `ZMQ_EXEC_PORT`.
   * @default - none: the program knows its port
   */
  readonly portVariable?: string;
  /**
   * First part of its URL: `http` for a second HTTP interface, which a `Route` can lead to.
   * @default 'tcp'
   */
  readonly scheme?: string;
}

/** Properties of an {@link AppService}. */
export interface AppServiceProps extends WorkloadProps {
  /**
   * Port of the HTTP interface. The program reads it from `PORT`.
   * @default 8000
   */
  readonly port?: number;
  /**
   * Path that answers with a status below 400 while the service is healthy. It cannot be combined with a `healthCheck`
   * other than `HealthCheck.withTimings`.
   * @default '/health'
   */
  readonly healthPath?: string;
  /**
   * Path of the Prometheus metrics, on the same port.
   * @default '/metrics'
   */
  readonly metricsPath?: string;
  /**
   * How Prometheus asks for the metrics, for example with a `fallbackScrapeProtocol`.
   * @default - over HTTP, at the scrape interval of Prometheus
   */
  readonly scrape?: ScrapeOptions;
  /**
   * Panels of the service on the dashboards.
   * @default - requests, errors, latency, CPU and memory, followed by the panels of the role
   */
  readonly panels?: readonly MetricsPanel[];
  /**
   * Alerts in addition to those of every HTTP service and of the role.
   * @default - none
   */
  readonly alerts?: readonly MetricsAlert[];
  /**
   * Ports that the service listens on in addition to its HTTP port: ZeroMQ sockets, a second HTTP interface.
   * @default - none
   */
  readonly sockets?: readonly ZeroMqSocket[];
  /**
   * Prefix of the variables that a consumer gets: `FEATURE_API` for `FEATURE_API_URL`.
   * @default - the id in upper case
   */
  readonly envPrefix?: string;
}

/** How {@link AppServiceProps} are checked; a role with options of its own spreads them in. */
export const APP_SERVICE_PROPS: OptionShapes<AppServiceProps> = {
  ...WORKLOAD_PROPS,
  port: 'number',
  healthPath: 'string',
  metricsPath: 'string',
  scrape: SCRAPE_OPTIONS,
  panels: [PANEL_OPTIONS],
  alerts: [METRICS_ALERT],
  sockets: [{ name: required('string'), port: required('number'), portVariable: 'string', scheme: 'string' }],
  envPrefix: 'string',
};

/**
 * A program of yours with an HTTP interface. It runs as the `USER` of the Dockerfile that is built, otherwise as user
 * 1000, on a read-only root file system with `/tmp` in memory, and is healthy while its health path answers.
 *
 * @example
 * new AppService(stack, 'market_data', { image, sockets: [{ name: 'market', port: 5556, portVariable: 'ZMQ_MARKET_PORT' }] });
 */
export class AppService extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  /** The HTTP interface. */
  readonly endpoint: Endpoint;
  readonly metrics: MetricsSource;
  private readonly sockets: ReadonlyMap<string, Endpoint>;

  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: AppServiceProps) {
    super(scope, id);
    checkOptions(
      props,
      listeningOn(APP_SERVICE_PROPS, (props as Partial<AppServiceProps> | undefined)?.port ?? 8000),
      this.node.path,
    );
    const { port = 8000, healthPath = '/health', metricsPath = '/metrics', sockets = [], panels = HTTP_PANELS } = props;
    const { envPrefix = variablesFor(id) } = props;
    if (props.healthPath !== undefined && props.healthCheck?.isTimingsOnly === false) {
      const what = 'healthCheck replaces the check that healthPath is for, and both are set';
      throw new TradingStackError('option-conflict', this.node.path, what, 'Remove one of them');
    }
    if (!metricsPath.startsWith('/')) {
      throw invalidPath(this.node.path, 'metricsPath', metricsPath, "a path: '/metrics'");
    }
    this.checkSockets(sockets, checkPort(port, this.node.path));
    refuseOtherPort(props.environment?.PORT, port, this.node.path);

    this.workload = new Workload(this, 'Default', props, {
      environment: {
        PORT: port,
        ...Object.fromEntries(
          sockets.flatMap(({ portVariable, port: number }) =>
            portVariable === undefined ? [] : [[portVariable, number]],
          ),
        ),
      },
      knownPorts: [port, ...sockets.map((socket) => socket.port)],
      otherPortsOption: '`sockets`',
      minimum: { memory: Size.mebibytes(32) },
      defaults: {
        healthCheck: HealthCheck.http(port, { path: healthPath }),
        ...UNPRIVILEGED,
      },
    });

    const { host, addresses: startAfter } = this.workload;
    this.endpoint = new Endpoint(this, { scheme: 'http', host, port, envPrefix, startAfter });
    this.sockets = new Map(
      sockets.map((socket) => [
        socket.name,
        new Endpoint(this, {
          scheme: socket.scheme ?? 'tcp',
          host,
          port: socket.port,
          envPrefix: `${envPrefix}_${socket.name.toUpperCase()}`,
          startAfter,
        }),
      ]),
    );
    this.metrics = {
      job: id,
      target: {
        kind: 'endpoint',
        host,
        port,
        path: metricsPath,
        replicas: this.workload.spec.replicas,
        ...(props.scrape && { scrape: props.scrape }),
      },
      upQuery: 'up{job="$job"}',
      panels,
      alerts: [...HTTP_ALERTS, ...(props.alerts ?? [])],
    };
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  /**
   * The endpoint of one of the `sockets`, for `uses` of others.
   * @throws TradingStackError if there is no socket of that name
   */
  socket(name: string): Endpoint {
    const endpoint = this.sockets.get(name);
    if (endpoint === undefined) {
      const known = [...this.sockets.keys()].map((socket) => `'${socket}'`).join(' or ');
      throw new TradingStackError(
        'unknown-reference',
        this.node.path,
        `it has no socket '${name}'`,
        known === '' ? `Add it to \`sockets\`: { name: '${name}', port: 5555 }` : `Use ${known}`,
      );
    }
    return endpoint;
  }

  private checkSockets(sockets: readonly ZeroMqSocket[], httpPort: number): void {
    const { path } = this.node;
    const takenBy = new Map([[`port ${httpPort}`, 'the HTTP interface']]);
    sockets.forEach(({ name, port, portVariable, scheme = 'tcp' }, index) => {
      const option = `sockets[${index}]`;
      if (!/^[a-z][a-z0-9_]*$/i.test(name)) {
        const allowed = 'letters, digits and underscores: it becomes part of a variable';
        throw invalidValue(path, `${option}.name`, name, allowed);
      }
      if (portVariable === '') throw invalidValue(path, `${option}.portVariable`, portVariable, "a name: 'ZMQ_PORT'");
      if (!/^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme)) {
        throw invalidValue(path, `${option}.scheme`, scheme, "the first part of a URL, without '://': 'http'");
      }
      checkPort(port, `${path}: ${option} '${name}'`);
      const unique = { name, port, ...(portVariable !== undefined && { portVariable }) };
      for (const [property, value] of Object.entries(unique)) {
        const owner = takenBy.get(`${property} ${value}`);
        if (owner !== undefined) {
          const fix = `Use another ${property} for one of them`;
          throw alreadyTaken('socket-taken', path, `${option}.${property}`, String(value), owner, fix);
        }
        takenBy.set(`${property} ${value}`, option);
      }
    });
  }
}

/** The health check, the metrics and the URL that consumers get would use the other port. */
function refuseOtherPort(variable: string | number | boolean | undefined, port: number, where: string): void {
  if (variable === undefined || String(variable) === String(port)) return;
  const what = `the environment variable PORT, which the service sets to ${port}, is set twice, also by \`environment\``;
  const number = Number(variable);
  const option = Number.isInteger(number) && number > 0 ? `\`port: ${number}\`` : '`port`';
  throw new TradingStackError('variable-set-twice', where, what, `Set ${option}, and remove PORT from \`environment\``);
}

/**
 * The properties of a service with the defaults of its role filled in.
 * @param panels shown below those of every HTTP service
 * @param alerts of the role
 */
export function withRoleDefaults<Props extends AppServiceProps>(
  props: Props,
  port: number,
  panels: readonly MetricsPanel[] = [],
  alerts: readonly MetricsAlert[] = [],
): Props {
  return {
    ...props,
    port: props.port ?? port,
    panels: props.panels ?? [...HTTP_PANELS, ...panels],
    alerts: [...alerts, ...(props.alerts ?? [])],
  };
}

/** The properties of a role of which a further instance, even one for seconds, might trade or approve twice. */
export function runsOnce<Props extends AppServiceProps>(props: Props): Props {
  return { ...props, updatePolicy: props.updatePolicy ?? UpdatePolicy.stopFirst() };
}
