import type { Construct } from 'constructs';
import type { IConnectable } from '../../workload/connections/connection';
import type { Image } from '../../workload/images/image';
import type { ServerJobOptions } from '../../workload/job';
import type { Secret } from '../../workload/secrets/secret';
import { ConfigFile } from '../../workload/storage/config-file';
import type { VolumeMount } from '../../workload/storage/volume';
import { Cpu } from '../../workload/units/cpu';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { INFLUX_USER } from './settings';

/** The credentials with which a job logs in to an InfluxDB server as its operator. */
export interface InfluxJobProps {
  readonly image: Image;
  /** What has to run first. */
  readonly after: readonly IConnectable[];
  /** Address of the server: `http://influxdb:8086`. */
  readonly url: string;
  readonly organization: string;
  /** Token with all permissions. */
  readonly operatorToken: Secret;
  /** Additional options of the job, from the user. */
  readonly options: ServerJobOptions;
}

/** What the job runs. */
interface InfluxTask {
  /** For a POSIX shell with `set -eu`. */
  readonly script: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly VolumeMount[];
}

/** A variable of the script keeps the token off the command line and out of the log. */
const AS_OPERATOR = `set -eu
INFLUX_TOKEN="$(cat "$OPERATOR_TOKEN_FILE")"
export INFLUX_TOKEN
`;

const SCRIPT = '/docker-entrypoint-initdb.d/job.sh';

/**
 * Shell: `id_of bucket NAME` and `id_of auth DESCRIPTION` print the matching ids, or nothing. They filter the whole list,
 * because `influx` fails in the same way for an unknown name and for a server that does not respond.
 */
export const ID_OF = `id_of() {
  list="$(influx "$1" list --hide-headers)" || { echo "the server tells of no $1 list" >&2; return 1; }
  printf '%s\\n' "$list" | awk -F '\\t+' -v name="$2" '$2 == name { print $1 }'
}
`;

/** A job that runs a script with the image's own `influx` program, which reads the server's address from variables. */
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
        // The script reads and exports it, so that `docker inspect` does not show the token.
        OPERATOR_TOKEN_FILE: operatorToken.path,
        ...task.environment,
      },
      secretFiles: [operatorToken],
      files: [ConfigFile.fromText(SCRIPT, `${AS_OPERATOR}${task.script}`)],
      volumes: task.volumes ?? [],
      defaults: {
        command: ['/bin/sh', SCRIPT],
        resources: { cpus: Cpu.cores(0.5), memory: Size.mebibytes(128) },
        runAs: INFLUX_USER,
      },
    },
  );
}
