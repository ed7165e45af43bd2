import type { TradingStack } from '../../index';
import { type EngineAddress, engineAddress } from '../connection/address';
import { DockerApi } from './docker-api';
import { remoteHost } from '../connection/app-context';

/**
 * The engine that a stack is deployed to.
 * @param mostConnections how many requests can be open at the same time; a few by default
 * @throws CommandError if the selected Docker context or its certificates cannot be read
 */
export function dockerOf(stack: TradingStack, environment: NodeJS.ProcessEnv, mostConnections?: number): DockerApi {
  return DockerApi.at(addressFor(stack, environment), environment, mostConnections);
}

function addressFor({ engine: { host } }: TradingStack, environment: NodeJS.ProcessEnv): EngineAddress {
  // The selected engine may have certificates of its own.
  const isSelected = host === undefined || host === remoteHost(environment);
  return engineAddress(isSelected ? undefined : host, environment);
}
