/**
 * A stand-in for Grafana: it reads Grafana's environment and provisioning files and answers
 *
 * - `/api/health`, `/metrics` and `/login` to anyone,
 * - `/api/datasources`, `/api/datasources/uid/:uid`, `/api/datasources/name/:name`,
 *   `/api/datasources/proxy/uid/:uid/*`, `/api/search` and `/api/dashboards/uid/:uid` to the
 *   administrator (basic authentication).
 *
 * Everything else of Grafana is missing, and answered with 404.
 */
import { createServer } from 'node:http';
import { readDashboards, readDatasources, readProviders, slug } from './provisioning.mjs';
import { administrator, ConfigurationError, readSecretFiles } from './settings.mjs';

const VERSION = '12.4.9';
const COMMIT = 'stand-in';
/** Default interval at which Grafana checks for changed dashboards. */
const DASHBOARD_INTERVAL_MS = 10_000;

const log = (level, message) =>
  process.stdout.write(`logger=stand-in t=${new Date().toISOString()} level=${level} msg=${JSON.stringify(message)}\n`);

function start() {
  const environment = readSecretFiles(process.env);
  const account = administrator(environment);
  const provisioning = environment.GF_PATHS_PROVISIONING;
  const datasources = readDatasources(provisioning, environment);
  const providers = readProviders(provisioning, environment);

  const state = { account, datasources, dashboards: [] };
  let told = '';
  const refresh = () => {
    const complaints = [];
    state.dashboards = readDashboards(providers, (complaint) => complaints.push(complaint));
    // Reported only when it changes.
    if (complaints.join() !== told) {
      complaints.forEach((complaint) => log('error', complaint));
      told = complaints.join();
    }
  };
  refresh();
  setInterval(refresh, DASHBOARD_INTERVAL_MS).unref();

  const server = createServer((request, response) => {
    answer(state, request, response).catch((error) => {
      log('error', `${request.method} ${request.url}: ${error.message}`);
      if (!response.headersSent) {
        json(response, 500, { message: 'Internal Server Error' });
      }
      response.end();
    });
  });
  const port = Number(environment.GF_SERVER_HTTP_PORT || 3000);
  server.listen(port, () => {
    log(
      'info',
      `HTTP Server Listen on port ${port}: ${datasources.length} data sources, ` +
        `${state.dashboards.length} dashboards (a stand-in, not Grafana)`,
    );
  });

  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      log('info', `Shutdown started: ${signal}`);
      server.close(() => process.exit(0));
      server.closeAllConnections();
    });
  }
}

async function answer(state, request, response) {
  const url = new URL(request.url, 'http://stand-in');
  const path = decodeURIComponent(url.pathname);

  if (path === '/api/health') {
    return json(response, 200, { database: 'ok', version: VERSION, commit: COMMIT });
  }
  if (path === '/metrics') {
    return text(response, metrics(state));
  }
  if (path === '/login') {
    return text(response, 'A stand-in for Grafana: it has no pages.\n');
  }
  if (path === '/') {
    response.writeHead(302, { location: '/login' });
    return response.end();
  }
  if (!path.startsWith('/api/')) {
    return json(response, 404, { message: 'Not found' });
  }

  const credentials = basicCredentials(request);
  if (credentials === undefined) {
    return json(response, 401, { message: 'Unauthorized' });
  }
  if (!state.account.accepts(credentials.user, credentials.password)) {
    return json(response, 401, { message: 'Invalid username or password' });
  }

  const proxy = /^\/api\/datasources\/proxy\/uid\/([^/]+)(\/.*)?$/.exec(path);
  if (proxy !== null) {
    // From the raw URL: decoding would change its escapes.
    const rest = url.pathname.split('/').slice(6).join('/');
    return forward(state, proxy[1], `${rest}${url.search}`, request, response);
  }
  if (request.method !== 'GET') {
    return json(response, 404, { message: 'Not found' });
  }
  if (path === '/api/datasources') {
    return json(response, 200, state.datasources.map(publicSource));
  }
  const one = /^\/api\/datasources\/(uid|name)\/([^/]+)$/.exec(path);
  if (one !== null) {
    const source = state.datasources.find((candidate) => candidate[one[1]] === one[2]);
    return source === undefined
      ? json(response, 404, { message: 'Data source not found' })
      : json(response, 200, publicSource(source));
  }
  if (path === '/api/search') {
    return json(response, 200, search(state.dashboards, url.searchParams));
  }
  const dashboard = /^\/api\/dashboards\/uid\/([^/]+)$/.exec(path);
  if (dashboard !== null) {
    const found = state.dashboards.find((candidate) => candidate.uid === dashboard[1]);
    return found === undefined
      ? json(response, 404, { message: 'Dashboard not found' })
      : json(response, 200, { meta: metaOf(found), dashboard: found.dashboard });
  }
  return json(response, 404, { message: 'Not found' });
}

/** Sends a request on to a data source, as the administrator's browser has Grafana do it. */
async function forward(state, uid, rest, request, response) {
  const source = state.datasources.find((candidate) => candidate.uid === uid);
  if (source === undefined) {
    return json(response, 404, { message: 'Unable to find datasource' });
  }
  const headers = {};
  for (const name of ['content-type', 'accept']) {
    if (request.headers[name] !== undefined) {
      headers[name] = request.headers[name];
    }
  }
  if (source.basicAuth) {
    const password = source.secureJsonData.basicAuthPassword ?? '';
    const pair = Buffer.from(`${source.basicAuthUser}:${password}`).toString('base64');
    headers.authorization = `Basic ${pair}`;
  }
  const body = [];
  for await (const chunk of request) {
    body.push(chunk);
  }
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  let result;
  let content;
  try {
    result = await fetch(`${source.url.replace(/\/$/, '')}/${rest}`, {
      method: request.method,
      headers,
      body: hasBody ? Buffer.concat(body) : undefined,
      signal: AbortSignal.timeout(30_000),
    });
    content = Buffer.from(await result.arrayBuffer());
  } catch (error) {
    log('error', `data source ${uid}: ${error.cause?.message ?? error.message}`);
    return json(response, 502, { message: 'Bad Gateway' });
  }
  response.writeHead(result.status, {
    'content-type': result.headers.get('content-type') ?? 'application/octet-stream',
  });
  return response.end(content);
}

function search(dashboards, parameters) {
  const query = (parameters.get('query') ?? '').toLowerCase();
  const type = parameters.get('type');
  const folders = new Map(
    dashboards.filter(({ folder }) => folder !== '').map((entry) => [entry.folderUid, entry.folder]),
  );
  const hits = [
    ...[...folders].map(([uid, title]) => ({
      uid,
      title,
      uri: `db/${slug(title)}`,
      url: `/dashboards/f/${uid}/${slug(title)}`,
      type: 'dash-folder',
      tags: [],
      isStarred: false,
    })),
    ...dashboards.map((entry) => ({
      id: entry.id,
      uid: entry.uid,
      title: entry.dashboard.title,
      uri: `db/${slug(entry.dashboard.title)}`,
      url: `/d/${entry.uid}/${slug(entry.dashboard.title)}`,
      type: 'dash-db',
      tags: entry.dashboard.tags ?? [],
      isStarred: false,
      ...(entry.folder === '' ? {} : { folderUid: entry.folderUid, folderTitle: entry.folder }),
    })),
  ];
  return hits.filter((hit) => (type === null || hit.type === type) && hit.title.toLowerCase().includes(query));
}

function metaOf({ dashboard, folder, folderUid, externalId, provider }) {
  return {
    type: 'db',
    slug: slug(dashboard.title),
    url: `/d/${dashboard.uid}/${slug(dashboard.title)}`,
    folderTitle: folder === '' ? 'General' : folder,
    folderUid,
    canSave: provider.allowUiUpdates,
    provisioned: true,
    provisionedExternalId: externalId,
  };
}

function publicSource({ secureJsonData, ...source }) {
  const secureJsonFields = Object.fromEntries(Object.keys(secureJsonData).map((key) => [key, true]));
  return { ...source, secureJsonFields };
}

function metrics({ datasources, dashboards }) {
  const lines = [
    ['grafana_build_info', 'gauge', `{version="${VERSION}",revision="${COMMIT}"}`, 1],
    ['grafana_stat_totals_dashboard', 'gauge', '', dashboards.length],
    ['grafana_stat_totals_datasource', 'gauge', '', datasources.length],
    ['process_resident_memory_bytes', 'gauge', '', process.memoryUsage.rss()],
  ];
  return lines.map(([name, type, labels, value]) => `# TYPE ${name} ${type}\n${name}${labels} ${value}\n`).join('');
}

function basicCredentials(request) {
  const match = /^Basic (.+)$/i.exec(request.headers.authorization ?? '');
  if (match === null) {
    return undefined;
  }
  const [user, ...password] = Buffer.from(match[1], 'base64').toString('utf8').split(':');
  return { user, password: password.join(':') };
}

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify(body));
}

function text(response, body) {
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  response.end(body);
}

try {
  start();
} catch (error) {
  if (!(error instanceof ConfigurationError)) {
    throw error;
  }
  log('error', `cannot start: ${error.message}`);
  process.stderr.write(`Error: ${error.message}\n`);
  process.exit(1);
}
