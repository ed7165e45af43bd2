import type { Access } from './access';
import type { MarketDataFeed } from './market-data-feed';
import { isText } from './message';
import { parseOrderRequest, type OrderDesk } from './order-desk';
import { SYMBOL_PATTERN } from './tick';

const MOST_SYMBOLS = 100;

/** A connection to the live feed. */
export interface Client {
  /** With which it connected; a token that has expired since does not place orders. */
  readonly token: string | undefined;
  /** Whose ticks it gets; all of them until it subscribes. */
  symbols?: Set<string>;
}

type Answer = (client: Client, body: unknown) => Promise<object>;

/** Whether a client gets the ticks of a symbol. */
export function wants({ symbols }: Client, symbol: string): boolean {
  return symbols === undefined || symbols.has(symbol);
}

/** Answers what clients of the live feed send: `subscribe` and `unsubscribe` with symbols, and `order`. */
export class ClientRequests {
  private readonly answers: ReadonlyMap<string, Answer>;

  constructor(
    private readonly desk: OrderDesk,
    private readonly prices: MarketDataFeed,
    private readonly access: Access,
  ) {
    this.answers = new Map<string, Answer>([
      ['subscribe', async (client, body) => change(client, body, (all, symbol) => all.add(symbol))],
      ['unsubscribe', async (client, body) => change(client, body, (all, symbol) => all.delete(symbol))],
      ['order', (client, body) => this.order(client, body)],
    ]);
  }

  get names(): readonly string[] {
    return [...this.answers.keys()];
  }

  /** The answer, or `{ error }` if the request did nothing. */
  async answer(client: Client, name: string, body: unknown): Promise<object> {
    try {
      const answer = this.answers.get(name);
      if (answer === undefined) throw new Error(`unknown request; known requests: ${this.names.join(', ')}`);
      return await answer(client, body);
    } catch (error) {
      return { error: (error as Error).message };
    }
  }

  private async order({ token }: Client, body: unknown): Promise<object> {
    const refusal = await this.access.refusalOfToken(token);
    if (refusal !== undefined) throw new Error(refusal.error);
    return this.desk.place(parseOrderRequest(body), this.prices);
  }
}

function change(client: Client, body: unknown, apply: (all: Set<string>, symbol: string) => void): object {
  const symbols = Array.isArray(body) ? (body as unknown[]) : [];
  const areValid = symbols.every((symbol) => isText(symbol) && SYMBOL_PATTERN.test(symbol));
  if (symbols.length === 0 || !areValid) throw new Error('a list of symbols is required, such as ["EURUSD"]');
  const changed = new Set(client.symbols);
  for (const symbol of symbols) apply(changed, symbol as string);
  if (changed.size > MOST_SYMBOLS) throw new Error(`at most ${MOST_SYMBOLS} symbols can be subscribed to`);
  client.symbols = changed;
  return { symbols: [...changed] };
}
