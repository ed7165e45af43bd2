import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import type { TradingStack } from '../../../index';
import type { CommandContext } from '../../context';
import { DockerWrites } from '../../engine/docker-writes';
import { asDeployed } from '../../history/as-deployed';
import type { Configuration, DeployRecord } from '../../history/deploy-record';
import { History } from '../../history/history';
import { configurationFor } from '../../history/recorded-configuration';
import { canBePulled, missingImages, restoreImages } from '../../history/recorded-images';
import { targetOf } from '../../history/target';
import { shortAge } from '../../output/age';
import { beforeAnyChange, CommandError, type ExitCode } from '../../output/output';
import { quoted } from '../../output/quoted';
import { CommandLock } from '../../state/command-lock';
import { outputOf, stackNamed } from '../../synthesis/stacks';
import { checkCanConfirm } from '../confirm';
import { deployPrepared } from '../deploy';
import { prepare, type Prepared } from '../prepare';

interface RollbackChoices {
  readonly yes: boolean;
  readonly verbose: boolean;
  /** Id of the deploy; `undefined` for the one before. */
  readonly to: string | undefined;
  /** Why, for the history. */
  readonly reason: string | undefined;
}

/** Returns to the configuration and the images of an earlier deploy. */
export async function rollback(
  app: App,
  name: string | undefined,
  choices: RollbackChoices,
  context: CommandContext,
): Promise<ExitCode> {
  const stack = stackNamed(app, name);
  checkCanConfirm(choices.yes, 'rollback', [stack.node.id, ...wordsOf(choices)], context);
  const folder = outputOf(app, stack);
  return new CommandLock(folder, stack).during('rollback', () => rollBackLocked(app, stack, choices, context));
}

function wordsOf({ to, reason }: RollbackChoices): string[] {
  return [...(to === undefined ? [] : ['--to', to]), ...(reason === undefined ? [] : ['--reason', quoted(reason)])];
}

async function rollBackLocked(
  app: App,
  stack: TradingStack,
  { yes, verbose, to, reason }: RollbackChoices,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  const deploy = targetOf(new History(outputOf(app, stack), stack), to, stack.node.id);
  checkFits(deploy, stack);
  // So that the checks and the steps of a deploy are about what it leads to.
  const earlier = asDeployed(stack, deploy.content.workloads);
  const needs = { secrets: true, newSecrets: false, start: true };
  const prepared = await prepare(app, earlier, needs, context, (folder) => {
    writeConfiguration(folder, deploy);
  });
  await beforeAnyChange(checkImages(deploy, stack, prepared));
  const age = shortAge(context.now() - Date.parse(deploy.time));
  output.heading(`Back to deploy ${deploy.id} of ${deploy.time}, ${age} ago: ${deploy.reason}`);
  const undertaking = {
    command: 'rollback',
    // A rollback already names the deploy that it went back to.
    reason: reason ?? (deploy.restores === null ? `back to ${deploy.id}: ${deploy.reason}` : deploy.reason),
    restores: deploy,
  } as const;
  const options = { yes, verbose, pull: false, noCache: false, overwrite: false, undertaking };
  const restored = async (): Promise<string | undefined> => {
    const writes = new DockerWrites(prepared.docker);
    const names = await restoreImages(deploy.content.images, writes, prepared.logins, output);
    return names.length === 0
      ? undefined
      : `Only these names of images refer to earlier ones now: ${names.join(', ')}.`;
  };
  return deployPrepared(earlier, prepared, options, context, restored);
}

/** @throws CommandError `rollback-not-possible` if the code has changed in a way that the files of a rollback do not survive */
function checkFits({ id, content }: DeployRecord, stack: TradingStack): void {
  const { platform, stateFile } = stack;
  const renamed: readonly (readonly [string, string, string])[] = [
    ['the name of the stack', content.prefix, platform.prefix],
    ['the engine', content.engine, platform.engine.name],
    ['the path of the state', content.stateFile, stateFile],
  ];
  for (const [what, before, now] of renamed) {
    if (before !== now) throw notPossible(id, stack, [`${what} was ${before} then, and is ${now} now`]);
  }
  const today = new Map(
    platform.workloads.flatMap(({ spec }) => spec.bindMounts.map(({ source, contentHash }) => [source, contentHash])),
  );
  const problems = content.workloads.flatMap(({ spec }) => [
    ...spec.bindMounts
      .filter(
        ({ source, contentHash }) => contentHash !== null && today.has(source) && today.get(source) !== contentHash,
      )
      .map(({ path }) => `${spec.name} mounts a file or folder of the project at ${path}, which has changed since`),
    ...[...spec.secrets.map(({ secret }) => secret), ...Object.values(spec.secretEnvironment)]
      .filter(({ file }) => !existsSync(platform.projectDirectory.locate(file)))
      .map(({ file }) => `${spec.name} needs the secret ${file}, which is missing`),
  ]);
  if (problems.length > 0) throw notPossible(id, stack, problems);
}

/** @throws CommandError `rollback-not-possible` if an image is neither on the engine nor in a registry */
async function checkImages({ id, content }: DeployRecord, stack: TradingStack, { docker }: Prepared): Promise<void> {
  const missing = (await missingImages(content.images, docker)).filter((image) => !canBePulled(image));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  const verb = missing.length === 1 ? 'is' : 'are';
  throw notPossible(id, stack, [`${names} ${verb} no longer on the engine at ${docker.address.text}`]);
}

function notPossible(id: string, { node }: TradingStack, problems: readonly string[]): CommandError {
  const message =
    `${node.id} cannot go back to deploy ${id}: ${problems.join('; ')}. Check out the commit of that deploy, and deploy: ` +
    `npm run deploy -- ${node.id}. Or choose another deploy: npm run deploys -- ${node.id}`;
  return new CommandError('rollback-not-possible', message);
}

/** In place of the one of the code as it is, which has just been written. */
function writeConfiguration(folder: string, { content }: DeployRecord): void {
  const file = join(folder, 'cdk.tf.json');
  const today = JSON.parse(readFileSync(file, 'utf8')) as Configuration;
  writeFileSync(file, `${JSON.stringify(configurationFor(content, today), null, 2)}\n`);
}
