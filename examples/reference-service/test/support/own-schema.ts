import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/** An empty schema of a database, for a single test. */
export interface OwnSchema {
  readonly name: string;
  readonly url: string;
  readonly client: Client;
  drop(): Promise<void>;
}

export async function createSchema(database: string): Promise<OwnSchema> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(database);
  url.searchParams.set('options', `-c search_path=${name}`);
  const client = new Client(url.href);
  await client.connect();
  await client.query(`CREATE SCHEMA ${name}`);
  return {
    name,
    url: url.href,
    client,
    drop: async () => {
      await client.query(`DROP SCHEMA ${name} CASCADE`);
      await client.end();
    },
  };
}
