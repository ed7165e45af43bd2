import type { App } from 'cdktf';
import { type TradingStack, writeSecretFiles } from '../index';
import { DockerApi } from './docker-api';
import { engineAddress } from './engine-address';
import { CommandError, ExitCode, type Output } from './output';
import { printStack, reportStack } from './report';
import { type LostSecret, lostSecrets } from './secrets';
import { stackNamed, stacksOf, synthesize } from './stacks';

/** Writes the configuration of all stacks and shows the one that was asked for, or all of them. */
export async function synth(app: App, name: string | undefined, output: Output): Promise<number> {
  const stacks = name === undefined ? stacksOf(app) : [stackNamed(app, name)];
  const lost = new Map<TradingStack, readonly LostSecret[]>();
  for (const stack of stacks) {
    const ofStack = await lostSecretsOf(stack);
    lost.set(stack, ofStack);
    writeSecretFiles(stack, { except: new Set(ofStack.map(({ secret }) => secret)) });
  }
  const objection = synthesizeAll(app);

  const reports = stacks.map((stack) => reportStack(app, stack, lost.get(stack) ?? []));
  const outcome = objection === null ? 'synthesized' : 'failed';
  if (output.isJson) output.document({ outcome, message: objection, stacks: reports });
  else for (const report of reports) printStack(report, output);
  if (objection === null) return ExitCode.DONE;
  output.problem(objection);
  return ExitCode.FAILED;
}

/** An engine is not needed here. One that answers is asked, so that no secret is made that fits no data. */
async function lostSecretsOf(stack: TradingStack): Promise<LostSecret[]> {
  const docker = DockerApi.at(engineAddress(stack.platform.engine.host));
  return docker === undefined ? [] : lostSecrets(stack, docker).catch((): LostSecret[] => []);
}

/** What validations and annotations object to; `null` for nothing. */
function synthesizeAll(app: App): string | null {
  try {
    synthesize(app);
    return null;
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}
