import { invalidValue } from '../errors/index';
import { hasForm } from '../platform/plain-values';

/** @throws TradingStackError unless it is the address of an engine's API, or nothing */
export function checkEngineHost(host: string | undefined, where: string): string | undefined {
  if (host === undefined || host === '' || hasForm(host, /^(unix|npipe|ssh|tcp|https?):\/\/\S+$/)) return host;
  throw invalidValue(where, 'host', host, "the address of an engine as DOCKER_HOST has it: 'ssh://desk@trading-1'");
}
