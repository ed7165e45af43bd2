import type { Configuration } from '../configuration';
import type { Service } from '../service';
import { HttpTransport } from './http';
import { RabbitMqTransport } from './rabbitmq';
import { RedisTransport } from './redis';
import type { Transport, TransportConstructor } from './transport';
import { ZeroMqTransport } from './zeromq';

/** The transports by their names in `TRANSPORT`. */
const transports = {
  zeromq: ZeroMqTransport,
  rabbitmq: RabbitMqTransport,
  redis: RedisTransport,
  http: HttpTransport,
} satisfies Record<string, TransportConstructor>;

export type TransportName = keyof typeof transports;

/** `TRANSPORT`, or ZeroMQ if a variable is set that only ZeroMQ uses. */
export function transportName(configuration: Configuration): TransportName | undefined {
  const names = Object.keys(transports) as TransportName[];
  if (configuration.optionalText('TRANSPORT') !== undefined) return configuration.oneOf('TRANSPORT', names);
  const speaksZeroMq =
    configuration.optionalText('ZMQ_MARKET_PORT') !== undefined ||
    configuration.optionalText('MARKET_DATA_URL')?.startsWith('tcp://');
  return speaksZeroMq ? 'zeromq' : undefined;
}

/** The transport of `TRANSPORT`, or `undefined`: then only roles of this process can communicate. */
export function createTransport(service: Service, configuration: Configuration): Transport | undefined {
  const name = transportName(configuration);
  return name === undefined ? undefined : new transports[name](service, configuration);
}
