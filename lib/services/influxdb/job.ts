import type { Construct } from 'constructs';
import type { IConnectable } from '../../workload/connections/connection';
import { ConfigFile } from '../../workload/storage/config-file';
import { Cpu } from '../../workload/units/cpu';
import type { VolumeMount } from '../../workload/storage/volume';
import type { Image } from '../../workload/images/image';
import type { ServerJobOptions } from '../../workload/job';
import type { Secret } from '../../workload/secrets/secret';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';

/** What a job needs that works on an InfluxDB server as its operator. */
export interface InfluxJobProps {
  readonly image: Image;
  /** What has to be up first. */
  readonly after: readonly IConnectable[];
  /** Address of the server: `http://influxdb:8086`. */
  readonly url: string;
  readonly organization: string;
  /** Token that may do everything. */
  readonly operatorToken: Secret;
  /** What somebody wants of the job besides. */
  readonly options: ServerJobOptions;
}

/** What the job does. */
interface InfluxTask {
  /** For a POSIX shell, which stops at the first command that fails. */
  readonly script: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly VolumeMount[];
}

/** The token is on no command line and in no log. */
const AS_OPERATOR = `set -eu
INFLUX_TOKEN="$(cat "$OPERATOR_TOKEN_FILE")"
export INFLUX_TOKEN
`;

const SCRIPT = '/docker-entrypoint-initdb.d/job.sh';

/**
 * Shell: `id_of bucket NAME` and `id_of auth DESCRIPTION` print the ids of what is called so, nothing where there is none.
 * They ask for the whole list: asked for one that is not there, `influx` fails as it does without an answer.
 */
export const ID_OF = `id_of() {
  list="$(influx "$1" list --hide-headers)" || { echo "the server tells of no $1 list" >&2; return 1; }
  printf '%s\\n' "$list" | awk -F '\\t+' -v name="$2" '$2 == name { print $1 }'
}
`;

/** A job that runs a script with the image's own `influx` program, which finds the server in these variables. */
export function influxJob(scope: Construct, props: InfluxJobProps, task: InfluxTask): Workload {
  const { image, after, url, organization, operatorToken, options } = props;
  return new Workload(
    scope,
    'Default',
    { ...options, image },
    {
      kind: 'job',
      uses: after,
      environment: {
        INFLUX_HOST: url,
        INFLUX_ORG: organization,
        // Read by the script and exported there: the server's token is no variable that inspect shows.
        OPERATOR_TOKEN_FILE: operatorToken.path,
        ...task.environment,
      },
      secretFiles: [operatorToken],
      files: [ConfigFile.fromText(SCRIPT, `${AS_OPERATOR}${task.script}`)],
      volumes: task.volumes ?? [],
      defaults: {
        command: ['/bin/sh', SCRIPT],
        resources: { cpus: Cpu.cores(0.5), memory: Size.mebibytes(128) },
        runAs: 'influxdb',
      },
    },
  );
}
