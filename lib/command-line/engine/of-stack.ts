import type { TradingStack } from '../../index';
import { HOST_CONTEXT } from '../../internal';
import { type EngineAddress, engineAddress } from './address';
import { DockerApi } from './docker-api';
import { remoteHost } from './app-context';

/**
 * The engine that a stack is deployed to.
 * @throws CommandError if the selected Docker context or its certificates cannot be read
 */
export function dockerOf(stack: TradingStack, environment: NodeJS.ProcessEnv): DockerApi {
  return DockerApi.at(addressFor(stack, environment), environment);
}

function addressFor({ engine, node }: TradingStack, environment: NodeJS.ProcessEnv): EngineAddress {
  if (engine.host !== undefined) return engineAddress(engine.host, environment);
  // The output is for the host in the context, which is the selected one if that is remote.
  const rendered = node.tryGetContext(HOST_CONTEXT) as string | undefined;
  return engineAddress(rendered === remoteHost(environment) ? undefined : rendered, environment);
}
