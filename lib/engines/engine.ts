import type { ContainerEngine } from '../platform/container-engine';
import { DockerEngine, type DockerEngineOptions } from './docker/docker-engine';
import { SwarmEngine, type SwarmEngineOptions } from './swarm/swarm-engine';

/** Where a stack runs: chosen once, in {@link TradingStackProps.engine}. */
export type Engine = ContainerEngine;

/**
 * The engines that a stack can run on.
 *
 * @example
 * new TradingStack(app, 'mt5', { engine: Engine.swarm() });
 */
export const Engine = {
  /**
   * One host: every workload is a container.
   * @throws TradingStackError for an unknown option, and for a host, registry or version that is invalid
   */
  docker(options: DockerEngineOptions = {}): Engine {
    return new DockerEngine(options);
  },

  /**
   * A Docker Swarm of one or more nodes: every workload is a service.
   * @throws TradingStackError for an unknown option, and for a host, registry, version or label that is invalid
   */
  swarm(options: SwarmEngineOptions = {}): Engine {
    return new SwarmEngine(options);
  },
};
