import type { App } from 'cdktf';
import { type TradingStack, writeSecretFiles } from '../../index';
import type { CommandContext } from '../context';
import { DockerApi, DockerApiError } from '../engine/docker-api';
import { engineAddress } from '../engine/address';
import { CommandError, ExitCode, describeProblem } from '../output/output';
import { printStack, reportStack } from '../output/report';
import { canBeNew, type UnmadeSecret, unmadeSecrets } from '../preflight/secrets';
import { stackNamed, stacksOf, synthesize } from '../terraform/stacks';

/** Writes the configuration of all stacks and shows the one that was asked for, or all of them. */
export async function synth(
  app: App,
  name: string | undefined,
  options: { readonly newSecrets: boolean },
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  const stacks = name === undefined ? stacksOf(app) : [stackNamed(app, name)];
  const unmade = new Map<TradingStack, readonly UnmadeSecret[]>();
  for (const stack of stacks) {
    const ofStack = (await unmadeSecretsOf(stack, context)).filter((secret) => !canBeNew(secret, options.newSecrets));
    unmade.set(stack, ofStack);
    writeSecretFiles(stack, { except: new Set(ofStack.map(({ secret }) => secret)) });
  }
  const objection = synthesizeAll(app);

  const reports = stacks.map((stack) => reportStack(app, stack, unmade.get(stack) ?? []));
  const outcome = objection === null ? 'synthesized' : 'failed';
  if (output.isJson)
    output.document({ outcome, code: objection?.code ?? null, message: objection?.message ?? null, stacks: reports });
  else for (const report of reports) printStack(report, output);
  if (objection === null) return ExitCode.DONE;
  output.problem(describeProblem(objection));
  return ExitCode.FAILED;
}

/** An engine is not needed here. Where none answers, a secret that may fit no data is left to the deploy, which looks. */
async function unmadeSecretsOf(stack: TradingStack, { environment }: CommandContext): Promise<UnmadeSecret[]> {
  const docker = DockerApi.at(engineAddress(stack.platform.engine.host, environment));
  try {
    return await unmadeSecrets(stack, docker);
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    return unmadeSecrets(stack, undefined);
  }
}

/** What validations and annotations object to; `null` for nothing. */
function synthesizeAll(app: App): CommandError | null {
  try {
    synthesize(app);
    return null;
  } catch (error) {
    if (error instanceof CommandError) return error;
    throw error;
  }
}
