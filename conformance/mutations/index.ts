import { ALPACA_MUTATIONS } from './alpaca';
import { BINANCE_MUTATIONS } from './binance';
import { LIBRARY_MUTATIONS } from './library';
import { MASTERTRADE_MUTATIONS } from './mastertrade';
import type { Mutation } from './mutation';
import { MT5_MUTATIONS } from './mt5';
import { PLATFORM_MUTATIONS } from './platform';

/** Single changes of the examples, the reference service and the library, each aimed at a row that is met. */
export const MUTATIONS: readonly Mutation[] = [
  ...MT5_MUTATIONS,
  ...BINANCE_MUTATIONS,
  ...ALPACA_MUTATIONS,
  ...MASTERTRADE_MUTATIONS,
  ...PLATFORM_MUTATIONS,
  ...LIBRARY_MUTATIONS,
];
