import type { App } from 'cdktf';
import type { CommandContext } from '../../context';
import { DockerWrites } from '../../engine/docker-writes';
import { dockerOf } from '../../engine/of-stack';
import { shortAge } from '../../output/quantities';
import { CommandError, ExitCode, type Output } from '../../output/output';
import { printTable } from '../../output/table';
import { preflight } from '../../preflight/preflight';
import { removeEarlierSecrets } from '../../secrets/clean-up';
import { deliverSecrets, deliveriesOf } from '../../secrets/delivery';
import { writeSecrets } from '../../secrets/files';
import { type ListedSecret, listedSecrets } from '../../secrets/listing';
import { EngineRecord } from '../../state/engine-record';
import { outputOf, stackNamed } from '../../synthesis/stacks';

/** Lists the secrets of a stack, and puts them on a remote engine, for a deploy with cdktf or Terraform alone. */
export async function secrets(
  app: App,
  name: string | undefined,
  options: { readonly newSecrets: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { output, environment, now } = context;
  const stack = stackNamed(app, name);
  const docker = dockerOf(stack, environment);
  const record = new EngineRecord(outputOf(app, stack), stack, docker);
  const needs = { secrets: true, newSecrets: options.newSecrets, start: false, record };
  const problems = await preflight(stack, docker, needs, context);
  if (problems.length > 0) throw CommandError.fromProblems(problems);
  writeSecrets(stack, output);
  const { id } = stack.node;
  const writes = new DockerWrites(docker);
  const written = await output.during('secrets', deliverSecrets(stack, writes));
  await removeEarlierSecrets(stack, writes, output);
  const listed = listedSecrets(stack, now());
  if (output.isJson) {
    output.document({ stack: id, engine: docker.address.text, delivered: written, secrets: listed });
    return ExitCode.DONE;
  }
  print(listed, output);
  if (deliveriesOf(stack).length === 0) {
    output.heading(`${id} needs no delivery: its secrets are files of this machine, or Terraform sends them.`);
    return ExitCode.DONE;
  }
  const what = written.length === 0 ? 'were already' : 'are';
  output.heading(`The secrets of ${id} ${what} on the engine at ${docker.address.text}.`);
  return ExitCode.DONE;
}

function print(listed: readonly ListedSecret[], output: Output): void {
  if (listed.length === 0) return;
  const rows = listed.map(({ name, source, parts, ageSeconds, consumers, isRotating }) => [
    name,
    parts.length === 0 ? source : `${source} from ${parts.join(', ')}`,
    `${shortAge(ageSeconds * 1000)} ago`,
    consumers.join(', '),
    isRotating ? output.colors.yellow('rotation not finished') : '',
  ]);
  printTable(output, ['SECRET', 'SOURCE', 'CHANGED', 'CONSUMERS', ''], rows);
  output.say('');
}
