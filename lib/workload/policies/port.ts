import { invalidValue } from '../../errors';

/** @throws TradingStackError if it is not a port */
export function checkPort(port: number, where: string): number {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalidValue(where, 'the port', port, 'a whole number from 1 to 65535');
  }
  return port;
}
