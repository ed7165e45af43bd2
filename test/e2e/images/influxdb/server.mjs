/**
 * A stand-in for InfluxDB 2: it answers
 *
 * - `/health`, `/ping` and `/metrics` to anyone,
 * - `/api/v2/write` and `/api/v2/query` (see flux.mjs) to tokens that may write or read the bucket,
 * - `/api/v2/signin` to the user with the password,
 * - `/api/v2/{orgs,users,buckets,authorizations}` to the operator's token.
 *
 * Everything else of InfluxDB is missing, and answered with 404. With the argument `setup` it creates what the setup
 * variables request, and exits.
 */
import { createServer } from 'node:http';
import { bucketsOf, FluxError, run } from './flux.mjs';
import { parseLines } from './lines.mjs';
import { Store } from './store.mjs';

const VERSION = '2.9-stand-in';
const PORT = 8086;

/** An error of a client: a status, InfluxDB's error code, and a sentence. */
class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

const counted = { points: 0, refused: 0, queries: 0, failed: 0 };

function start() {
  const store = Store.isSetUp() ? Store.open() : undefined;
  const server = createServer((request, response) => {
    answer(store, request)
      .catch((error) =>
        error instanceof Refusal
          ? [error.status, { code: error.code, message: error.message }]
          : [500, { code: 'internal error', message: error.message }],
      )
      .then(([status, body, type]) => send(response, status, body, type));
  });
  server.listen(PORT, () => console.log(`Listening on :${PORT} (a stand-in, not InfluxDB)`));
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      server.close(() => process.exit(0));
      server.closeAllConnections();
    });
  }
}

async function answer(store, request) {
  const url = new URL(request.url, 'http://stand-in');
  switch (url.pathname) {
    case '/health':
      return [200, { name: 'influxdb', message: 'ready for queries and writes', status: 'pass', version: VERSION }];
    case '/ping':
      return [204];
    case '/metrics':
      return [200, metrics(store), 'text/plain; version=0.0.4'];
    case '/api/v2/signin':
      return signIn(store, request);
  }
  const authorization = authorizationOf(store, request);
  const text = await bodyOf(request);
  const route = `${request.method} ${url.pathname}`;
  if (route === 'POST /api/v2/write') return write(store, authorization, url.searchParams, text);
  if (route === 'POST /api/v2/query') return query(store, authorization, request, text);
  const [, kind, id, part] = /^\/api\/v2\/(\w+)(?:\/(\w+)(?:\/(\w+))?)?$/.exec(url.pathname) ?? [];
  const manage = MANAGED[[request.method, kind, id && 'one', part].filter(Boolean).join(' ')];
  if (manage === undefined) throw new Refusal(404, 'not found', 'path not found');
  if (!authorization.isOperator) throw new Refusal(401, 'unauthorized', 'write:authorizations is unauthorized');
  return manage(store, text === '' ? {} : JSON.parse(text), url.searchParams, id);
}

/** The public server also starts a session. */
function signIn(store, request) {
  const pair = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const [name, ...password] = Buffer.from(pair, 'base64').toString('utf8').split(':');
  if (store?.hasPassword(name, password.join(':'))) return [204];
  throw new Refusal(401, 'unauthorized', 'unauthorized access');
}

function authorizationOf(store, request) {
  const token = /^(?:Token|Bearer) (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const found = token === undefined ? undefined : store?.authorizationOf(token);
  if (found === undefined) throw new Refusal(401, 'unauthorized', 'unauthorized access');
  return found;
}

function permitted(authorization, action, bucket) {
  return (
    authorization.isOperator ||
    authorization.permissions.some((one) => one.action === action && one.resource.id === bucket.id)
  );
}

function bucketFor(store, name) {
  const bucket = store.bucketNamed(name);
  if (bucket === undefined) throw new Refusal(404, 'not found', `bucket "${name}" not found`);
  return bucket;
}

function write(store, authorization, parameters, text) {
  const organization = parameters.get('org') ?? parameters.get('orgID');
  if (![store.organization.name, store.organization.id].includes(organization)) {
    throw new Refusal(404, 'not found', `organization name "${organization}" not found`);
  }
  const bucket = bucketFor(store, parameters.get('bucket'));
  if (!permitted(authorization, 'write', bucket)) {
    counted.refused += 1;
    throw new Refusal(403, 'forbidden', 'insufficient permissions for write');
  }
  let points;
  try {
    points = parseLines(text, parameters.get('precision'), bucket.id);
  } catch (error) {
    throw new Refusal(400, 'invalid', error.message);
  }
  store.addPoints(points);
  counted.points += points.length;
  return [204];
}

function query(store, authorization, request, text) {
  const isFlux = (request.headers['content-type'] ?? '').startsWith('application/vnd.flux');
  const { query: source = '', dialect = {} } = isFlux ? { query: text } : JSON.parse(text);
  counted.queries += 1;
  try {
    const buckets = bucketsOf(source).map((name) => bucketFor(store, name));
    for (const bucket of buckets) {
      if (!permitted(authorization, 'read', bucket)) {
        throw new Refusal(
          401,
          'unauthorized',
          `read:orgs/${store.organization.id}/buckets/${bucket.id} is unauthorized`,
        );
      }
    }
    const ids = buckets.map(({ id }) => id);
    const tables = run(
      source,
      store.points.filter((point) => ids.includes(point.bucketId)),
    );
    return [200, tables.map((rows, index) => csv(rows, index, dialect)).join('\r\n'), 'text/csv; charset=utf-8'];
  } catch (error) {
    counted.failed += 1;
    throw error instanceof FluxError ? new Refusal(400, 'invalid', error.message) : error;
  }
}

/** Annotated CSV: an empty column, the name of the result, the number of the table, and the table's own columns. */
function csv(rows, index, { annotations = [], header = true }) {
  const columns = [...new Set(rows.flatMap(Object.keys))].filter((column) => column !== 'type').sort();
  const types = columns.map((column) =>
    column === '_time' ? 'dateTime:RFC3339' : typeOf(rows[0], column, rows[0][column]),
  );
  const lines = rows.map((row) => ['', '', index, ...columns.map((column) => cell(row[column]))]);
  const grouped = columns.map((column) => !['_time', '_value'].includes(column));
  const known = {
    datatype: ['#datatype', 'string', 'long', ...types],
    group: ['#group', 'false', 'false', ...grouped],
    default: ['#default', '_result', '', ...columns.map(() => '')],
  };
  const above = annotations.map((name) => known[name]);
  return `${[...above, ...(header ? [['', 'result', 'table', ...columns]] : []), ...lines].map((line) => line.join()).join('\r\n')}\r\n`;
}

function typeOf(row, column, value) {
  if (column === '_value') return row.type;
  return { number: 'double', boolean: 'boolean' }[typeof value] ?? 'string';
}

function cell(value) {
  if (typeof value === 'bigint') {
    const fraction = String(value % 1_000_000_000n)
      .padStart(9, '0')
      .replace(/0+$/, '');
    const whole = new Date(Number(value / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
    return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`;
  }
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const MANAGED = {
  'GET orgs': (store) => [200, { orgs: [store.organization] }],
  'GET users': (store, _body, parameters) => {
    const { id, name } = store.user;
    const isAsked = [null, name].includes(parameters.get('name'));
    return [200, { users: isAsked ? [{ id, name, status: 'active' }] : [] }];
  },
  'POST users one password': (store, { password }, _parameters, id) => {
    if (id !== store.user.id) throw new Refusal(404, 'not found', 'user not found');
    if (password.length < 8) throw new Refusal(400, 'invalid', 'passwords must be at least 8 characters long');
    store.changePassword(password);
    return [204];
  },
  'GET buckets': (store, _body, parameters) => {
    const name = parameters.get('name');
    const found = store.buckets.filter((bucket) => name === null || bucket.name === name);
    if (name !== null && found.length === 0) throw new Refusal(404, 'not found', `bucket "${name}" not found`);
    return [200, { buckets: found.map((bucket) => publicBucket(store, bucket)) }];
  },
  'POST buckets': (store, { name, retentionRules = [] }) => {
    if (store.bucketNamed(name) !== undefined) {
      throw new Refusal(422, 'conflict', `bucket with name ${name} already exists`);
    }
    const [rule] = retentionRules;
    return [
      201,
      publicBucket(store, store.createBucket(name, checkedRetention(rule), rule?.shardGroupDurationSeconds)),
    ];
  },
  'PATCH buckets one': (store, { retentionRules }, _parameters, id) => {
    const bucket = bucketFor(store, id);
    if (retentionRules !== undefined) store.updateBucket(bucket, checkedUpdate(bucket, retentionRules[0]));
    return [200, publicBucket(store, bucket)];
  },
  'GET authorizations': (store) => [
    200,
    { authorizations: store.authorizations.map((one) => publicAuthorization(store, one)) },
  ],
  'GET authorizations one': (store, _body, _parameters, id) => [200, publicAuthorization(store, known(store, id))],
  'POST authorizations': (store, { description = '', permissions = [] }) => {
    // Like the public server, ignores a token in the request.
    if (permissions.length === 0) throw new Refusal(400, 'invalid', 'authorization must include permissions');
    const { added, token } = store.addAuthorization({ description, permissions });
    return [201, { ...publicAuthorization(store, added), token }];
  },
  'DELETE authorizations one': (store, _body, _parameters, id) => {
    store.removeAuthorization(known(store, id).id);
    return [204];
  },
};

function known(store, id) {
  const found = store.authorizations.find((one) => one.id === id);
  if (found === undefined) throw new Refusal(404, 'not found', 'authorization not found');
  return found;
}

function checkedRetention(rule) {
  const every = rule?.everySeconds ?? 0;
  if (every !== 0 && every < 3600)
    throw new Refusal(422, 'unprocessable entity', 'expiration seconds must be at least an hour');
  return every;
}

/** Like UpdateRetentionPolicy of InfluxDB: shard groups are unchanged unless the update names them. */
function checkedUpdate(bucket, rule) {
  const everySeconds = checkedRetention(rule);
  const shardGroup = rule.shardGroupDurationSeconds ?? bucket.shardGroupSeconds;
  if (everySeconds > 0 && everySeconds < shardGroup) {
    const message = 'shard-group duration must also be updated to be smaller than new retention duration';
    throw new Refusal(422, 'unprocessable entity', message);
  }
  return { everySeconds, shardGroupSeconds: rule.shardGroupDurationSeconds };
}

function publicBucket(store, { id, name, everySeconds, shardGroupSeconds }) {
  const retentionRules = [{ type: 'expire', everySeconds, shardGroupDurationSeconds: shardGroupSeconds }];
  return { id, orgID: store.organization.id, type: 'user', name, retentionRules };
}

function publicAuthorization({ organization, user }, { id, description, status, permissions }) {
  const owner = { orgID: organization.id, org: organization.name, userID: user.id, user: user.name };
  return { id, token: '', status, description, ...owner, permissions };
}

function metrics(store) {
  return [
    '# TYPE go_memstats_sys_bytes gauge',
    `go_memstats_sys_bytes ${process.memoryUsage().rss}`,
    '# TYPE storage_writer_ok_points_sum counter',
    `storage_writer_ok_points_sum{path="/var/lib/influxdb2/engine/data"} ${counted.points}`,
    '# TYPE storage_writer_err_points_sum counter',
    `storage_writer_err_points_sum{path="/var/lib/influxdb2/engine/data"} ${counted.refused}`,
    '# TYPE qc_requests_total counter',
    `qc_requests_total{result="success"} ${counted.queries - counted.failed}`,
    `qc_requests_total{result="runtime_error"} ${counted.failed}`,
    '# TYPE storage_bucket_series_num gauge',
    ...(store?.buckets ?? []).map(({ id }) => {
      const own = store.points.filter((point) => point.bucketId === id);
      const series = new Set(own.map(({ measurement, field, tags }) => JSON.stringify([measurement, field, tags])));
      return `storage_bucket_series_num{bucket="${id}"} ${series.size}`;
    }),
    '',
  ].join('\n');
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response, status, body, type = 'application/json; charset=utf-8') {
  const text = typeof body === 'string' || body === undefined ? (body ?? '') : `${JSON.stringify(body)}\n`;
  response.writeHead(status, { 'x-influxdb-version': VERSION, ...(text === '' ? {} : { 'content-type': type }) });
  response.end(text);
}

if (process.argv[2] === 'setup') Store.setUp(process.env);
else start();
