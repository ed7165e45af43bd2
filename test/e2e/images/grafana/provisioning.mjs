/** Reads the provisioning files: data sources, dashboard providers and the dashboards they name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import { ConfigurationError, generatedUid } from './settings.mjs';

/** The data sources of all files, by name: a later file changes what an earlier one has named. */
export function readDatasources(directory, environment) {
  const byName = new Map();
  for (const { path, content } of readFiles(join(directory, 'datasources'), environment)) {
    for (const entry of listOf(content, 'datasources', path)) {
      required(entry, ['name', 'type'], path);
      byName.set(entry.name, {
        id: 0,
        uid: entry.uid ?? generatedUid(entry.name),
        orgId: entry.orgId ?? 1,
        name: entry.name,
        type: entry.type,
        typeName: entry.type,
        access: entry.access ?? 'proxy',
        url: entry.url ?? '',
        user: entry.user ?? '',
        database: entry.database ?? '',
        basicAuth: entry.basicAuth ?? false,
        basicAuthUser: entry.basicAuthUser ?? '',
        isDefault: entry.isDefault ?? false,
        jsonData: entry.jsonData ?? {},
        readOnly: entry.editable !== true,
        // Never returned, as in Grafana.
        secureJsonData: entry.secureJsonData ?? {},
      });
    }
  }
  const all = [...byName.values()];
  if (all.filter((source) => source.isDefault).length > 1) {
    throw new ConfigurationError('only one data source per organization can be marked as default');
  }
  const twice = all.find((source, index) => all.some((other, at) => at < index && other.uid === source.uid));
  if (twice !== undefined) {
    throw new ConfigurationError(`two data sources have the uid ${twice.uid}`);
  }
  all.forEach((source, index) => (source.id = index + 1));
  return all;
}

/** The dashboard providers of all files. */
export function readProviders(directory, environment) {
  const providers = [];
  for (const { path, content } of readFiles(join(directory, 'dashboards'), environment)) {
    // A file that is a bare list is the old form, which Grafana still reads.
    const entries = Array.isArray(content) ? content : listOf(content, 'providers', path);
    for (const entry of entries) {
      const folder = entry?.options?.path ?? entry?.options?.folder;
      if (entry?.type !== undefined && entry.type !== 'file') {
        throw new ConfigurationError(`${path}: a provider has the type ${entry.type}, not file`);
      }
      if (!folder) {
        throw new ConfigurationError(`${path}: a provider has no options.path`);
      }
      const name = entry.name ?? 'default';
      if (providers.some((provider) => provider.name === name)) {
        throw new ConfigurationError(`${path}: the provider name ${name} is not unique`);
      }
      providers.push({
        name,
        path: folder,
        folder: entry.folder ?? '',
        folderUid: entry.folderUid ?? '',
        foldersFromFilesStructure: entry.options.foldersFromFilesStructure ?? false,
        allowUiUpdates: entry.allowUiUpdates ?? false,
      });
    }
  }
  return providers;
}

/**
 * The dashboards that the providers name now. An unusable one is reported through `complain` and skipped, as in
 * Grafana: only an error in a provisioning file keeps the server from starting.
 */
export function readDashboards(providers, complain) {
  const dashboards = [];
  for (const provider of providers) {
    if (!existsSync(provider.path)) {
      complain(`provider ${provider.name}: cannot read directory ${provider.path}`);
      continue;
    }
    for (const file of jsonFilesUnder(provider.path)) {
      let dashboard;
      try {
        dashboard = JSON.parse(readFileSync(file, 'utf8'));
        if (!dashboard.title) {
          throw new Error('Dashboard title cannot be empty');
        }
      } catch (error) {
        complain(`failed to load dashboard from ${file}: ${error.message}`);
        continue;
      }
      const uid = dashboard.uid || generatedUid(file).toLowerCase();
      if (dashboards.some((other) => other.uid === uid)) {
        complain(`the dashboard uid ${uid} of ${file} is used more than once`);
        continue;
      }
      const folder = folderOf(provider, file);
      dashboards.push({
        id: dashboards.length + 1,
        uid,
        provider,
        externalId: relative(provider.path, file),
        folder,
        folderUid: folder === '' ? '' : provider.folderUid || slug(folder),
        dashboard: { ...dashboard, uid, id: dashboards.length + 1 },
      });
    }
  }
  return dashboards;
}

/** A title in the form that URLs have. */
export function slug(title) {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

function folderOf(provider, file) {
  if (!provider.foldersFromFilesStructure) {
    return provider.folder;
  }
  const parent = dirname(file);
  return parent === provider.path ? '' : basename(parent);
}

function jsonFilesUnder(directory) {
  return readdirSync(directory, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      // Links to folders are not followed: a mounted file or folder is not a link.
      if (entry.isDirectory()) {
        return jsonFilesUnder(path);
      }
      return entry.name.endsWith('.json') ? [path] : [];
    });
}

function readFiles(directory, environment) {
  if (!existsSync(directory)) {
    return [];
  }
  let names;
  try {
    names = readdirSync(directory).filter((name) => /\.ya?ml$/.test(name));
  } catch (error) {
    throw new ConfigurationError(`cannot read ${directory}: ${error.message}`);
  }
  return names.sort().map((name) => {
    const path = join(directory, name);
    try {
      return { path, content: interpolated(parse(readFileSync(path, 'utf8')), environment) };
    } catch (error) {
      const reason = error.message.split('\n')[0];
      throw new ConfigurationError(`${path} is not a valid provisioning file: ${reason}`);
    }
  });
}

/** Values may name variables and files: `$X`, `${X}`, `$__env{X}` and `$__file{/path}`; `$$` is `$`. */
function interpolated(value, environment) {
  if (typeof value === 'string') {
    const pattern = /\$\$|\$__file\{([^}]+)\}|\$__env\{([^}]+)\}|\$\{(\w+)\}|\$([A-Za-z_]\w*)/g;
    return value.replace(pattern, (all, file, variable, braced, bare) => {
      if (all === '$$') {
        return '$';
      }
      return file === undefined ? (environment[variable ?? braced ?? bare] ?? '') : readFileSync(file, 'utf8').trim();
    });
  }
  if (Array.isArray(value)) {
    return value.map((item) => interpolated(item, environment));
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolated(item, environment)]));
  }
  return value;
}

function listOf(content, key, path) {
  if (content === null || typeof content !== 'object' || Array.isArray(content)) {
    throw new ConfigurationError(`${path} is not a valid provisioning file: not a mapping`);
  }
  if (content.apiVersion !== 1) {
    throw new ConfigurationError(`${path} is not a valid provisioning file: apiVersion is not 1`);
  }
  const list = content[key] ?? [];
  if (!Array.isArray(list)) {
    throw new ConfigurationError(`${path} is not a valid provisioning file: ${key} is not a list`);
  }
  return list;
}

function required(entry, keys, path) {
  for (const key of keys) {
    if (typeof entry?.[key] !== 'string' || entry[key] === '') {
      throw new ConfigurationError(`${path}: an entry has no ${key}`);
    }
  }
}
