import { Construct } from 'constructs';
import type { IConnectable } from '../../workload/connections/connection';
import type { Workload } from '../../workload/workload';
import { createJob } from './job';
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
    this.workload = createJob(this, props.server, props, { name: 'extension.sh', lines: script(props) });
  }
}

function script({ administrator, host, databases, name }: PostgresExtensionProps): string[] {
  return [
    'run() {',
    `  psql -X -q -v ON_ERROR_STOP=1 -h ${host} -U ${administrator.user} -d "$1" -c "$2"`,
    '}',
    `for database in ${databases.join(' ')}; do`,
    `  run "$database" 'CREATE EXTENSION IF NOT EXISTS "${name}"'`,
    // In a session of its own: TimescaleDB refuses to update once the old version is loaded.
    `  run "$database" 'ALTER EXTENSION "${name}" UPDATE'`,
    'done',
  ];
}
