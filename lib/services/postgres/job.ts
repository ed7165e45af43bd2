import type { Construct } from 'constructs';
import type { IConnectable } from '../../workload/connections/connection';
import type { Image } from '../../workload/images/image';
import type { ServerJobOptions } from '../../workload/job';
import type { Secret } from '../../workload/secrets/secret';
import { ConfigFile } from '../../workload/storage/config-file';
import { Cpu } from '../../workload/units/cpu';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';

/** Who runs a job, and with which image and options. */
interface JobRunner {
  readonly image: Image;
  readonly runAs: string;
  readonly administrator: { readonly password: Secret };
  readonly options: ServerJobOptions;
}

/** What one of the jobs runs. */
interface PostgresScript {
  /** Name of its file. */
  readonly name: string;
  /** Lines that find the password of the administrator in `PGPASSWORD`. */
  readonly lines: readonly string[];
  /**
   * Secrets that it reads, besides that password.
   * @default - none
   */
  readonly secretFiles?: readonly Secret[];
}

/**
 * Creates the workload of a job that runs a script with `psql`.
 * @param server what has to run first
 */
export function createJob(
  job: Construct,
  server: IConnectable,
  { administrator, image, options, runAs }: JobRunner,
  { name, lines, secretFiles = [] }: PostgresScript,
): Workload {
  const path = `/docker-entrypoint-initdb.d/${name}`;
  const secrets = [administrator.password, ...secretFiles];
  const login = [`PGPASSWORD="$(cat ${administrator.password.path})"`, 'export PGPASSWORD'];
  return new Workload(
    job,
    'Default',
    { ...options, image },
    {
      kind: 'job',
      uses: [server],
      files: [ConfigFile.fromText(path, ['set -eu', ...login, ...lines, ''].join('\n'))],
      secretFiles: secrets,
      // A rotation changes the password in the server itself.
      rotatedInPlace: secrets,
      defaults: {
        command: ['/bin/sh', path],
        resources: { cpus: Cpu.cores(0.5), memory: Size.mebibytes(64) },
        runAs,
      },
    },
  );
}
