import type { Secret, TradingStack } from '../../index';
import { type RegisteredWorkload, secretsUnder } from '../../internal';
import type { DockerApi } from '../engine/docker-api';
import type { Output } from '../output/output';
import type { ChangeReport } from '../plan/details';
import { PendingRotation } from '../secrets/pending-rotation';
import { dataVolumes } from './volumes';

/**
 * Reminds of passwords that were changed by hand and that their server keeps in its data: it does not read the file again,
 * and its clients could not log in. A rotation tells it.
 */
export async function warnOfChangedPasswords(
  reports: readonly ChangeReport[],
  stack: TradingStack,
  docker: DockerApi,
  output: Output,
): Promise<void> {
  const secrets = [...secretsUnder(stack)].filter(
    (secret) => secret.boundToData && new PendingRotation(secret).password === undefined,
  );
  for (const workload of stack.platform.workloads) {
    const details = reports.find(({ address }) => address === workload.address)?.details ?? [];
    const changed = secrets.filter(({ name }) => details.some(({ setting }) => setting === `secret ${name}`));
    if (changed.length === 0 || !(await hasData(workload, docker))) continue;
    for (const secret of changed) output.warn(`\n${reminder(secret, workload, stack)}`);
  }
}

async function hasData(workload: RegisteredWorkload, docker: DockerApi): Promise<boolean> {
  const exist = await Promise.all(dataVolumes(workload).map(({ volume }) => docker.volumeExists(volume)));
  return exist.includes(true);
}

function reminder({ name, file, changes }: Secret, { spec }: RegisteredWorkload, { node }: TradingStack): string {
  const rotate =
    changes.length === 0 ? '' : `, or write the old value back and run: npm run rotate -- ${node.id} ${name}`;
  return (
    `Warning: ${file} has changed, and ${spec.name} keeps the password in its data: a deploy does not tell it the new ` +
    `one. If ${spec.name} does not have it yet, its clients cannot log in after this deploy. Change it there first${rotate}`
  );
}
