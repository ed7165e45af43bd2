import { Construct } from 'constructs';
import { ConfigFile } from '../workload/storage/config-file';
import type { Connection, IConnectable } from '../workload/connections/connection';
import { Cpu } from '../workload/units/cpu';
import { type Volume, serverVolume } from '../workload/storage/volume';
import { Duration } from '../workload/units/duration';
import { Endpoint } from '../workload/connections/endpoint';
import { HealthCheck } from '../workload/health/health-check';
import { Image } from '../workload/images/image';
import type { IMonitored } from '../workload/connections/monitored';
import { Secret } from '../workload/secrets/secret';
import { checkVariables, type ReservedSetting } from '../services/server';
import { Size } from '../workload/units/size';
import { Workload } from '../workload/workload';
import type { WorkloadOptions } from '../workload/workload-props';
import { type Dashboard, DATA_SOURCE } from './dashboard';
import type { Prometheus } from './prometheus';
import { prometheusDuration } from './prometheus-configuration';
import type { ScrapedService } from './scraped-service';

/** Options of a {@link Grafana}: its own, and those of every workload. */
export interface GrafanaOptions extends WorkloadOptions {
  /** @default Image.fromRegistry('grafana/grafana:12.4.9') */
  readonly image?: Image;
  /**
   * Name of the administrator. Grafana takes it on the first start with an empty volume only.
   * @default 'admin'
   */
  readonly adminUser?: string;
  /**
   * Password of the administrator. Grafana takes it on the first start with an empty volume only; later
   * `grafana cli admin reset-admin-password` inside the container changes it.
   * @default - a generated one, in the secret file `<id>_admin_password`
   */
  readonly adminPassword?: Secret;
  /**
   * Where its own database is: users, sessions, what people starred.
   * @default - a kept volume with the id in its name
   */
  readonly volume?: Volume;
}

/** Properties of a {@link Grafana}. */
export interface GrafanaProps extends GrafanaOptions {
  /** Where the metrics come from. */
  readonly prometheus: Prometheus;
  /**
   * What it shows. Changes that somebody makes in the browser are not kept.
   * @default - no dashboard
   */
  readonly dashboards?: readonly Dashboard[];
}

const PORT = 3000;
const PROVISIONING = '/etc/grafana/provisioning';
const DASHBOARDS = '/etc/grafana/dashboards';

/**
 * Nobody gets in without an account, and nothing is told to or asked of the outside: no plugins of the day at the start,
 * no news, no pictures of its users. https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/
 */
const HARDENING: Readonly<Record<string, string>> = {
  GF_USERS_ALLOW_SIGN_UP: 'false',
  GF_AUTH_ANONYMOUS_ENABLED: 'false',
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
  GF_NEWS_NEWS_FEED_ENABLED: 'false',
  GF_SECURITY_DISABLE_GRAVATAR: 'true',
};

/** Who names plugins wants them installed. */
const NO_PLUGINS: Readonly<Record<string, string>> = { GF_PLUGINS_PREINSTALL_DISABLED: 'true' };
const PLUGINS_ASKED = /^GF_(INSTALL_PLUGINS|PLUGINS_PREINSTALL)/;

/**
 * Shows what Prometheus knows. Its data source and dashboards are files, so a deploy brings them and nobody clicks
 * them together. It starts after Prometheus is healthy, and is reached from outside only if it is published.
 *
 * @example
 * new Grafana(stack, 'grafana', { prometheus, ports: [PublishedPort.loopback(3000)] });
 */
export class Grafana extends Construct implements IConnectable, IMonitored {
  /** The metrics of a Grafana that is going to be created in `scope`; Prometheus has to know them before. */
  static metricsOf(scope: Construct, id: string, options: WorkloadOptions = {}): ScrapedService {
    return describe(id, Workload.hostOf(scope, id, options));
  }

  readonly workload: Workload;
  /** HTTP, port 3000; consumers get `GRAFANA_URL`. */
  readonly endpoint: Endpoint;
  readonly metrics: ScrapedService;
  readonly adminPassword: Secret;

  /** @throws TradingStackError for anything that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: GrafanaProps) {
    super(scope, id);
    checkVariables(props, RESERVED_VARIABLES, this.node.path);
    this.metrics = Grafana.metricsOf(this, id, props);
    this.adminPassword = props.adminPassword ?? Secret.generated(this, 'admin_password', { boundToData: true });
    this.workload = this.createWorkload(props);
    this.endpoint = new Endpoint(this, {
      scheme: 'http',
      host: this.workload.host,
      port: PORT,
      envPrefix: 'GRAFANA',
      startAfter: [this.workload.address],
    });
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  private createWorkload(props: GrafanaProps): Workload {
    const { adminUser = 'admin', prometheus, dashboards = [] } = props;
    const volume = serverVolume(props.volume, `${this.node.id}_data`, 'volume', this.node.path);
    const image = props.image ?? Image.fromRegistry('grafana/grafana:12.4.9');
    return new Workload(
      this,
      'Default',
      { ...props, image },
      {
        environment: { GF_SECURITY_ADMIN_USER: adminUser, ...hardening(props) },
        // Grafana's spelling of the convention: https://grafana.com/docs/grafana/latest/setup-grafana/configure-docker/
        secrets: { GF_SECURITY_ADMIN_PASSWORD__FILE: this.adminPassword },
        // The start order without the variables: the data source is a file.
        uses: [prometheus.workload],
        files: [dataSourceFile(prometheus), dashboardProviderFile(), ...dashboards.map(dashboardFile)],
        imageEntrypoint: ['/run.sh'],
        volumes: [volume.mountExclusivelyAt('/var/lib/grafana')],
        knownPorts: [PORT],
        minimum: { memory: Size.mebibytes(128) },
        defaults: {
          // The first start makes the tables of its own database.
          healthCheck: HealthCheck.http(PORT, {
            path: '/api/health',
            startPeriod: Duration.minutes(1),
          }),
          // https://grafana.com/docs/grafana/latest/setup-grafana/installation/#hardware-recommendations
          resources: { cpus: Cpu.cores(1), memory: Size.mebibytes(512) },
        },
      },
    );
  }
}

/** Variables that others rely on: https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/ */
const RESERVED_VARIABLES: readonly ReservedSetting[] = [
  {
    names: /^GF_SERVER_(HTTP_PORT|HTTP_ADDR|PROTOCOL)(__FILE)?$/,
    replacement: 'Leave it out: others are told of HTTP on 3000, and `ports` gives it another port outside',
  },
  {
    names: /^GF_PATHS_(DATA|PROVISIONING)(__FILE)?$/,
    replacement: 'Leave it out, or give volume: elsewhere the data goes with the container',
  },
];

/** Where somebody wants one of them otherwise, that holds. */
function hardening({ environment = {}, secrets = {} }: WorkloadOptions): Record<string, string> {
  const asked = [...Object.keys(environment), ...Object.keys(secrets)];
  const variables = { ...HARDENING, ...(!asked.some((one) => PLUGINS_ASKED.test(one)) && NO_PLUGINS) };
  return Object.fromEntries(Object.entries(variables).filter(([variable]) => !asked.includes(variable)));
}

/** https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources */
function dataSourceFile({ endpoint, scrapeInterval }: Prometheus): ConfigFile {
  return ConfigFile.fromYaml(`${PROVISIONING}/datasources/prometheus.yaml`, {
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        ...DATA_SOURCE,
        access: 'proxy',
        url: `http://${endpoint.host}:${endpoint.port}`,
        isDefault: true,
        editable: false,
        jsonData: { httpMethod: 'POST', timeInterval: prometheusDuration(scrapeInterval) },
      },
    ],
  });
}

/**
 * Without `disableDeletion`: a dashboard whose file is gone has to leave the kept volume too.
 * https://grafana.com/docs/grafana/latest/administration/provisioning/#dashboards
 */
function dashboardProviderFile(): ConfigFile {
  return ConfigFile.fromYaml(`${PROVISIONING}/dashboards/trading.yaml`, {
    apiVersion: 1,
    providers: [
      {
        name: 'trading',
        folder: 'Trading',
        type: 'file',
        allowUiUpdates: false,
        options: { path: DASHBOARDS },
      },
    ],
  });
}

function dashboardFile({ uid, model }: Dashboard): ConfigFile {
  return ConfigFile.fromJson(`${DASHBOARDS}/${uid}.json`, model);
}

function describe(job: string, host: string): ScrapedService {
  return {
    job,
    target: { kind: 'endpoint', host, port: PORT, path: '/metrics' },
    upQuery: 'up{job="$job"}',
    panels: [
      {
        title: 'HTTP requests',
        query: 'sum by (status_code) (rate(grafana_http_request_duration_seconds_count{job="$job"}[5m]))',
        legend: '{{status_code}}',
        unit: 'reqps',
      },
      { title: 'Memory', query: 'process_resident_memory_bytes{job="$job"}', legend: 'resident', unit: 'bytes' },
    ],
  };
}
