import type { App } from 'cdktf';
import type { TradingStack } from '../../index';
import { type DockerApi, DockerApiError } from '../engine/docker-api';
import { dockerOf } from '../engine/of-stack';
import { CommandError } from '../output/output';
import { outputOf } from '../synthesis/stacks';
import { EngineRecord } from './engine-record';

/**
 * The engine of a command about what is deployed. On another one than the stack is deployed to, everything would seem to be
 * gone. The address of the last deploy needs no request.
 * @param mostConnections how many requests can be open at the same time; a few by default
 * @throws CommandError `other-engine`, or why the engine cannot be reached and which one to select
 */
export async function deployedEngine(
  app: App,
  stack: TradingStack,
  environment: NodeJS.ProcessEnv,
  mostConnections?: number,
): Promise<DockerApi> {
  const docker = dockerOf(stack, environment, mostConnections);
  const record = new EngineRecord(outputOf(app, stack), stack, docker);
  const hint = record.hint();
  if (hint === undefined) return docker;
  try {
    const problem = await record.problem();
    if (problem !== undefined) throw CommandError.fromProblems([problem]);
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    throw new CommandError(error.code, `${error.message} ${hint}`);
  }
  return docker;
}
