import { signedQuantity, type Fill, type Side } from './order';

interface Position {
  /** Negative when more was sold than bought. */
  quantity: number;
  /** Average price of the position. */
  averagePrice: number;
  /** Price of the last fill. */
  fillPrice: number;
}

type Trade = { readonly symbol: string; readonly side: Side; readonly quantity: number };

/** For this long, a repeated fill is recognized as such. */
const REMEMBERED_MS = 600_000;

/**
 * Positions from the fills so far, valued at the market price, or at the price of the symbol's last fill until there is
 * one. Prices of orders do not change the value.
 */
export class Portfolio {
  private readonly positions = new Map<string, Position>();
  private readonly marketPrices = new Map<string, number>();
  /** Time of the fill of each order that may be repeated. */
  private readonly known = new Map<string, number>();
  private newest = 0;
  private realized = 0;
  private peak = 0;
  private day = '';
  private startOfDay = 0;

  /** A known fill changes nothing, so it may be read twice. */
  apply(fill: Fill): void {
    if (this.known.has(fill.orderId)) return;
    this.remember(fill);
    this.begin(dayOf(fill.filledAt));
    const before = this.profit;
    const position = this.positions.get(fill.symbol) ?? { quantity: 0, averagePrice: 0, fillPrice: fill.price };
    const change = signedQuantity(fill);
    const closed = position.quantity * change < 0 ? Math.min(Math.abs(change), Math.abs(position.quantity)) : 0;
    this.realized += closed * (fill.price - position.averagePrice) * Math.sign(position.quantity);
    const quantity = position.quantity + change;
    this.positions.set(fill.symbol, {
      quantity,
      averagePrice: averagePrice(position, quantity, change, fill.price),
      fillPrice: fill.price,
    });
    // A fill of an earlier day does not count towards the result of the current one.
    if (dayOf(fill.filledAt) < this.day) this.startOfDay += this.profit - before;
    this.note();
  }

  /** Records the market price of a symbol; the first price of a day (UTC) ends the previous day. */
  mark(symbol: string, price: number, at: string): void {
    this.begin(dayOf(at));
    this.marketPrices.set(symbol, price);
    this.note();
  }

  /** Value of the symbol's position if the trade were done, at that price. */
  sizeAfter({ symbol, side, quantity }: Trade, price: number): number {
    return Math.abs(this.quantity(symbol) + signedQuantity({ side, quantity })) * price;
  }

  /** Value of the largest position. */
  get largestPosition(): number {
    const sizes = [...this.positions].map(
      ([symbol, position]) => Math.abs(position.quantity) * this.price(symbol, position),
    );
    return Math.max(0, ...sizes);
  }

  /** Whether the trade reduces the position without reversing it. */
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

  /** How far the account is below its highest value. */
  get drawdown(): number {
    return this.peak - this.profit;
  }

  private get profit(): number {
    const open = [...this.positions].map(
      ([symbol, position]) => position.quantity * (this.price(symbol, position) - position.averagePrice),
    );
    return open.reduce((total, value) => total + value, this.realized);
  }

  private price(symbol: string, { fillPrice }: Position): number {
    return this.marketPrices.get(symbol) ?? fillPrice;
  }

  private begin(day: string): void {
    if (day <= this.day) return;
    this.day = day;
    this.startOfDay = this.profit;
  }

  private quantity(symbol: string): number {
    return this.positions.get(symbol)?.quantity ?? 0;
  }

  private note(): void {
    this.peak = Math.max(this.peak, this.profit);
  }

  private remember({ orderId, filledAt }: Fill): void {
    const time = Date.parse(filledAt);
    this.known.set(orderId, time);
    this.newest = Math.max(this.newest, time);
    for (const [id, at] of this.known) {
      if (at >= this.newest - REMEMBERED_MS) return;
      this.known.delete(id);
    }
  }
}

function averagePrice(before: Position, quantity: number, change: number, price: number): number {
  const grows = before.quantity * change >= 0;
  if (grows) return (before.averagePrice * before.quantity + price * change) / quantity;
  const turned = quantity * before.quantity < 0;
  return turned ? price : before.averagePrice;
}

function dayOf(time: string): string {
  return new Date(time).toISOString().slice(0, 10);
}
