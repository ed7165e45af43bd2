import { Construct } from 'constructs';
import { alreadyTaken, invalidValue, TradingStackError, wrongSpelling } from '../../errors';
import { checkFilledText, checkText, hasForm, listOf } from '../../platform/plain-values';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Endpoint, variablesFor } from '../../workload/connections/endpoint';
import { HealthCheck } from '../../workload/health/health-check';
import { UNPRIVILEGED } from '../../workload/policies/security';
import { checkPort } from '../../workload/policies/published-port';
import type { IMonitored, MetricsPanel, MetricsSource } from '../../workload/connections/monitored';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import type { WorkloadProps } from '../../workload/workload-props';

/** A ZeroMQ socket that a service binds, for others to connect to. */
export interface ZeroMqSocket {
  /** What it is for: `market`, `execution`. */
  readonly name: string;
  /** TCP port that it binds. */
  readonly port: number;
  /** Variable in which the service itself gets the port: `ZMQ_EXEC_PORT`. */
  readonly portVariable: string;
}

/** Properties of an {@link AppService}. */
export interface AppServiceProps extends WorkloadProps {
  /**
   * Port of its HTTP interface. The program gets it as `PORT`.
   * @default 8000
   */
  readonly port?: number;
  /**
   * Path that answers below 400 when the service is healthy.
   * @default '/health'
   */
  readonly healthPath?: string;
  /**
   * Path of its Prometheus metrics, on the same port.
   * @default '/metrics'
   */
  readonly metricsPath?: string;
  /**
   * What a dashboard shows of it.
   * @default - requests, errors, latency and memory, and for a role what the role is about
   */
  readonly panels?: readonly MetricsPanel[];
  /**
   * ZeroMQ sockets that it binds.
   * @default - none
   */
  readonly sockets?: readonly ZeroMqSocket[];
  /**
   * Start of the names of a consumer's variables: `FEATURE_API` makes `FEATURE_API_URL`.
   * @default - the id in capitals
   */
  readonly envPrefix?: string;
}

/** What a role brings to its service, beside what its user asks for. */
export interface AppRole {
  /** @default 8000 */
  readonly port?: number;
  /**
   * Shown below the panels of every HTTP service.
   * @default - none
   */
  readonly panels?: readonly MetricsPanel[];
  /**
   * Added to the user's.
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string | number | boolean>>;
  /**
   * Added to the user's.
   * @default - none
   */
  readonly uses?: readonly IConnectable[];
}

/**
 * A program of yours with an HTTP interface. It runs as user 1000 on a read-only root file system with `/tmp` in
 * memory, and is healthy when its health path answers.
 *
 * @example
 * new AppService(stack, 'market_data', { image, sockets: [{ name: 'market', port: 5556, portVariable: 'ZMQ_MARKET_PORT' }] });
 */
export class AppService extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  /** Its HTTP interface. */
  readonly endpoint: Endpoint;
  readonly metrics: MetricsSource;
  private readonly sockets: ReadonlyMap<string, Endpoint>;

  /**
   * @param role what a subclass knows about all programs of its kind
   * @throws TradingStackError for anything that the engine would refuse or that could not work
   */
  constructor(scope: Construct, id: string, props: AppServiceProps, role: AppRole = {}) {
    super(scope, id);
    const { port = role.port ?? 8000, healthPath = '/health', metricsPath = '/metrics', sockets = [] } = props;
    if (!hasForm(metricsPath, /^\//))
      throw invalidValue(this.node.path, 'metricsPath', metricsPath, "a path: '/metrics'");
    if (props.panels !== undefined) checkPanels(props.panels, 'panels', this.node.path);
    this.checkSockets(sockets, checkPort(port, this.node.path));
    const variables = props.envPrefix ?? variablesFor(id);

    this.workload = new Workload(this, 'Default', props, {
      environment: {
        PORT: port,
        ...role.environment,
        ...Object.fromEntries(sockets.map((socket) => [socket.portVariable, socket.port])),
      },
      ...(role.uses !== undefined && { uses: role.uses }),
      knownPorts: [port, ...sockets.map((socket) => socket.port)],
      otherPortsOption: '`sockets`',
      minimum: { memory: Size.mebibytes(32) },
      defaults: {
        healthCheck: HealthCheck.http(port, { path: healthPath }),
        ...UNPRIVILEGED,
      },
    });

    const { host, addresses: startAfter } = this.workload;
    this.endpoint = new Endpoint(this, { scheme: 'http', host, port, envPrefix: variables, startAfter });
    this.sockets = new Map(
      sockets.map((socket) => [
        socket.name,
        new Endpoint(this, {
          scheme: 'tcp',
          host,
          port: socket.port,
          envPrefix: `${variables}_${socket.name.toUpperCase()}`,
          startAfter,
        }),
      ]),
    );
    this.metrics = {
      job: id,
      target: { kind: 'endpoint', host, port, path: metricsPath, replicas: this.workload.spec.replicas },
      upQuery: 'up{job="$job"}',
      panels: props.panels ?? [...HTTP_PANELS, ...(role.panels ?? [])],
    };
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  /**
   * A socket that it binds, to be used by others.
   * @throws TradingStackError if it has no socket of that name
   */
  socket(name: string): Endpoint {
    const endpoint = this.sockets.get(name);
    if (endpoint === undefined) {
      const known = [...this.sockets.keys()].join(', ') || 'none';
      throw new TradingStackError(
        'invalid-value',
        this.node.path,
        `it has no socket '${name}'`,
        `Name one of its sockets (${known})`,
      );
    }
    return endpoint;
  }

  private checkSockets(sockets: readonly ZeroMqSocket[], httpPort: number): void {
    const { path } = this.node;
    checkSocketList(sockets, 'sockets', path);
    const takenBy = new Map([[`port ${httpPort}`, '`port`, its HTTP interface']]);
    sockets.forEach(({ name, port, portVariable: variable }, index) => {
      const option = `sockets[${index}]`;
      checkText(name, `${option}.name`, path);
      checkFilledText(variable, `${option}.variable`, path);
      if (!/^[a-z][a-z0-9_]*$/i.test(name)) {
        const allowed = 'letters, digits and underscores: it becomes part of a variable';
        throw invalidValue(path, `${option}.name`, name, allowed);
      }
      checkPort(port, `${path}: ${option} '${name}'`);
      for (const [property, value] of Object.entries({ name, port, variable })) {
        const owner = takenBy.get(`${property} ${value}`);
        const fix = 'Give one of them another';
        if (owner !== undefined)
          throw alreadyTaken('invalid-value', path, `${option}.${property}`, String(value), owner, fix);
        takenBy.set(`${property} ${value}`, option);
      }
    });
  }
}

const checkPanels = listOf((given, property, where) => {
  if (typeof given === 'object' && given !== null && 'query' in given) return;
  throw wrongSpelling(
    where,
    property,
    given,
    "panels: [{ title: 'Orders', query: 'orders_total', legend: 'orders', unit: 'short' }]",
  );
});

const checkSocketList = listOf((given, property, where) => {
  if (typeof given === 'object' && given !== null) return;
  throw wrongSpelling(
    where,
    property,
    given,
    "sockets: [{ name: 'market', port: 5556, portVariable: 'ZMQ_MARKET_PORT' }]",
  );
});

/** What every HTTP service shows. Metric names as the Prometheus client libraries for HTTP servers spell them. */
export const HTTP_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Requests',
    query: 'sum by (route) (rate(http_requests_total{job="$job"}[5m]))',
    legend: '{{route}}',
    unit: 'reqps',
  },
  {
    title: 'Errors',
    query:
      'sum(rate(http_requests_total{job="$job",status=~"5.."}[5m])) / sum(rate(http_requests_total{job="$job"}[5m]))' +
      // No series has such a status before the first error. `or vector(0)` would say 0 of a service that is down too, or
      // that has no label of that name.
      ' or 0 * sum(rate(http_requests_total{job="$job",status!=""}[5m]))',
    legend: 'share of requests',
    unit: 'percentunit',
  },
  {
    title: 'Latency (95th percentile)',
    query: 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{job="$job"}[5m])))',
    legend: '95 %',
    unit: 's',
  },
  {
    title: 'Memory',
    query: 'process_resident_memory_bytes{job="$job"}',
    legend: '{{instance}}',
    unit: 'bytes',
  },
];
