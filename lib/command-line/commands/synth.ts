import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import { type TradingStack, writeSecretFiles } from '../../index';
import { naming, reportOf } from '../../internal';
import type { CommandContext } from '../context';
import { DockerApiError } from '../engine/docker-api';
import { dockerOf } from '../engine/of-stack';
import { describeProblem, documentOf, ExitCode } from '../output/output';
import { printStack, reportStack } from '../output/report';
import { StackWarnings } from '../output/warnings';
import { type LostBackupPassword, lostBackupPasswords, newBackupPasswords } from '../preflight/backup-passwords';
import { mayGenerate, type WithheldSecret, secretsWithUnseenData, withheldSecrets } from '../preflight/secrets';
import { runbookOf } from '../runbook/runbook';
import { CommandLock } from '../state/command-lock';
import { type Annotation, outputOf, stackNamed, stacksOf, synthesize } from '../synthesis/stacks';

/** Writes the configuration of all stacks and shows one of them, or all. */
export async function synth(
  app: App,
  name: string | undefined,
  options: { readonly newSecrets: boolean; readonly verbose: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = context;
  const stacks = name === undefined ? stacksOf(app) : [stackNamed(app, name)];
  for (const stack of stacks) new CommandLock(outputOf(app, stack), stack).check();
  const withheld = new Map<TradingStack, readonly WithheldSecret[]>();
  const passwords = new Map<TradingStack, readonly Annotation[]>();
  for (const stack of stacks) {
    const { secrets, lostPasswords } = await withheldSecretsOf(stack, context);
    const ofStack = secrets.filter((secret) => !mayGenerate(secret, options.newSecrets));
    withheld.set(stack, ofStack);
    const except = new Set([...ofStack, ...lostPasswords].map(({ secret }) => secret));
    const { written } = writeSecretFiles(stack, { except });
    passwords.set(stack, [...lostPasswords.map(annotation), ...newBackupPasswords(stack, written)]);
  }
  const problems = synthesize(app);
  if (problems.length === 0) {
    for (const stack of stacks) {
      const folder = outputOf(app, stack);
      naming(folder, () => {
        writeFileSync(join(folder, 'report.md'), reportOf(stack.platform));
        writeFileSync(join(folder, 'runbook.md'), runbookOf(stack));
      });
    }
  }

  const found = stacks.map((stack) => {
    const ofStack = withheld.get(stack) ?? [];
    const lost = [...ofStack.filter(({ data }) => data !== 'unseen').map(annotation), ...(passwords.get(stack) ?? [])];
    const warnings = new StackWarnings(stack, dockerOf(stack, context.environment).address, lost);
    const later = ofStack.filter(({ data }) => data === 'unseen').map(({ file }) => file);
    return { report: reportStack(app, stack, [...new Set(later)], warnings), warnings };
  });
  const reports = found.map(({ report }) => report);
  if (output.isJson) {
    const outcome = problems.length === 0 ? 'synthesized' : 'failed';
    output.document({ outcome, ...documentOf(problems), stacks: reports });
  } else {
    for (const { report, warnings } of found) {
      printStack(
        report,
        () => {
          warnings.print(output, options.verbose);
        },
        output,
      );
    }
  }
  if (problems.length === 0) return ExitCode.DONE;
  output.problem(problems.map(describeProblem).join('\n'));
  return ExitCode.FAILED;
}

function annotation({ secret, message }: WithheldSecret | LostBackupPassword): Annotation {
  return { path: secret.node.path, message };
}

interface Withheld {
  readonly secrets: readonly WithheldSecret[];
  readonly lostPasswords: readonly LostBackupPassword[];
}

/** synth needs no engine. Without one, passwords that may not fit existing data are left to deploy. */
async function withheldSecretsOf(stack: TradingStack, { environment }: CommandContext): Promise<Withheld> {
  const docker = dockerOf(stack, environment);
  try {
    const secrets = await withheldSecrets(stack, docker);
    return { secrets, lostPasswords: await lostBackupPasswords(stack, docker) };
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    return { secrets: await secretsWithUnseenData(stack, docker.address), lostPasswords: [] };
  }
}
