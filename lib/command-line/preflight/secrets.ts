import { existsSync } from 'node:fs';
import type { IConstruct } from 'constructs';
import { type MissingSecret, Platform, type Secret, type TradingStack } from '../../index';
import { readSecretFile, type RegisteredWorkload, secretsUnder } from '../../internal';
import { DataNodes } from '../engine/data-nodes';
import type { DockerApi } from '../engine/docker-api';
import { engineAddress } from '../engine/address';
import { stacksOf } from '../terraform/stacks';
import { dataVolumes } from './volumes';

/** The secrets that somebody has yet to provide. */
export function missingSecrets(root: IConstruct): MissingSecret[] {
  return [...secretsUnder(root)].flatMap((secret) => {
    const { file, node, source } = secret;
    return source.kind === 'provided' && readSecretFile(secret) === undefined
      ? [{ path: node.path, file, description: source.description, isEmpty: isThere(secret) }]
      : [];
  });
}

/** The stack's secrets that somebody has to provide for nobody: no workload gets one, nor anything made from it. */
export function unusedSecrets(stack: TradingStack): Secret[] {
  const { root } = stack.node;
  const workloads = stacksOf(root).flatMap(({ platform }) => platform.workloads);
  const given = workloads.flatMap(({ spec }) => [
    ...spec.secrets.map(({ secret }) => secret),
    ...Object.values(spec.secretEnvironment),
  ]);
  // By its file, as a stack that uses a secret of another one has a name of its own for it.
  const files = new Set(given.map(({ hostPath }) => hostPath));
  const used = new Set([...secretsUnder(root)].filter(({ handle }) => files.has(handle.hostPath)).flatMap(withParts));
  return [...secretsUnder(stack)].filter((secret) => secret.source.kind === 'provided' && !used.has(secret));
}

function withParts(secret: Secret): Secret[] {
  const { source } = secret;
  return source.kind === 'derived' ? [secret, ...Object.values(source.parts).flatMap(withParts)] : [secret];
}

/** A secret that data is or may be bound to, and that is not there: none is made in its place. */
export interface UnmadeSecret {
  readonly secret: Secret;
  /** Path of its file. */
  readonly file: string;
  /**
   * Whether there is data: `certain` in a volume that only this stack has made, `possible` in one that somebody else may
   * have made empty, `unseen` where nobody can look.
   */
  readonly data: 'certain' | 'possible' | 'unseen';
  /** What is lost, or not known, and what can be done. */
  readonly message: string;
}

/**
 * Data that nobody could reach any more if its password were generated now: the server took the one of its first start,
 * and takes no other.
 * @param docker `undefined` for an engine that cannot be asked, so that there may be data
 */
export async function unmadeSecrets(stack: TradingStack, docker: DockerApi | undefined): Promise<UnmadeSecret[]> {
  const unmade: UnmadeSecret[] = [];
  for (const secret of secretsUnder(stack)) {
    const { file } = secret;
    if (secret.source.kind !== 'generated' || !secret.boundToData || readSecretFile(secret) !== undefined) continue;
    const found = isThere(secret) ? `The file ${file} is empty` : `There is no file ${file}`;
    for (const workload of workloadsWith(secret)) {
      for (const { volume, lifetime } of dataVolumes(workload)) {
        if (await docker?.volumeExists(volume)) {
          const isOwn = lifetime === 'retained';
          const message = isOwn ? `${found}, and ${lost(volume)}` : `${found}. ${mayHaveData(volume)}`;
          unmade.push({ secret, file, data: isOwn ? 'certain' : 'possible', message });
          continue;
        }
        const unseen = await whatIsUnseen(stack, workload, docker);
        if (unseen === undefined) continue;
        const message = `${found}, and ${unseen} cannot be looked at from here. ${mayBeLost(volume)}`;
        unmade.push({ secret, file, data: 'unseen', message });
      }
    }
  }
  return unmade;
}

/** Whether one may be made after all. */
export function canBeNew({ data }: UnmadeSecret, newSecrets: boolean): boolean {
  // Whoever asks for new ones says that there is no data, and is wrong where it is certain.
  return newSecrets && data !== 'certain';
}

/** Where the volumes of a workload may be without anybody seeing them from here. */
async function whatIsUnseen(
  stack: TradingStack,
  workload: RegisteredWorkload,
  docker: DockerApi | undefined,
): Promise<string | undefined> {
  if (docker === undefined) return `the engine at ${engineAddress(stack.platform.engine.host).text}`;
  const nodes = (await DataNodes.of(stack, docker)).besideThis(workload);
  if (nodes.length === 0) return undefined;
  return `the ${nodes.length === 1 ? 'node' : 'nodes'} ${nodes.join(', ')} of the Swarm`;
}

function lost(volume: string): string {
  return (
    `the server whose data is in the volume ${volume} takes no password but the one that was in it ` +
    'at its first start. Another checkout may have deployed this stack: copy its .secrets folder. Otherwise restore ' +
    'the file (from a backup, or from its old name if the service was renamed); or set a new password in the ' +
    'server (PostgreSQL: ALTER ROLE; Grafana: grafana cli admin reset-admin-password) and write it into the file; ' +
    `or, if nobody needs the data any more, remove the volume: docker volume rm ${volume}`
  );
}

function mayHaveData(volume: string): string {
  return (
    `The volume ${volume} was there before this stack, and nobody can tell from here whether it is empty. If it has ` +
    'data, its server takes no password but the one of its first start: write that one into the file, or copy the ' +
    '.secrets folder of the checkout that deployed it. If it is empty, give synth or deploy the option --new-secrets'
  );
}

function mayBeLost(volume: string): string {
  return (
    `If there is a volume ${volume} with data, its server takes no password but the one of its first start: copy the ` +
    '.secrets folder of the checkout that deployed it. If there is none, as before a first deploy, give deploy the ' +
    'option --new-secrets'
  );
}

function isThere(secret: Secret): boolean {
  return existsSync(Platform.of(secret).projectDirectory.locate(secret.file));
}

function workloadsWith(secret: Secret): RegisteredWorkload[] {
  return Platform.of(secret).workloads.filter(({ spec }) =>
    spec.secrets.some((mount) => mount.secret.name === secret.name),
  );
}
