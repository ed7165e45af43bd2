import { Construct } from 'constructs';
import type { IConnectable } from '../../workload/connections/connection';
import { ConfigFile } from '../../workload/storage/config-file';
import { Cpu } from '../../workload/units/cpu';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import type { PostgresJobProps } from './roles';

/** Properties of {@link PostgresExtension}. */
export interface PostgresExtensionProps extends PostgresJobProps {
  /** What has to run first: the server, or the job that creates its databases. */
  readonly server: IConnectable;
  readonly databases: readonly string[];
  /** Name of the extension. */
  readonly name: string;
}

/**
 * A job that creates an extension in databases, and updates it to the version in the image. Unlike an init script it also
 * works on a volume that has data. It runs again with a new image.
 */
export class PostgresExtension extends Construct {
  readonly workload: Workload;

  constructor(scope: Construct, id: string, props: PostgresExtensionProps) {
    super(scope, id);
    this.workload = new Workload(
      this,
      'Default',
      { ...props.options, image: props.image },
      {
        kind: 'job',
        uses: [props.server],
        files: [ConfigFile.fromText(SCRIPT, script(props))],
        secretFiles: [props.administrator.password],
        defaults: {
          command: ['/bin/sh', SCRIPT],
          resources: { cpus: Cpu.cores(0.5), memory: Size.mebibytes(64) },
          runAs: props.runAs,
        },
      },
    );
  }
}

const SCRIPT = '/docker-entrypoint-initdb.d/extension.sh';

function script({ administrator, host, databases, name }: PostgresExtensionProps): string {
  return [
    'set -eu',
    `PGPASSWORD="$(cat ${administrator.password.path})"`,
    'export PGPASSWORD',
    'run() {',
    `  psql -X -q -v ON_ERROR_STOP=1 -h ${host} -U ${administrator.user} -d "$1" -c "$2"`,
    '}',
    `for database in ${databases.join(' ')}; do`,
    `  run "$database" 'CREATE EXTENSION IF NOT EXISTS "${name}"'`,
    // In a session of its own: TimescaleDB refuses to update once the old version is loaded.
    `  run "$database" 'ALTER EXTENSION "${name}" UPDATE'`,
    'done',
    '',
  ].join('\n');
}
