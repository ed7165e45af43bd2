import { invalidName, invalidValue } from '../../errors';
import { checkOptions, each, type OptionShapes, required } from '../../options/options';
import type { BasicAuth } from '../../workload/connections/monitored';
import { Secret } from '../../workload/secrets/secret';
import { DATA_SOURCE } from './data-source';

/**
 * Options of a {@link GrafanaDataSource}, as Grafana names them:
 * https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources
 */
export interface GrafanaDataSourceOptions {
  /** Plugin that reads it: `grafana-postgresql-datasource`, `influxdb`, `loki`, `prometheus`. */
  readonly type: string;
  /**
   * By which dashboards refer to it.
   * @default - the name, with `-` for everything but letters and digits
   */
  readonly uid?: string;
  /**
   * Address for Grafana: `db:5432` for PostgreSQL, `http://loki:3100`.
   * @default - none
   */
  readonly url?: string;
  /** @default - none */
  readonly user?: string;
  /** @default - none */
  readonly database?: string;
  /**
   * For a server or a proxy in front of it that asks for a user name and a password over HTTP: Loki, Prometheus.
   * @default - none
   */
  readonly basicAuth?: BasicAuth;
  /**
   * Settings of the plugin.
   * @default - none
   */
  readonly jsonData?: Readonly<Record<string, unknown>>;
  /**
   * Passwords and tokens, by the name that the plugin gives them: `password`, `token`. Grafana reads them from files.
   * @default - none
   */
  readonly secureJsonData?: Readonly<Record<string, Secret>>;
}

const OPTIONS: OptionShapes<GrafanaDataSourceOptions> = {
  type: required('string'),
  uid: 'string',
  url: 'string',
  user: 'string',
  database: 'string',
  basicAuth: { username: required('string'), password: required(Secret) },
  jsonData: 'object',
  secureJsonData: each(Secret),
};

/**
 * A data source of Grafana, in addition to the Prometheus of the stack.
 *
 * @example
 * dataSources: [
 *   new GrafanaDataSource('Trades', {
 *     type: 'grafana-postgresql-datasource',
 *     url: `${database.endpoint.host}:5432`,
 *     user: 'grafana',
 *     secureJsonData: { password },
 *     jsonData: { database: 'desk', sslmode: 'disable' },
 *   }),
 * ]
 */
export class GrafanaDataSource {
  readonly type: string;
  readonly uid: string;

  /**
   * @param name shown in Grafana
   * @throws TradingStackError for an unknown option, and if the name or the uid is invalid
   */
  constructor(
    readonly name: string,
    private readonly options: GrafanaDataSourceOptions,
  ) {
    const where = 'GrafanaDataSource';
    if (name.trim() === '') throw invalidName(where, 'the name', name, "a name: 'Trades'");
    checkOptions(options, OPTIONS, where);
    this.type = options.type;
    this.uid = options.uid ?? name.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 40);
    if (!/^[A-Za-z0-9_-]{1,40}$/.test(this.uid)) {
      throw invalidValue(where, 'uid', this.uid, 'at most 40 letters, digits, - and _');
    }
  }

  /** The secrets that Grafana reads. */
  get secrets(): readonly Secret[] {
    return Object.values(this.secureJsonData);
  }

  /** Its entry in the file that Grafana is provisioned with. */
  toEntry(): object {
    const { uid: _uid, secureJsonData: _passwords, basicAuth, ...options } = this.options;
    const passwords = Object.entries(this.secureJsonData);
    return {
      name: literal(this.name),
      uid: this.uid,
      access: 'proxy',
      editable: false,
      ...(literalDeep(options) as object),
      ...(basicAuth && { basicAuth: true, basicAuthUser: literal(basicAuth.username) }),
      ...(passwords.length > 0 && {
        secureJsonData: Object.fromEntries(passwords.map(([name, secret]) => [name, `$__file{${secret.path}}`])),
      }),
    };
  }

  private get secureJsonData(): Readonly<Record<string, Secret>> {
    const { basicAuth, secureJsonData } = this.options;
    return { ...secureJsonData, ...(basicAuth && { basicAuthPassword: basicAuth.password }) };
  }
}

/** @throws TradingStackError if two data sources have the same name or uid, or one has those of Prometheus */
export function checkDataSources(sources: readonly GrafanaDataSource[], where: string): void {
  const seen = { name: new Set(['Prometheus']), uid: new Set([DATA_SOURCE.uid]) };
  for (const [index, source] of sources.entries()) {
    for (const property of ['name', 'uid'] as const) {
      if (seen[property].has(source[property])) {
        const at = `the ${property} of dataSources[${index}]`;
        throw invalidValue(where, at, source[property], 'a value that no other data source has');
      }
      seen[property].add(source[property]);
    }
  }
}

/** Grafana replaces variables of its environment in these files; two dollar signs are one. */
function literal(text: string): string {
  return text.replace(/\$/g, '$$$$');
}

function literalDeep(value: unknown): unknown {
  if (typeof value === 'string') return literal(value);
  if (Array.isArray(value)) return value.map(literalDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literalDeep(item)]));
}
