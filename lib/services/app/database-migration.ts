import type { Construct } from 'constructs';
import { listOf } from '../../platform/plain-values';
import { checkConnectable, type IConnectable } from '../../workload/connections/connection';
import { Job, type JobProps } from '../../workload/job';

/** Properties of a {@link DatabaseMigration}. */
export interface DatabaseMigrationProps extends JobProps {
  /** What it changes: the database itself, or one form of its connection, such as `database.endpoint.url(…)`. */
  readonly database: IConnectable;
}

/**
 * Brings a database to the schema that its consumers expect. It runs once, when the database is healthy, and again when
 * its image or definition changes; consumers that name it in `uses` start after it has ended with 0. A failure stops
 * the deploy before any of them is touched.
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
  /** @throws TradingStackError without a database, and for anything that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: DatabaseMigrationProps) {
    const where = `${scope.node.path}/${id}`;
    const { uses = [], database, ...job } = props;
    listOf(() => undefined)(uses, 'uses', where);
    uses.forEach((used, index) => checkConnectable(used, `uses[${index}]`, where));
    super(scope, id, { ...job, uses: [checkConnectable(database, 'database', where), ...uses] });
  }
}
