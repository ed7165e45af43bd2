import { Construct } from 'constructs';
import { TradingStackError } from '../../errors';
import { contentHash } from '../../platform/content-hash';
import { Platform } from '../../platform/platform';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Volume, type VolumeMount } from '../../workload/storage/volume';
import { type Secret, SecretDelivery } from '../../workload/secrets/secret';
import type { Workload } from '../../workload/workload';
import { ID_OF, type InfluxJobProps, influxJob } from './job';

/** Properties of an {@link InfluxToken}. */
export interface InfluxTokenProps extends InfluxJobProps {
  /** Name of the access, which is also the name of its folder at the consumer. */
  readonly name: string;
  readonly bucket: string;
  readonly read: boolean;
  readonly write: boolean;
  /** Name of the user that the token belongs to. */
  readonly user: string;
  /** Start of the names of envPrefix: `INFLUXDB` makes `INFLUXDB_URL`. */
  readonly envPrefix: string;
}

/**
 * A token that may read or write one bucket and nothing else, with the job that makes it. InfluxDB chooses the text of
 * a token itself (https://github.com/influxdata/influxdb/issues/21385), so it is not one of the secret files: the job
 * writes it into a small kept volume, and consumers mount that read-only.
 *
 * @example
 * new StrategyRunner(stack, 'strategy', { image, uses: [influx.token('strategy', { read: true, write: true })] });
 */
export class InfluxToken extends Construct implements IConnectable {
  /** The job. It leaves a token alone that is there and known to the server, and revokes those that were before it. */
  readonly workload: Workload;
  private readonly mount: VolumeMount;
  private readonly token: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: InfluxTokenProps,
  ) {
    super(scope, id);
    const { name, organization, bucket, read, write, user } = props;
    this.refuseCluster();
    // With the rights in it: other rights are another token, and the consumer has to start anew to read it.
    const file = `token-${contentHash({ organization, bucket, read, write })}`;
    const folder = `/run/influxdb/${name}`;
    const volume = Volume.retained(`${id}_token`);
    this.mount = volume.mountAt(folder, { readOnly: true });
    this.token = `${folder}/${file}`;
    this.workload = influxJob(this, props, {
      script: SCRIPT,
      environment: {
        BUCKET: bucket,
        USER_NAME: user,
        DESCRIPTION: `${Platform.of(this).prefix}: ${name} (a job makes it, and revokes others that are called so)`,
        RIGHTS: [...(read ? ['read'] : []), ...(write ? ['write'] : [])].join(' '),
        FILE: file,
      },
      // A folder that the image gives to its user, as a new volume takes over the owner.
      volumes: [volume.mountAt('/home/influxdb')],
    });
  }

  /** The job is on the manager and so is its volume; who has to read the token may be on another node. */
  private refuseCluster(): void {
    if (Platform.of(this).engine.cluster === null) return;
    throw new TradingStackError(
      'invalid-value',
      this.node.path,
      'a token that InfluxDB makes is in a volume of one node, and on a cluster those who use it may be on others',
      'Use accessWith(token), whose token you make with `influx auth create` and write into the file of a Secret.provided',
    );
  }

  connection(): Connection {
    const { envPrefix: envPrefix, url, organization, bucket } = this.props;
    return {
      from: this.node.path,
      within: Platform.of(this).path,
      environment: { ...addressIn(envPrefix, url, organization, bucket), [`${envPrefix}_TOKEN_FILE`]: this.token },
      secrets: {},
      startAfter: this.workload.addresses,
      extraHosts: [],
      volumes: [this.mount],
    };
  }
}

/** What a consumer gets whose token somebody made by hand. */
export class InfluxTokenConnection implements IConnectable {
  constructor(
    private readonly props: Pick<InfluxTokenProps, 'envPrefix' | 'url' | 'organization' | 'bucket' | 'after'>,
    private readonly server: Construct,
    private readonly token: Secret,
  ) {}

  connection(): Connection {
    const { envPrefix: envPrefix, url, organization, bucket, after } = this.props;
    return {
      from: this.server.node.path,
      within: Platform.of(this.server).path,
      environment: addressIn(envPrefix, url, organization, bucket),
      secrets: { [`${envPrefix}_TOKEN`]: this.token.deliveredAs(SecretDelivery.FILE) },
      startAfter: after.flatMap((one) => one.connection().startAfter),
      extraHosts: [],
    };
  }
}

function addressIn(envPrefix: string, url: string, organization: string, bucket: string): Record<string, string> {
  return {
    [`${envPrefix}_URL`]: url,
    [`${envPrefix}_ORG`]: organization,
    [`${envPrefix}_BUCKET`]: bucket,
  };
}

/**
 * The old token goes last, so that whatever fails before leaves the consumer one that works. What goes is every token of
 * this description but the one of `id`: also one whose id was lost, when the job was stopped or the volume removed.
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
