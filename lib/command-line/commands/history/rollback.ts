import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import { type Secret, type TradingStack, writeSecretFiles } from '../../../index';
import { readSecretFile, secretsUnder } from '../../../internal';
import type { CommandContext } from '../../context';
import { DockerApiError } from '../../engine/docker-api';
import { DockerWrites } from '../../engine/docker-writes';
import { dockerOf } from '../../engine/of-stack';
import { failedJobs, statesOf } from '../../engine/workload-state';
import { asDeployed } from '../../history/as-deployed';
import type { DeployRecord } from '../../history/deploy-record';
import { History } from '../../history/history';
import { changedMounts } from '../../history/mounted-files';
import { configurationFor } from '../../history/recorded-configuration';
import { canBePulled, missingImages, restoreImages } from '../../history/recorded-images';
import { targetOf } from '../../history/target';
import { shortAge } from '../../output/quantities';
import { beforeAnyChange, CommandError, type ExitCode } from '../../output/output';
import { quoted } from '../../output/quoted';
import { CommandLock } from '../../state/command-lock';
import { CONFIGURATION_FILE, readConfiguration } from '../../synthesis/configuration';
import { outputOf, stackNamed, synthesize } from '../../synthesis/stacks';
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
  const recorded = new History(outputOf(app, stack), stack).read();
  if (recorded.damage !== undefined) context.output.warn(recorded.damage);
  const deploy = targetOf(recorded, to, stack.node.id);
  checkFits(deploy, stack, outputOf(app, stack));
  // So that the checks and the steps of a deploy are about what it leads to.
  const earlier = asDeployed(stack, deploy.content.workloads);
  const failed = await failedContainers(earlier, context);
  try {
    // Its secrets have been checked. Those that only the code as it is has are neither demanded nor generated.
    const needs = { secrets: false, start: true };
    const prepared = await prepare(app, earlier, needs, context, (folder) => {
      writeConfiguration(folder, deploy, failed);
    });
    writeSecretFiles(stack, { except: new Set([...secretsUnder(stack)].filter(isAbsent)) });
    return await carryOut(deploy, stack, { earlier, prepared, yes, verbose, reason }, context);
  } catch (error) {
    // Nothing was applied. What is written must be that of the code again.
    synthesize(app);
    throw error;
  }
}

function isAbsent(secret: Secret): boolean {
  return readSecretFile(secret) === undefined;
}

/** Ids of the containers of jobs that have failed, by address. */
async function failedContainers(stack: TradingStack, { environment }: CommandContext): Promise<Map<string, string>> {
  try {
    const states = await statesOf(stack.platform.workloads, dockerOf(stack, environment));
    return new Map(failedJobs(states).map(({ workload, container }) => [workload.address, container ?? '']));
  } catch (error) {
    // The checks that follow say what is wrong with the engine.
    if (error instanceof DockerApiError || error instanceof CommandError) return new Map();
    throw error;
  }
}

interface Undertaken extends Pick<RollbackChoices, 'yes' | 'verbose' | 'reason'> {
  /** The stack as that deploy has it. */
  readonly earlier: TradingStack;
  readonly prepared: Prepared;
}

async function carryOut(
  deploy: DeployRecord,
  stack: TradingStack,
  { earlier, prepared, yes, verbose, reason }: Undertaken,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
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
      : `Nothing was changed, except that these image names point to the earlier images again: ${names.join(', ')}.`;
  };
  return deployPrepared(earlier, prepared, options, context, { beforeApply: restored });
}

/** @throws CommandError `rollback-not-possible` if the code has changed in a way that the files of a rollback do not survive */
function checkFits(deploy: DeployRecord, stack: TradingStack, folder: string): void {
  const { content } = deploy;
  const { platform, stateFile } = stack;
  const renamed: readonly (readonly [string, string, string])[] = [
    ['the name of the stack', content.prefix, platform.prefix],
    ['the engine', content.engine, platform.engine.name],
    ['the path of the state', content.stateFile, stateFile],
  ];
  for (const [what, before, now] of renamed) {
    if (before !== now) throw notPossible(deploy, stack, [`${what} was ${before} then, and is ${now} now`]);
  }
  const problems = content.workloads.flatMap((workload) => {
    const { name, secrets, secretEnvironment } = workload.spec;
    const files = [...secrets.map(({ secret }) => secret), ...Object.values(secretEnvironment)];
    return [
      ...changedMounts(workload, folder).map((path) => `${name} mounts ${path}, which has changed since or is missing`),
      ...files
        .filter(({ file }) => !existsSync(platform.projectDirectory.locate(file)))
        .map(({ file }) => `${name} needs the secret ${file}, which is missing`),
    ];
  });
  if (problems.length > 0) throw notPossible(deploy, stack, problems);
}

/** @throws CommandError `rollback-not-possible` if an image is neither on the engine nor in a registry */
async function checkImages(deploy: DeployRecord, stack: TradingStack, { docker }: Prepared): Promise<void> {
  const missing = (await missingImages(deploy.content.images, docker)).filter((image) => !canBePulled(image));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  const verb = missing.length === 1 ? 'is' : 'are';
  throw notPossible(deploy, stack, [`${names} ${verb} no longer on the engine at ${docker.address.text}`]);
}

function notPossible(
  { id, time, reason }: DeployRecord,
  { node }: TradingStack,
  problems: readonly string[],
): CommandError {
  const message =
    `${node.id} cannot go back to deploy ${id} of ${time} (${reason}): ${problems.join('; ')}. Check out the commit of that deploy, and deploy: ` +
    `npm run deploy -- ${node.id}. Or choose another deploy: npm run deploys -- ${node.id}`;
  return new CommandError('rollback-not-possible', message);
}

/** In place of the one of the code as it is, which has just been written. */
function writeConfiguration(folder: string, { content }: DeployRecord, failed: ReadonlyMap<string, string>): void {
  const today = readConfiguration(folder);
  writeFileSync(
    join(folder, CONFIGURATION_FILE),
    `${JSON.stringify(configurationFor(content, today, failed), null, 2)}\n`,
  );
}
