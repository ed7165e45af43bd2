import type { Backup, Secret, TradingStack } from '../../index';
import { readSecretFile } from '../../internal';
import { declaredBackups } from '../backups/repository';
import type { DockerApi } from '../engine/docker-api';
import { namesOf } from '../engine/responses';
import { isOf } from '../engine/workload-state';
import type { Annotation } from '../synthesis/stacks';

/** A missing password of backups that exist. */
export interface LostBackupPassword {
  readonly secret: Secret;
  readonly file: string;
  /** The problem, and how to continue. */
  readonly message: string;
}

/**
 * The missing passwords of backups whose container is on the engine, which has made backups with it. A target cannot be
 * checked from here, and the volumes of the server say nothing: its backups may be new in the stack.
 */
export async function lostBackupPasswords(stack: TradingStack, docker: DockerApi): Promise<LostBackupPassword[]> {
  const missing = generatedPasswords(stack).filter(({ password }) => readSecretFile(password) === undefined);
  if (missing.length === 0) return [];
  const containers = await docker.containers();
  const { command } = docker.address;
  return missing.flatMap(({ password, workload }) => {
    const registered = stack.platform.workloads.find(({ address }) => address === workload.address);
    if (registered === undefined) return [];
    const {
      services: [service],
      containers: [container],
    } = namesOf(containers.filter((one) => isOf(one, registered)));
    const name = service ?? container;
    if (name === undefined) return [];
    const { file } = password;
    const path = registered.spec.secrets.find(({ secret }) => secret.name === password.name)?.path;
    const isContainer = service === undefined;
    const message =
      `The file ${file} is missing, and the backups of ${name} cannot be read without the password in it. ` +
      'If another checkout deployed this stack, copy its .secrets folder; otherwise restore the file from your copy. ' +
      (isContainer ? `While ${name} runs, it has one: ${command} exec ${name} cat ${path} > ${file}. ` : '') +
      'If the password is lost, these backups are lost too: pass another target to `backup`, and remove what made them: ' +
      `${command} ${isContainer ? 'rm --force' : 'service rm'} ${name}`;
    return [{ secret: password, file, message }];
  });
}

/** A reminder for each password of backups among the secret files that were just written. */
export function newBackupPasswords(stack: TradingStack, written: readonly string[]): Annotation[] {
  return generatedPasswords(stack)
    .filter(({ password }) => written.includes(password.file))
    .map(({ password: { node, file } }) => ({
      path: node.path,
      message:
        `${file} was generated. Backups cannot be read without it: keep a copy outside of this machine and of the ` +
        "engine's. If the target has backups of this server already, put their password into it before you deploy",
    }));
}

function generatedPasswords(stack: TradingStack): Backup[] {
  return declaredBackups(stack).filter(({ password }) => password.source.kind === 'generated');
}
