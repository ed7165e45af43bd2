import type { Configuration } from '../configuration';
import type { Service } from '../service';
import type { Transport, TransportConstructor } from './transport';

/** The transports by their names in `TRANSPORT`. */
const transports = {} satisfies Record<string, TransportConstructor>;

export type TransportName = 'zeromq' | 'rabbitmq' | 'redis' | 'http';

/**
 * `TRANSPORT`; without it a variable that only ZeroMQ needs says so.
 */
export function transportName(configuration: Configuration): TransportName | undefined {
  const names = ['zeromq', 'rabbitmq', 'redis', 'http'] as const;
  if (configuration.optionalText('TRANSPORT') !== undefined) return configuration.oneOf('TRANSPORT', names);
  const speaksZeroMq =
    configuration.optionalText('ZMQ_MARKET_PORT') !== undefined ||
    configuration.optionalText('MARKET_DATA_URL')?.startsWith('tcp://');
  return speaksZeroMq ? 'zeromq' : undefined;
}

/** The transport of `TRANSPORT`, or nothing: then the roles of this process reach each other and nobody else. */
export function createTransport(_service: Service, _configuration: Configuration): Transport | undefined {
  void transports;
  return undefined;
}
