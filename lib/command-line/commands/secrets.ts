import type { App } from 'cdktf';
import { writeSecretFiles } from '../../index';
import type { CommandContext } from '../context';
import { DockerWrites } from '../engine/docker-writes';
import { dockerOf } from '../engine/of-stack';
import { CommandError, ExitCode } from '../output/output';
import { preflight } from '../preflight/preflight';
import { deliverSecrets, deliveriesOf } from '../secrets/delivery';
import { removeEarlierSecrets } from '../secrets/clean-up';
import { EngineRecord } from '../state/engine-record';
import { outputOf, stackNamed } from '../synthesis/stacks';

/** Puts the secrets of a stack on a remote engine, for a deploy with cdktf or Terraform alone. */
export async function secrets(
  app: App,
  name: string | undefined,
  options: { readonly newSecrets: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { output, environment } = context;
  const stack = stackNamed(app, name);
  const docker = dockerOf(stack, environment);
  const record = new EngineRecord(outputOf(app, stack), stack, docker);
  const needs = { secrets: true, newSecrets: options.newSecrets, start: false, record };
  const problems = await preflight(stack, docker, needs, context);
  if (problems.length > 0) throw CommandError.fromProblems(problems);
  writeSecretFiles(stack);
  const { id } = stack.node;
  const writes = new DockerWrites(docker);
  const written = await output.during('secrets', deliverSecrets(stack, writes));
  await removeEarlierSecrets(stack, writes, output);
  if (deliveriesOf(stack).length === 0) {
    output.heading(`${id} needs no delivery: its secrets are files of this machine, or Terraform sends them.`);
    return ExitCode.DONE;
  }
  const what = written.length === 0 ? 'were already' : 'are';
  output.heading(`The secrets of ${id} ${what} on the engine at ${docker.address.text}.`);
  return ExitCode.DONE;
}
