import type { Construct } from 'constructs';
import { alreadyChecked, checkOptions, listeningOn } from '../../options/options';
import { Image } from '../../workload/images/image';
import { Cpu } from '../../workload/units/cpu';
import { checkTimescaleImage, TIMESCALE_IMAGE } from './layout';
import { PostgresDb } from './postgres-db';
import { POSTGRES_OPTIONS, POSTGRES_PORT, type PostgresDbProps } from './postgres-db-props';
import { timescaleSettings } from './timescale-settings';

/** Properties of a {@link TimescaleDb}. */
export interface TimescaleDbProps extends PostgresDbProps {
  /**
   * An image of timescale/timescaledb or timescale/timescaledb-ha, or one built on it or with the extension in it. With a
   * newer TimescaleDB than before, a deploy updates the extension in every database, which has no way back.
   * @default Image.fromRegistry('timescale/timescaledb:2.30.2-pg17')
   */
  readonly image?: Image;
}

/**
 * PostgreSQL with TimescaleDB: a {@link PostgresDb} with the extension in all its databases, also on a volume that has
 * data. Background workers are sized from the CPU limit; telemetry is off. Hypertables, and the policies that compress
 * and delete old rows, are SQL in a migration.
 *
 * @example
 * const database = new TimescaleDb(stack, 'ticks', { database: 'ticks', resources: { cpus: Cpu.cores(2), memory: Size.gibibytes(4) } });
 * const migration = new DatabaseMigration(stack, 'migrate', {
 *   image: Image.fromRegistry('ghcr.io/desk/migrations:1.4.0'),
 *   command: ['alembic', 'upgrade', 'head'],
 *   database,
 * });
 * new MarketDataService(stack, 'market_data', { image, uses: [database, migration] });
 */
export class TimescaleDb extends PostgresDb {
  /**
   * @throws TradingStackError for an invalid option, an image of unknown layout or version or without TimescaleDB, or
   *   too little memory
   */
  constructor(scope: Construct, id: string, props: TimescaleDbProps = {}) {
    const where = `${scope.node.path}/${id}`;
    checkOptions(props, listeningOn(POSTGRES_OPTIONS, POSTGRES_PORT), where);
    const { image = Image.fromRegistry(TIMESCALE_IMAGE), settings = {}, databases = [] } = props;
    const cpus = props.resources?.cpus ?? Cpu.cores(1);
    super(
      scope,
      id,
      alreadyChecked({
        ...props,
        image,
        settings: timescaleSettings(settings, cpus, databases.length + 1, where),
        // The image would derive settings on the first start only, and keep them when the limits change.
        environment: { NO_TS_TUNE: true, ...props.environment },
      }),
    );
    checkTimescaleImage(image, this);
  }

  /** @internal */
  protected override get extensionName(): string {
    return 'timescaledb';
  }
}
