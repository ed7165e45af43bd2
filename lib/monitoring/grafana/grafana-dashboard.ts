import { readFileSync } from 'node:fs';
import { invalidValue, TradingStackError } from '../../errors';
import type { Platform } from '../../platform/platform';
import { ConfigFile } from '../../workload/storage/config-file';
import { DATA_SOURCE } from './data-source';
import type { GrafanaDataSource } from './grafana-data-source';

/** Where Grafana looks for its dashboards. */
export const DASHBOARDS_FOLDER = '/etc/grafana/dashboards';

/**
 * A dashboard of your own.
 *
 * @example
 * grafana: { dashboards: [GrafanaDashboard.fromFile('dashboards/latency.json')] }
 */
export class GrafanaDashboard {
  /**
   * A JSON file that Grafana exported, or that was downloaded from grafana.com. The data sources that such a file asks for
   * when it is imported (`__inputs`) become those of the stack: Prometheus, or the only one of its type in `dataSources`.
   * @param source path, relative to the project's folder
   */
  static fromFile(source: string): GrafanaDashboard {
    const read = (platform: Platform, where: string): unknown => {
      const path = platform.projectDirectory.locateExisting(source, 'dashboard', where);
      return parseJson(readFileSync(path, 'utf8'), source, where);
    };
    return new GrafanaDashboard(read, `the dashboard '${source}'`);
  }

  /**
   * The JSON model, with its `uid`:
   * https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/
   */
  static fromModel(model: object): GrafanaDashboard {
    return new GrafanaDashboard(() => model, 'the dashboard');
  }

  private constructor(
    private readonly read: (platform: Platform, where: string) => unknown,
    private readonly subject: string,
  ) {}

  /**
   * The dashboard as Grafana is provisioned with it.
   * @param sources the data sources other than Prometheus
   * @throws TradingStackError if the file does not exist or is not a dashboard, or if it needs another data source
   */
  load(platform: Platform, sources: readonly GrafanaDataSource[], where: string): LoadedDashboard {
    const at = `${where}: ${this.subject}`;
    const given = this.read(platform, where);
    if (!isObject(given)) throw notADashboard(at, 'it is not a JSON object');
    // Grafana's API wraps the model: https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/
    const model = isObject(given.dashboard) && given.title === undefined ? given.dashboard : given;
    const { uid } = model;
    if (typeof uid !== 'string' || !/^[A-Za-z0-9_-]{1,40}$/.test(uid)) {
      throw invalidValue(at, 'uid', uid, "at most 40 letters, digits, - and _, unique in Grafana: 'desk-latency'");
    }
    return { uid, file: ConfigFile.fromJson(`${DASHBOARDS_FOLDER}/${uid}.json`, withInputs(model, sources, at)) };
  }
}

/** A dashboard that was read. */
export interface LoadedDashboard {
  readonly uid: string;
  readonly file: ConfigFile;
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(given: unknown): given is JsonObject {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

function parseJson(text: string, source: string, where: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw notADashboard(`${where}: the dashboard '${source}'`, `it is not JSON: ${(error as Error).message}`);
  }
}

/** Grafana fills these in when a person imports a dashboard, but not in one that it is provisioned with. */
function withInputs(model: JsonObject, sources: readonly GrafanaDataSource[], where: string): JsonObject {
  if (!Array.isArray(model.__inputs)) return model;
  const { __inputs: inputs, __requires: _requires, ...rest } = model;
  const values = new Map((inputs as unknown[]).map((input) => inputValue(input, sources, where)));
  return filled(rest, values) as JsonObject;
}

function inputValue(input: unknown, sources: readonly GrafanaDataSource[], where: string): [string, string] {
  const { name, type, pluginId, value } = isObject(input) ? input : {};
  if (type === 'constant' && typeof value === 'string') return [String(name), value];
  if (pluginId === DATA_SOURCE.type) return [String(name), DATA_SOURCE.uid];
  const [source, another] = sources.filter((one) => one.type === pluginId);
  if (source !== undefined && another === undefined) return [String(name), source.uid];
  const found = source === undefined ? 'none of that type' : 'several of that type';
  throw notADashboard(
    where,
    `its input ${String(name)} asks for a data source of the type ${String(pluginId)}, and \`dataSources\` has ${found}`,
    `Replace \${${String(name)}} in the file with the uid of a data source`,
  );
}

function filled(value: unknown, values: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string')
    return value.replace(/\$\{(\w+)\}/g, (whole, name: string) => values.get(name) ?? whole);
  if (Array.isArray(value)) return value.map((item) => filled(item, values));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, values)]));
}

function notADashboard(
  where: string,
  what: string,
  fix = 'Export it in Grafana with Share, Export, Save to file',
): TradingStackError {
  return new TradingStackError('config-file-invalid', where, what, fix);
}
