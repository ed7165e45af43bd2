import { invalidValue } from '../../errors';
import { hasForm } from '../../platform/plain-values';

/** Those that Docker knows on Linux: https://github.com/moby/sys/blob/main/signal/signal_linux.go */
const SIGNALS = [
  ...['ABRT', 'ALRM', 'BUS', 'CHLD', 'CLD', 'CONT', 'FPE', 'HUP', 'ILL', 'INT', 'IO', 'IOT', 'KILL', 'PIPE', 'POLL'],
  ...['PROF', 'PWR', 'QUIT', 'SEGV', 'STKFLT', 'STOP', 'SYS', 'TERM', 'TRAP', 'TSTP', 'TTIN', 'TTOU', 'URG', 'USR1'],
  ...['USR2', 'VTALRM', 'WINCH', 'XCPU', 'XFSZ', 'RTMIN(\\+(1[0-5]|[1-9]))?', 'RTMAX(-(1[0-4]|[1-9]))?'],
];
const SIGNAL = new RegExp(`^((SIG)?(${SIGNALS.join('|')})|[1-9]|[1-5][0-9]|6[0-4])$`, 'i');

/** @throws TradingStackError unless Docker knows the signal, by its name or its number */
export function checkStopSignal(given: unknown, property: string, where: string): void {
  if (hasForm(given, SIGNAL)) return;
  throw invalidValue(where, property, given, "the name of a signal: 'SIGTERM', 'SIGINT', 'SIGQUIT'");
}
