import type { StrategyParameters } from './backtest';
import type { Database } from './database';

/** A strategy among those of its day. */
export interface Candidate {
  /** From 1 on. */
  readonly number: number;
  readonly parameters: StrategyParameters;
  /** Result of its backtest. */
  readonly score: number;
  readonly active: boolean;
}

export interface ActiveStrategy {
  /** UTC, such as 2026-01-31. */
  readonly day: string;
  readonly number: number;
  readonly parameters: StrategyParameters;
}

const SELECT_GENERATION = 'SELECT 1 FROM strategy_generations WHERE day = $1';
const INSERT_GENERATION = 'INSERT INTO strategy_generations (day) VALUES ($1) ON CONFLICT DO NOTHING RETURNING day';
const DEACTIVATE = 'UPDATE strategies SET active = false WHERE active';
const INSERT_STRATEGIES = `INSERT INTO strategies (day, number, parameters, score, active, generated_at)
  SELECT $1, number, parameters, score, active, $2
  FROM jsonb_to_recordset($3) AS t (number integer, parameters jsonb, score double precision, active boolean)`;
const SELECT_ACTIVE = `SELECT day::text, number, parameters FROM strategies WHERE active
  ORDER BY score DESC, number LIMIT $1`;

/** The generated strategies in the database. */
export class StrategyStore {
  constructor(private readonly database: Database) {}

  async hasGeneration(day: string): Promise<boolean> {
    return (await this.database.rows(SELECT_GENERATION, [day])).length > 0;
  }

  /**
   * Stores the strategies of a day and deactivates those of earlier days. Changes nothing and returns false if another
   * replica has stored that day's.
   */
  async keep(day: string, generatedAt: Date, candidates: readonly Candidate[]): Promise<boolean> {
    return this.database.transaction(async (query) => {
      if ((await query(INSERT_GENERATION, [day])).length === 0) return false;
      await query(DEACTIVATE);
      await query(INSERT_STRATEGIES, [day, generatedAt, JSON.stringify(candidates)]);
      return true;
    });
  }

  /** The best ones first. */
  async active(limit: number): Promise<readonly ActiveStrategy[]> {
    return this.database.rows<{ day: string; number: number; parameters: StrategyParameters }>(SELECT_ACTIVE, [limit]);
  }
}
