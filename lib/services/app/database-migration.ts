import type { Construct } from 'constructs';
import { alreadyChecked, checkOptions, type OptionShapes, required } from '../../options/options';
import type { IConnectable } from '../../workload/connections/connection';
import { Job, JOB_PROPS, type JobProps } from '../../workload/job';

/** Properties of a {@link DatabaseMigration}. */
export interface DatabaseMigrationProps extends JobProps {
  /** The database to migrate, or one form of its connection, such as `database.endpoint.url(…)`. */
  readonly database: IConnectable;
}

const OPTIONS: OptionShapes<DatabaseMigrationProps> = { ...JOB_PROPS, database: required('object') };

/**
 * Migrates a database to the schema that its consumers expect. The job runs once the database is healthy, and again when
 * its image or definition changes. Consumers that list it in `uses` start after it has exited with code 0. If it fails,
 * the deploy stops before it changes any of them.
 *
 * @example
 * const migration = new DatabaseMigration(stack, 'migration', {
 *   image,
 *   command: ['alembic', 'upgrade', 'head'],
 *   database: database.endpoint.url({ driver: 'asyncpg' }),
 * });
 * new ApiGateway(stack, 'backend', { image, uses: [database, migration] });
 */
export class DatabaseMigration extends Job {
  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: DatabaseMigrationProps) {
    checkOptions(props, OPTIONS, `${scope.node.path}/${id}`);
    const { database, ...job } = alreadyChecked(props);
    super(scope, id, { ...job, uses: [database, ...(job.uses ?? [])] });
  }
}
