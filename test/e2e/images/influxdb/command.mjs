/**
 * A stand-in for the `influx` command: `ping`, `bucket list|create|update` and `auth list|create|delete`, with the
 * options and the output that scripts rely on. The server, the organization and the token come from INFLUX_HOST,
 * INFLUX_ORG and INFLUX_TOKEN, or from options.
 */
import { parseArgs } from 'node:util';
import { seconds } from './store.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    host: { type: 'string', default: process.env.INFLUX_HOST ?? 'http://localhost:8086' },
    token: { type: 'string', short: 't', default: process.env.INFLUX_TOKEN ?? '' },
    org: { type: 'string', short: 'o', default: process.env.INFLUX_ORG ?? '' },
    id: { type: 'string', short: 'i' },
    name: { type: 'string', short: 'n' },
    retention: { type: 'string', short: 'r' },
    'shard-group-duration': { type: 'string' },
    user: { type: 'string', short: 'u' },
    description: { type: 'string', short: 'd' },
    'read-bucket': { type: 'string', multiple: true, default: [] },
    'write-bucket': { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
    'hide-headers': { type: 'boolean', default: false },
  },
});

const COMMANDS = {
  ping: async () => {
    await ask('GET', '/ping');
    console.log('OK');
  },
  'bucket list': async () => {
    const filter = values.name === undefined ? '' : `&name=${encodeURIComponent(values.name)}`;
    const { buckets } = await ask('GET', `/api/v2/buckets?org=${encodeURIComponent(organization())}${filter}`);
    printBuckets(buckets);
  },
  'bucket create': async () => {
    printBuckets([
      await ask('POST', '/api/v2/buckets', { orgID: await organizationId(), name: values.name, ...rules() }),
    ]);
  },
  'bucket update': async () => printBuckets([await ask('PATCH', `/api/v2/buckets/${values.id}`, rules())]),
  'auth list': async () => {
    if (values.id !== undefined) return printAuthorizations(await ask('GET', `/api/v2/authorizations/${values.id}`));
    const { authorizations } = await ask('GET', '/api/v2/authorizations');
    return printAuthorizations(authorizations);
  },
  'auth create': async () => {
    const orgID = await organizationId();
    const { users } = await ask('GET', `/api/v2/users?name=${encodeURIComponent(values.user ?? '')}`);
    if (users.length === 0) throw new Error(`could not find user with name "${values.user}"`);
    const of = (action) =>
      values[`${action}-bucket`].map((id) => ({ action, resource: { type: 'buckets', id, orgID } }));
    const permissions = [...of('read'), ...of('write')];
    const request = { orgID, userID: users[0].id, description: values.description, permissions };
    printAuthorizations(await ask('POST', '/api/v2/authorizations', request));
  },
  'auth delete': async () => {
    const authorization = await ask('GET', `/api/v2/authorizations/${values.id}`);
    await ask('DELETE', `/api/v2/authorizations/${values.id}`);
    printAuthorizations(authorization);
  },
};

async function ask(method, path, body) {
  const response = await fetch(`${values.host}${path}`, {
    method,
    headers: { authorization: `Token ${values.token}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const answer = text === '' ? {} : JSON.parse(text);
  if (!response.ok) throw new Error(`${response.status}: ${answer.message}`);
  return answer;
}

function organization() {
  if (values.org === '') throw new Error('must specify org ID or org name');
  return values.org;
}

async function organizationId() {
  const { orgs } = await ask('GET', `/api/v2/orgs?org=${encodeURIComponent(organization())}`);
  const found = orgs.find(({ name }) => name === values.org);
  if (found === undefined) throw new Error(`no organization found with name ${values.org}`);
  return found.id;
}

function rules() {
  const { retention, 'shard-group-duration': shardGroup } = values;
  if (retention === undefined && shardGroup === undefined) return {};
  const rule = {
    type: 'expire',
    // Like the public command, which sets the retention to its default if only the other option is given.
    everySeconds: retention === undefined ? 2592000 : seconds(retention),
    ...(shardGroup !== undefined && { shardGroupDurationSeconds: seconds(shardGroup) }),
  };
  return { retentionRules: [rule] };
}

function printBuckets(buckets) {
  const rows = buckets.map(({ id, name, retentionRules: [rule], orgID }) => [
    id,
    name,
    rule.everySeconds === 0 ? 'infinite' : duration(rule.everySeconds),
    duration(rule.shardGroupDurationSeconds),
    orgID,
    'implicit',
  ]);
  print(['ID', 'Name', 'Retention', 'Shard group duration', 'Organization ID', 'Schema Type'], rows, buckets);
}

/** As Go prints a duration: `720h0m0s`. */
function duration(seconds) {
  return `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60)}m${seconds % 60}s`;
}

function printAuthorizations(found) {
  const rows = [found].flat().map(({ id, description, token, status, user, userID, permissions }) => ({
    id,
    description,
    token,
    status,
    userName: user,
    userID,
    permissions: permissions.map(({ action, resource }) => `${action}:orgs/${resource.orgID}/buckets/${resource.id}`),
  }));
  const columns = rows.map((row) => [
    row.id,
    row.description,
    row.token,
    row.userName,
    row.userID,
    `[${row.permissions.join(' ')}]`,
  ]);
  const headers = ['ID', 'Description', 'Token', 'User Name', 'User ID', 'Permissions'];
  print(headers, columns, Array.isArray(found) ? rows : rows[0]);
}

/** Like the public command: columns separated by tabs. */
function print(headers, rows, value) {
  if (values.json) return console.log(JSON.stringify(value, null, '\t'));
  const lines = values['hide-headers'] ? rows : [headers, ...rows];
  for (const line of lines) console.log(line.map((column) => `${column}\t`).join('\t'));
}

const command = COMMANDS[positionals.join(' ')];
try {
  if (command === undefined) throw new Error(`this stand-in does not know 'influx ${positionals.join(' ')}'`);
  await command();
} catch (error) {
  console.error(`Error: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
