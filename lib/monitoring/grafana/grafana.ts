import { Construct } from 'constructs';
import { invalidValue } from '../../errors';
import { checkOptions, HINTS, type OptionShapes, required } from '../../options/options';
import { Platform } from '../../platform/platform';
import { COMPOSE_HINTS } from '../../workload/compose-hints';
import { ConfigFile } from '../../workload/storage/config-file';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Volume } from '../../workload/storage/volume';
import { Duration } from '../../workload/units/duration';
import { Endpoint } from '../../workload/connections/endpoint';
import { HealthCheck } from '../../workload/health/health-check';
import { Image } from '../../workload/images/image';
import { type IMonitored, ownMetrics, PROCESS_PANELS } from '../../workload/connections/monitored';
import { type PasswordChange, READ_PASSWORDS } from '../../workload/secrets/password-change';
import { Secret } from '../../workload/secrets/secret';
import { checkVariables, type ReservedSetting } from '../../services/server';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../../workload/workload-props';
import { DATA_SOURCE } from './data-source';
import { DASHBOARDS_FOLDER, GrafanaDashboard } from './grafana-dashboard';
import { checkDataSources, GrafanaDataSource } from './grafana-data-source';
import { Prometheus } from '../prometheus/prometheus';
import { prometheusDuration } from '../prometheus/scrape-configuration';
import type { ScrapedService } from '../scraped-service';

/** Options of a {@link Grafana}: its own, and those of every workload. */
export interface GrafanaOptions extends WorkloadOptions {
  /** @default Image.fromRegistry('grafana/grafana:12.4.9') */
  readonly image?: Image;
  /**
   * Name of the administrator. It takes effect only on the first start with an empty volume.
   * @default 'admin'
   */
  readonly adminUser?: string;
  /**
   * Password of the administrator. It takes effect only on the first start with an empty volume; the command `rotate`
   * changes it later.
   * @default - generated, in the secret file `<id>_admin_password`
   */
  readonly adminPassword?: Secret;
  /**
   * Volume of Grafana's own database: users, sessions, starred dashboards.
   * @default - a retained volume named after the id
   */
  readonly volume?: Volume;
  /**
   * Dashboards of yours, in addition to those of a MonitoringStack. They are read-only in the browser.
   * @default - none
   */
  readonly dashboards?: readonly GrafanaDashboard[];
  /**
   * Data sources in addition to Prometheus.
   * @default - none
   */
  readonly dataSources?: readonly GrafanaDataSource[];
}

/** Properties of a {@link Grafana}. */
export interface GrafanaProps extends GrafanaOptions {
  /** The source of the metrics. */
  readonly prometheus: Prometheus;
}

const PORT = 3000;

/** How {@link GrafanaOptions} are checked. */
export const GRAFANA_OPTIONS: OptionShapes<GrafanaOptions> = {
  ...WORKLOAD_OPTIONS,
  [HINTS]: { ...COMPOSE_HINTS, port: PORT },
  image: Image,
  adminUser: 'string',
  adminPassword: Secret,
  volume: Volume,
  dashboards: [GrafanaDashboard],
  dataSources: [GrafanaDataSource],
};

const GRAFANA_PROPS: OptionShapes<GrafanaProps> = {
  ...GRAFANA_OPTIONS,
  prometheus: required(Prometheus),
};

const PROVISIONING = '/etc/grafana/provisioning';

/**
 * No access without an account, and no connections to the outside for reports, update checks, news or Gravatar images.
 * https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/
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

/** Grafana installs some plugins at the start unless this is set; it would also disable the plugins that a user asks for. */
const NO_PLUGINS: Readonly<Record<string, string>> = { GF_PLUGINS_PREINSTALL_DISABLED: 'true' };
const PLUGINS_REQUESTED = /^GF_(INSTALL_PLUGINS|PLUGINS_PREINSTALL)/;

/**
 * Dashboards for the metrics in Prometheus. The data source and the dashboards are provisioned from files. It starts after
 * Prometheus is healthy, and is reachable from outside only through `ports`.
 *
 * @example
 * new Grafana(stack, 'grafana', { prometheus, ports: [PublishedPort.loopback(3000)] });
 */
export class Grafana extends Construct implements IConnectable, IMonitored {
  /** The metrics of a Grafana that is created later in `scope`: Prometheus is created first and has to know them. */
  static metricsOf(scope: Construct, id: string, options: WorkloadOptions = {}): ScrapedService {
    return describe(id, Workload.hostOf(scope, id, options));
  }

  readonly workload: Workload;
  /** HTTP, port 3000; consumers get `GRAFANA_URL`. */
  readonly endpoint: Endpoint;
  readonly metrics: ScrapedService;
  readonly adminPassword: Secret;

  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: GrafanaProps) {
    super(scope, id);
    checkOptions(props, GRAFANA_PROPS, this.node.path);
    checkVariables(props, RESERVED_VARIABLES, this.node.path);
    this.metrics = Grafana.metricsOf(this, id, props);
    this.adminPassword = props.adminPassword ?? Secret.generated(this, 'admin_password', { boundToData: true });
    this.workload = this.createWorkload(props);
    this.adminPassword.changes.push(adminPasswordChange(this.workload.address));
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
    const { adminUser = 'admin', prometheus, dataSources = [] } = props;
    checkDataSources(dataSources, this.node.path);
    const { image = Image.fromRegistry('grafana/grafana:12.4.9') } = props;
    const { volume = Volume.retained(`${this.node.id}_data`) } = props;
    return new Workload(
      this,
      'Default',
      { ...props, image },
      {
        environment: { GF_SECURITY_ADMIN_USER: adminUser, ...hardening(props) },
        // Grafana's form of the `_FILE` convention: https://grafana.com/docs/grafana/latest/setup-grafana/configure-docker/
        secrets: { GF_SECURITY_ADMIN_PASSWORD__FILE: this.adminPassword },
        rotatedInPlace: [this.adminPassword],
        // Only start order: the data source is provisioned from a file.
        uses: [prometheus.workload],
        files: [dataSourceFile(prometheus, dataSources), dashboardProviderFile(), ...this.dashboardFiles(props)],
        secretFiles: dataSources.flatMap(({ secrets }) => secrets),
        imageEntrypoint: ['/run.sh'],
        volumes: [volume.mountExclusivelyAt('/var/lib/grafana')],
        knownPorts: [PORT],
        minimum: { memory: Size.mebibytes(128) },
        defaults: {
          // The first start creates the tables of its own database.
          healthCheck: HealthCheck.http(PORT, {
            path: '/api/health',
            startPeriod: Duration.minutes(1),
          }),
        },
      },
    );
  }

  private dashboardFiles({ dashboards = [], dataSources = [] }: GrafanaProps): ConfigFile[] {
    const uids = new Set<string>();
    return dashboards.map((dashboard) => {
      const { uid, file } = dashboard.load(Platform.of(this), dataSources, this.node.path);
      if (uids.has(uid)) throw invalidValue(this.node.path, 'the uid of a dashboard', uid, 'one that no other has');
      uids.add(uid);
      return file;
    });
  }
}

/**
 * Grafana reads the file on its first start only; its command line changes the password in its database.
 * https://grafana.com/docs/grafana/latest/administration/cli/#reset-admin-password
 */
function adminPasswordChange(server: string): PasswordChange {
  const reset = 'grafana cli --homepath "$GF_PATHS_HOME" admin reset-admin-password --password-from-stdin';
  return { server, change: ['/bin/sh', '-c', `${READ_PASSWORDS}printf '%s\\n' "$new" | ${reset}`] };
}

/** Consumers and the volume depend on these: https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/ */
const RESERVED_VARIABLES: readonly ReservedSetting[] = [
  {
    names: /^GF_SERVER_(HTTP_PORT|HTTP_ADDR|PROTOCOL)(__FILE)?$/,
    replacement: 'Remove it: consumers connect to 3000 over HTTP; to use another host port, set hostPort in `ports`',
  },
  {
    names: /^GF_PATHS_(DATA|PROVISIONING)(__FILE)?$/,
    replacement:
      'Remove it: data outside of /var/lib/grafana is lost with the container; use `volume` for another volume',
  },
];

/** Variables set by the user take precedence. */
function hardening({ environment = {}, secrets = {} }: WorkloadOptions): Record<string, string> {
  const set = [...Object.keys(environment), ...Object.keys(secrets)];
  const variables = { ...HARDENING, ...(!set.some((variable) => PLUGINS_REQUESTED.test(variable)) && NO_PLUGINS) };
  return Object.fromEntries(Object.entries(variables).filter(([variable]) => !set.includes(variable)));
}

/**
 * With `prune`, so that a data source that is no longer in the file is also deleted from the retained volume.
 * https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources
 */
function dataSourceFile({ endpoint, scrapeInterval }: Prometheus, others: readonly GrafanaDataSource[]): ConfigFile {
  return ConfigFile.fromYaml(`${PROVISIONING}/datasources/prometheus.yaml`, {
    apiVersion: 1,
    prune: true,
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
      ...others.map((source) => source.toEntry()),
    ],
  });
}

/**
 * Without `disableDeletion`, so that a dashboard whose file is gone is also deleted from the retained volume.
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
        options: { path: DASHBOARDS_FOLDER },
      },
    ],
  });
}

function describe(job: string, host: string): ScrapedService {
  return ownMetrics(job, { host, port: PORT }, [
    {
      title: 'HTTP requests',
      query: 'sum by (status_code) (rate(grafana_http_request_duration_seconds_count{job="$job"}[$__rate_interval]))',
      legend: '{{status_code}}',
      unit: 'reqps',
    },
    ...PROCESS_PANELS,
  ]);
}
