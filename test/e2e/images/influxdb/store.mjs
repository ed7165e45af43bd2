/** The data of the server: organization, user, buckets and tokens in one file, points in another. */
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const FOLDER = '/var/lib/influxdb2';
const STATE = `${FOLDER}/influxd.bolt`;
const POINTS = `${FOLDER}/engine/points.jsonl`;

export class Store {
  static isSetUp() {
    return existsSync(STATE);
  }

  /**
   * Creates what the setup variables request, and the configuration file of the command line with the operator's token.
   */
  static setUp(environment) {
    const asked = (name) => environment[`DOCKER_INFLUXDB_INIT_${name}`];
    const password = asked('PASSWORD');
    if (password.length < 8) throw new Error('passwords must be at least 8 characters long');
    const token = asked('ADMIN_TOKEN') || newToken();
    const user = { id: newId(), name: asked('USERNAME'), passwordHash: hash(password) };
    const organization = { id: newId(), name: asked('ORG') };
    const store = new Store({ user, organization, buckets: [], authorizations: [] });
    store.createBucket(asked('BUCKET'), seconds(asked('RETENTION') || '0'));
    store.addAuthorization({ description: `${user.name}'s Token`, isOperator: true, permissions: [] }, token);
    writeFileSync('/etc/influxdb2/influx-configs', `[default]\n  token = "${token}"\n`, { mode: 0o600 });
    return store;
  }

  static open() {
    const store = new Store(JSON.parse(readFileSync(STATE, 'utf8')));
    if (existsSync(POINTS)) {
      store.points = readFileSync(POINTS, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    }
    return store;
  }

  constructor(state) {
    Object.assign(this, state);
    this.points = [];
  }

  bucketNamed(name) {
    return this.buckets.find((bucket) => bucket.name === name || bucket.id === name);
  }

  createBucket(name, everySeconds, shardGroupSeconds) {
    const bucket = { id: newId(), name, everySeconds };
    this.buckets.push(bucket);
    this.updateBucket(bucket, { everySeconds, shardGroupSeconds: shardGroupSeconds ?? 0 });
    return bucket;
  }

  updateBucket(bucket, { everySeconds, shardGroupSeconds }) {
    bucket.everySeconds = everySeconds;
    if (shardGroupSeconds !== undefined) bucket.shardGroupSeconds = shardGroupSeconds || usualShardGroup(everySeconds);
    this.save();
  }

  /** A token is returned once and stored as a hash, as the public server does from 2.9 on. */
  addAuthorization(authorization, token = newToken()) {
    const added = { id: newId(), status: 'active', ...authorization, tokenHash: hash(token) };
    this.authorizations.push(added);
    this.save();
    return { added, token };
  }

  removeAuthorization(id) {
    this.authorizations = this.authorizations.filter((one) => one.id !== id);
    this.save();
  }

  authorizationOf(token) {
    const tokenHash = hash(token);
    return this.authorizations.find((one) => one.tokenHash === tokenHash && one.status === 'active');
  }

  hasPassword(name, password) {
    return name === this.user.name && hash(password) === this.user.passwordHash;
  }

  changePassword(password) {
    this.user.passwordHash = hash(password);
    this.save();
  }

  /** A point with the same series and time replaces an earlier one when it is read. */
  addPoints(points) {
    mkdirSync(`${FOLDER}/engine`, { recursive: true });
    appendFileSync(POINTS, points.map((point) => `${JSON.stringify(point)}\n`).join(''));
    this.points.push(...points);
  }

  /** Through another file, so that a container that is killed while writing leaves the old one intact. */
  save() {
    const { user, organization, buckets, authorizations } = this;
    writeFileSync(`${STATE}.new`, JSON.stringify({ user, organization, buckets, authorizations }), { mode: 0o600 });
    renameSync(`${STATE}.new`, STATE);
  }
}

/** Like shardGroupDuration of InfluxDB. */
function usualShardGroup(retention) {
  if (retention === 0 || retention >= 180 * 86400) return 7 * 86400;
  return retention >= 2 * 86400 ? 86400 : 3600;
}

/** `1h30m`, `90d`, `3600s`, `0` in seconds. */
export function seconds(text) {
  const units = { w: 604800, d: 86400, h: 3600, m: 60, s: 1 };
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)([wdhms])/g)) sum += Number(amount) * units[unit];
  return sum;
}

const newId = () => randomBytes(8).toString('hex');
const newToken = () => randomBytes(64).toString('base64url').concat('==');
const hash = (text) => createHash('sha512').update(text).digest('hex');
