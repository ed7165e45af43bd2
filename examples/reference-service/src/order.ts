import { createHash } from 'node:crypto';
import { isAmount, isText, isTime, parseObject, type Fields } from './message';
import { SYMBOL_PATTERN } from './tick';

export const SIDES = ['BUY', 'SELL'] as const;
export type Side = (typeof SIDES)[number];

export interface Order {
  /** An order that is sent again has the same id and is filled once. */
  readonly id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: number;
  readonly price: number;
  /** The price is that of the last tick, so it may differ when the order is sent again. */
  readonly atMarket?: boolean;
  /** The strategy that placed it. */
  readonly strategy: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface RiskAnswer {
  readonly approved: boolean;
  /** Why not. */
  readonly reason?: string;
}

export interface Fill {
  readonly orderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: number;
  readonly price: number;
  /** ISO 8601. */
  readonly filledAt: string;
}

export interface OrderAnswer {
  readonly status: 'filled' | 'refused';
  /** Why it was refused. */
  readonly reason?: string;
  readonly fill?: Fill;
}

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Alert {
  readonly severity: Severity;
  /** The service that published it. */
  readonly source: string;
  readonly message: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

export const ORDER_ID_PATTERN = /^[A-Za-z0-9._:-]{1,128}$/;

/** A longer name would leave no space for the rest of an id. */
const LONGEST_NAME = 48;

/**
 * The same id for the same decision, so that a strategy that decides or sends twice, or has several replicas, trades
 * once. Strategies with different names have different ids.
 */
export function orderId(strategy: string, tick: { symbol: string; time: string; sequence: number }): string {
  // The sequence alone is not unique, because it restarts with the feed.
  return [inId(strategy), tick.symbol, Date.parse(tick.time).toString(36), tick.sequence].join(':');
}

/** The name if it is valid in an id; otherwise its valid characters and a hash. */
function inId(name: string): string {
  if (new RegExp(`^[A-Za-z0-9._-]{1,${LONGEST_NAME}}$`).test(name)) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, LONGEST_NAME)}.${hash}`;
}

/** The change of the position: the quantity, negative for a sale. */
export function signedQuantity({ side, quantity }: { readonly side: Side; readonly quantity: number }): number {
  return side === 'BUY' ? quantity : -quantity;
}

export function parseOrder(message: unknown): Order {
  return parseObject<Order>('an order', message, {
    id: (value) => isText(value) && ORDER_ID_PATTERN.test(value),
    ...TRADE,
    atMarket: (value) => value === undefined || typeof value === 'boolean',
    strategy: isText,
    createdAt: isTime,
  });
}

export function parseFill(message: unknown): Fill {
  return parseObject<Fill>('a fill', message, { orderId: isText, ...TRADE, filledAt: isTime });
}

export function parseRiskAnswer(message: unknown): RiskAnswer {
  return parseObject<RiskAnswer>('a risk answer', message, {
    approved: (value) => typeof value === 'boolean',
    reason: isOptionalText,
  });
}

export function parseOrderAnswer(message: unknown): OrderAnswer {
  const answer = parseObject<OrderAnswer>('an order answer', message, {
    status: (value) => value === 'filled' || value === 'refused',
    reason: isOptionalText,
    fill: (value) => value === undefined || typeof value === 'object',
  });
  return answer.fill === undefined ? answer : { ...answer, fill: parseFill(answer.fill) };
}

export function parseAlert(message: unknown): Alert {
  return parseObject<Alert>('an alert', message, {
    severity: (value) => SEVERITIES.includes(value as Severity),
    source: isText,
    message: isText,
    createdAt: isTime,
  });
}

const TRADE = {
  symbol: (value) => isText(value) && SYMBOL_PATTERN.test(value),
  side: (value) => SIDES.includes(value as Side),
  quantity: isAmount,
  price: isAmount,
} satisfies Fields<Pick<Fill, 'symbol' | 'side' | 'quantity' | 'price'>>;

function isOptionalText(value: unknown): boolean {
  return value === undefined || isText(value);
}
