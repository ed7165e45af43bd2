import { invalidValue } from '../errors';
import type { ContainerEngine } from '../platform/container-engine';
import { DockerEngine, type DockerEngineOptions } from './docker/docker-engine';
import { SwarmEngine, type SwarmEngineOptions } from './swarm/swarm-engine';

/** @throws TradingStackError for what only plain JavaScript can give: no engine, or its name */
export function checkEngine(engine: Partial<Engine> | undefined, where: string): void {
  if (typeof engine?.createWorkload === 'function') return;
  throw invalidValue(where, 'engine', engine, 'Engine.docker() or Engine.swarm()');
}

/** Where a stack runs: chosen once, in {@link TradingStackProps.engine}. */
export type Engine = ContainerEngine;

/**
 * The engines that a stack can run on.
 *
 * @example
 * new TradingStack(app, 'mt5', { engine: Engine.docker() });
 */
export const Engine = {
  /** One host: every workload is a container. */
  docker(options: DockerEngineOptions = {}): Engine {
    return new DockerEngine(options);
  },

  /** A Docker Swarm of one or many nodes: every workload is a service. */
  swarm(options: SwarmEngineOptions = {}): Engine {
    return new SwarmEngine(options);
  },
};
