import { signedQuantity, type Fill, type Side } from './order';

interface Position {
  /** Negative when more was sold than bought. */
  quantity: number;
  /** Mean price of what the position is made of. */
  averagePrice: number;
  /** The last price seen of the symbol. */
  lastPrice: number;
}

type Trade = { readonly symbol: string; readonly side: Side; readonly quantity: number; readonly price: number };

/** Fills older than these are not told apart any more. */
const REMEMBERED_FILLS = 10_000;

/** Positions and what they are worth, at the last price seen of each symbol, by the fills so far. */
export class Portfolio {
  private readonly positions = new Map<string, Position>();
  private readonly known = new Set<string>();
  private realized = 0;
  private peak = 0;
  private day = '';
  private startOfDay = 0;

  /** A fill that is known already changes nothing, so that it may come from several places. */
  apply(fill: Fill): void {
    if (this.known.has(fill.orderId)) return;
    this.remember(fill.orderId);
    this.mark(fill.symbol, fill.price, fill.filledAt);
    const position = this.positions.get(fill.symbol) ?? { quantity: 0, averagePrice: 0, lastPrice: fill.price };
    const change = signedQuantity(fill);
    const closed = position.quantity * change < 0 ? Math.min(Math.abs(change), Math.abs(position.quantity)) : 0;
    this.realized += closed * (fill.price - position.averagePrice) * Math.sign(position.quantity);
    const quantity = position.quantity + change;
    this.positions.set(fill.symbol, {
      quantity,
      averagePrice: averagePrice(position, quantity, change, fill.price),
      lastPrice: fill.price,
    });
    this.note();
  }

  /** Notes a price; the first one of a day (UTC) ends the day before. */
  mark(symbol: string, price: number, at: string): void {
    const day = new Date(at).toISOString().slice(0, 10);
    if (day > this.day) {
      this.day = day;
      this.startOfDay = this.profit;
    }
    const position = this.positions.get(symbol);
    if (position !== undefined) position.lastPrice = price;
    this.note();
  }

  /** Value of the symbol's position if the trade were done. */
  sizeAfter({ symbol, side, quantity, price }: Trade): number {
    return Math.abs(this.quantity(symbol) + signedQuantity({ side, quantity })) * price;
  }

  /** Whether the trade makes the position smaller and does not turn it around. */
  reduces({ symbol, side, quantity }: Trade): boolean {
    const held = this.quantity(symbol);
    return held * signedQuantity({ side, quantity }) < 0 && quantity <= Math.abs(held);
  }

  /** The day (UTC) of the last price. */
  get today(): string {
    return this.day;
  }

  get lossToday(): number {
    return Math.max(this.startOfDay - this.profit, 0);
  }

  /** How far the account is below the most it was ever worth. */
  get drawdown(): number {
    return this.peak - this.profit;
  }

  private get profit(): number {
    const open = [...this.positions.values()].map((held) => held.quantity * (held.lastPrice - held.averagePrice));
    return open.reduce((total, value) => total + value, this.realized);
  }

  private quantity(symbol: string): number {
    return this.positions.get(symbol)?.quantity ?? 0;
  }

  private note(): void {
    this.peak = Math.max(this.peak, this.profit);
  }

  private remember(orderId: string): void {
    this.known.add(orderId);
    const [oldest] = this.known;
    if (this.known.size > REMEMBERED_FILLS && oldest !== undefined) this.known.delete(oldest);
  }
}

function averagePrice(before: Position, quantity: number, change: number, price: number): number {
  const grows = before.quantity * change >= 0;
  if (grows) return (before.averagePrice * before.quantity + price * change) / quantity;
  const turned = quantity * before.quantity < 0;
  return turned ? price : before.averagePrice;
}
