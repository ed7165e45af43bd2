import { Construct } from 'constructs';
import { type TradingStackError, unsupported } from '../../errors';
import { contentHash } from '../../platform/content-hash';
import { Platform } from '../../platform/platform';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { type Secret, SecretDelivery } from '../../workload/secrets/secret';
import { Volume, type VolumeMount } from '../../workload/storage/volume';
import type { Workload } from '../../workload/workload';
import { ID_OF, type InfluxJobProps, influxJob } from './job';

/** Properties of an {@link InfluxToken}. */
export interface InfluxTokenProps extends InfluxJobProps {
  /** Name of the token, which is also the name of its folder in the consumer. */
  readonly name: string;
  readonly bucket: string;
  readonly read: boolean;
  readonly write: boolean;
  /** Name of the user to whom the token belongs. */
  readonly user: string;
  /** Prefix of the consumer's variables: `INFLUXDB` makes `INFLUXDB_URL`. */
  readonly envPrefix: string;
}

/** Where a token is stored, and where a consumer finds it. It is known before the job that issues the token exists. */
export class InfluxTokenFile {
  readonly volume: Volume;
  readonly name: string;
  private readonly mount: VolumeMount;
  private readonly path: string;

  /** @param id id of the {@link InfluxToken} */
  constructor(
    id: string,
    private readonly props: InfluxTokenProps,
  ) {
    const { name, organization, bucket, read, write } = props;
    // Named after the permissions: with other permissions it is a different token, which the consumer reads after a
    // restart.
    this.name = `token-${contentHash({ organization, bucket, read, write })}`;
    const folder = `/run/influxdb/${name}`;
    this.volume = Volume.retained(`${id}_token`);
    this.mount = this.volume.mountAt(folder, { readOnly: true });
    this.path = `${folder}/${this.name}`;
  }

  /** What a consumer of the token gets, without the wait for its job. */
  connectionFrom(source: Construct): Connection {
    const { envPrefix } = this.props;
    return {
      from: source.node.path,
      within: Platform.of(source).path,
      environment: { ...addressIn(this.props), [`${envPrefix}_TOKEN_FILE`]: this.path },
      secrets: {},
      startAfter: [],
      extraHosts: [],
      volumes: [this.mount],
    };
  }
}

/**
 * A token that can read or write one bucket and nothing else, with the job that issues it. InfluxDB chooses the value of a
 * token itself (https://github.com/influxdata/influxdb/issues/21385), so it cannot be a secret file: the job writes it to
 * a small retained volume, and consumers mount that read-only.
 *
 * @example
 * new StrategyRunner(stack, 'strategy', { image, uses: [influx.token('strategy', { read: true, write: true })] });
 */
export class InfluxToken extends Construct implements IConnectable {
  /** The job. It keeps a token that exists and that the server knows, and revokes earlier ones. */
  readonly workload: Workload;
  private readonly file: InfluxTokenFile;

  /** @throws TradingStackError on a Swarm of several nodes, where the volume may be on another node than the consumer */
  constructor(scope: Construct, id: string, props: InfluxTokenProps) {
    super(scope, id);
    const { name, bucket, read, write, user } = props;
    const { engine, prefix } = Platform.of(this);
    if (engine.cluster !== null) throw unsupportedOnCluster(scope.node.path, engine.name, name);
    this.file = new InfluxTokenFile(id, props);
    this.workload = influxJob(this, props, {
      script: SCRIPT,
      environment: {
        BUCKET: bucket,
        USER_NAME: user,
        DESCRIPTION: `${prefix}: ${name} (a job makes it, and revokes others that are called so)`,
        RIGHTS: [...(read ? ['read'] : []), ...(write ? ['write'] : [])].join(' '),
        FILE: this.file.name,
      },
      // The image gives this folder to its user, and a new volume takes over the owner.
      volumes: [this.file.volume.mountAt('/home/influxdb')],
    });
  }

  connection(): Connection {
    return { ...this.file.connectionFrom(this), startAfter: this.workload.addresses };
  }
}

function unsupportedOnCluster(where: string, engine: string, name: string): TradingStackError {
  return unsupported(
    where,
    engine,
    `the token '${name}' is in a volume of one node, and its consumers may run on others`,
    'Use influx.connectWith(token) with a token that you create with `influx auth create` and store in a Secret.provided',
  );
}

/** The connection of a consumer whose token was created by hand. */
export class InfluxTokenConnection implements IConnectable {
  constructor(
    private readonly props: Pick<InfluxTokenProps, 'envPrefix' | 'url' | 'organization' | 'bucket' | 'after'>,
    private readonly server: Construct,
    private readonly token: Secret,
  ) {}

  connection(): Connection {
    const { envPrefix, after } = this.props;
    return {
      from: this.server.node.path,
      within: Platform.of(this.server).path,
      environment: addressIn(this.props),
      secrets: { [`${envPrefix}_TOKEN`]: this.token.deliveredAs(SecretDelivery.FILE) },
      startAfter: after.flatMap((one) => one.connection().startAfter),
      extraHosts: [],
    };
  }
}

function addressIn(
  props: Pick<InfluxTokenProps, 'envPrefix' | 'url' | 'organization' | 'bucket'>,
): Record<string, string> {
  const { envPrefix, url, organization, bucket } = props;
  return { [`${envPrefix}_URL`]: url, [`${envPrefix}_ORG`]: organization, [`${envPrefix}_BUCKET`]: bucket };
}

/**
 * The old token is revoked last, so that a failure before leaves the consumer with a working token. Every token with this
 * description except the one in `id` is revoked, including one whose id was lost because the job was stopped or the volume
 * was removed.
 */
const SCRIPT = `${ID_OF}cd /home/influxdb
id="$(cat id 2>/dev/null || true)"
known="$(id_of auth "$DESCRIPTION")"
is_known() { printf '%s\\n' "$known" | grep -qxF "$id"; }
if [ -n "$id" ] && [ -s "$FILE" ] && is_known; then
  echo "the token is there, and the server knows it"
else
  bucket="$(id_of bucket "$BUCKET")"
  [ -n "$bucket" ] || { echo "there is no bucket $BUCKET" >&2; exit 1; }
  set -- --user "$USER_NAME" --description "$DESCRIPTION"
  for right in $RIGHTS; do set -- "$@" "--$right-bucket" "$bucket"; done
  answer="$(influx auth create --json "$@")"
  field() { printf '%s' "$answer" | sed -n "s/.*\\"$1\\": *\\"\\([^\\"]*\\)\\".*/\\1/p" | head -n 1; }
  [ -n "$(field token)" ] || { echo "the server gave no token" >&2; exit 1; }
  # For whatever user the consumer runs as; nobody else mounts the volume.
  chmod 0755 .
  field token >new
  chmod 0444 new
  mv -f new "$FILE"
  id="$(field id)"
  printf '%s\\n' "$id" >id
  echo "made a token for $RIGHTS of $BUCKET"
fi
for other in token-*; do [ "$other" = "$FILE" ] || rm -f "$other"; done
for other in $known; do [ "$other" = "$id" ] || influx auth delete --id "$other" >/dev/null; done
`;
