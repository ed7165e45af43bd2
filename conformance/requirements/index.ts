import { ALPACA } from './alpaca';
import { BINANCE } from './binance';
import { MASTERTRADE } from './mastertrade';
import { MT5 } from './mt5';
import { PLATFORM } from './platform';

/** All requirements of the five systems, by id. */
export const REQUIREMENTS = { ...MT5, ...BINANCE, ...ALPACA, ...MASTERTRADE, ...PLATFORM };

/** Such as `S3-18`: the system, and the row of its document. */
export type RequirementId = keyof typeof REQUIREMENTS;
