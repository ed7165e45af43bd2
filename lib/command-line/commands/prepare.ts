import type { App } from 'cdktf';
import type { TradingStack } from '../../index';
import { isBeforeProvider4, WrittenConfiguration } from '../synthesis/configuration';
import type { CommandContext } from '../context';
import type { DockerApi } from '../engine/docker-api';
import { Logins } from '../connection/logins';
import { dockerOf } from '../engine/of-stack';
import { History } from '../history/history';
import { CommandError } from '../output/output';
import { preflight, type PreflightOptions } from '../preflight/preflight';
import { writeSecrets } from '../secrets/files';
import { outputOf, synthesize } from '../synthesis/stacks';
import { EngineRecord } from '../state/engine-record';
import { protectState } from '../state/state-file';
import { Terraform } from '../terraform/terraform';

/** Everything that a command needs to run Terraform. */
export interface Prepared {
  readonly docker: DockerApi;
  /** The logins at the registries of the stack. */
  readonly logins: Logins;
  /** Initialized. */
  readonly terraform: Terraform;
  readonly record: EngineRecord;
  readonly history: History;
  /** Whether a refresh makes the provider remove stopped containers; since 4.0, an apply starts them again. */
  readonly removesStopped: boolean;
}

/**
 * Writes the configuration, checks the requirements, and only then writes secret files and initializes Terraform.
 * @param rewrite replaces the configuration in the folder by another one
 * @throws CommandError with all problems
 */
export async function prepare(
  app: App,
  stack: TradingStack,
  needs: PreflightOptions,
  context: CommandContext,
  rewrite: (folder: string) => void = () => undefined,
): Promise<Prepared> {
  const objections = synthesize(app);
  const folder = outputOf(app, stack);
  if (objections.length === 0) rewrite(folder);
  // Read before the checks, because another process may rewrite it meanwhile.
  const configuration = objections.length === 0 ? new WrittenConfiguration(folder) : undefined;
  const docker = dockerOf(stack, context.environment);
  const record = new EngineRecord(folder, stack, docker);
  const problems = [...objections, ...(await preflight(stack, docker, { ...needs, record }, context))];
  if (configuration === undefined || problems.length > 0) throw CommandError.fromProblems(problems);
  if (needs.secrets) writeSecrets(stack, context.output);
  protectState(folder, stack);

  const logins = await Logins.of(stack, context.environment);
  const terraform = new Terraform({ stack, directory: folder, configuration, docker, logins, context });
  if (terraform.journal.restoreState()) {
    context.output.warn('The Terraform state was cut off when the last deploy was killed, and has been restored.');
  }
  await terraform.init();
  const history = new History(folder, stack);
  return { docker, logins, terraform, record, history, removesStopped: isBeforeProvider4(configuration) };
}
