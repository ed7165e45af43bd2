import { createMt5Stack } from '../../examples/mt5/stack';
import { Engine } from '../../lib';
import { createApp } from '../../test/setup/synthesize';
import { SynthesizedSystem } from '../synthesized-system';

/** The system on one host. */
export const system = new SynthesizedSystem(createMt5Stack(createApp()));
/** The system on a Swarm. */
export const swarm = new SynthesizedSystem(createMt5Stack(createApp(), { engine: Engine.swarm() }));
/** The services of the document. */
export const DOCUMENTED = ['strategy_runner', 'feature_api', 'db', 'redis', 'prometheus', 'grafana'] as const;
