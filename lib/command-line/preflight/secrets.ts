import { existsSync } from 'node:fs';
import type { IConstruct } from 'constructs';
import { type MissingSecret, Platform, type Secret, type TradingStack } from '../../index';
import { readSecretFile, type RegisteredWorkload, secretsUnder, STACK_LABEL } from '../../internal';
import { RemoteNodes } from '../engine/nodes';
import type { DockerApi } from '../engine/docker-api';
import { containerNameOf, swarmServiceOf } from '../engine/responses';
import type { EngineAddress } from '../connection/address';
import { stacksOf } from '../synthesis/stacks';
import { dataVolumes, volumeRemoval } from './volumes';

/** The provided secrets that have no content yet. */
export function missingSecrets(root: IConstruct): MissingSecret[] {
  return [...secretsUnder(root)].flatMap((secret) => {
    const { file, node, source } = secret;
    return source.kind === 'provided' && readSecretFile(secret) === undefined
      ? [{ path: node.path, file, description: source.description, isEmpty: isThere(secret) }]
      : [];
  });
}

/** Provided secrets that no workload uses, neither directly nor in a derived secret. */
export function unusedSecrets(stack: TradingStack): Secret[] {
  const { root } = stack.node;
  const workloads = stacksOf(root).flatMap(({ platform }) => platform.workloads);
  const mounted = workloads.flatMap(({ spec }) => [
    ...spec.secrets.map(({ secret }) => secret),
    ...Object.values(spec.secretEnvironment),
  ]);
  // Compared by file: a stack that uses a secret of another stack has its own handle for it.
  const files = new Set(mounted.map(({ hostPath }) => hostPath));
  const used = new Set([...secretsUnder(root)].filter(({ handle }) => files.has(handle.hostPath)).flatMap(withParts));
  return [...secretsUnder(stack)].filter((secret) => secret.source.kind === 'provided' && !used.has(secret));
}

function withParts(secret: Secret): Secret[] {
  const { source } = secret;
  return source.kind === 'derived' ? [secret, ...Object.values(source.parts).flatMap(withParts)] : [secret];
}

/** A missing password that is not generated, because existing data may depend on the former one. */
export interface WithheldSecret {
  readonly secret: Secret;
  /** Path of its file. */
  readonly file: string;
  /**
   * Whether data exists: `certain` for a volume that only this stack creates, `possible` for an existing volume, which
   * may be empty, and `unseen` if the volume cannot be checked from here.
   */
  readonly data: 'certain' | 'possible' | 'unseen';
  /** The problem, and how to continue. */
  readonly message: string;
}

/**
 * The missing passwords of servers whose data exists or may exist: a server takes its password at its first start and
 * ignores a new one.
 */
export function withheldSecrets(stack: TradingStack, docker: DockerApi): Promise<WithheldSecret[]> {
  return withheldIn(stack, {
    volumeExists: (volume) => docker.volumeExists(volume),
    runningWith: (volume) => runningOf(stack, volume, docker),
    removalOf: (volume) => volumeRemoval(volume, docker),
    unseenPlace: (workload) => unseenNodes(stack, workload, docker),
  });
}

/** The same without an answer of the engine, so that data may exist for all of them. */
export function secretsWithUnseenData(
  stack: TradingStack,
  { text, command }: EngineAddress,
): Promise<WithheldSecret[]> {
  return withheldIn(stack, {
    volumeExists: () => Promise.resolve(false),
    runningWith: () => Promise.resolve([]),
    removalOf: (volume) => Promise.resolve(`${command} volume rm ${volume}`),
    unseenPlace: () => Promise.resolve(`the engine at ${text}`),
  });
}

/** The places where data may exist. */
interface DataPlaces {
  readonly volumeExists: (volume: string) => Promise<boolean>;
  /** Running containers of a stack of this name that use a volume. */
  readonly runningWith: (volume: string) => Promise<string[]>;
  /** The command that removes a volume that exists, with the containers that use it. */
  readonly removalOf: (volume: string) => Promise<string>;
  /** The places that cannot be checked and may have volumes of the workload. */
  readonly unseenPlace: (workload: RegisteredWorkload) => Promise<string | undefined>;
}

async function withheldIn(stack: TradingStack, places: DataPlaces): Promise<WithheldSecret[]> {
  const withheld: WithheldSecret[] = [];
  for (const secret of secretsUnder(stack)) {
    const { file } = secret;
    if (secret.source.kind !== 'generated' || !secret.boundToData || readSecretFile(secret) !== undefined) continue;
    const found = isThere(secret) ? `The file ${file} is empty` : `The file ${file} is missing`;
    for (const workload of workloadsWith(secret)) {
      for (const { volume, lifetime } of dataVolumes(workload)) {
        if (await places.volumeExists(volume)) {
          const isOwn = lifetime === 'retained';
          const message = isOwn
            ? `${found}, and ${dataExists(volume, await places.runningWith(volume), await places.removalOf(volume))}`
            : `${found}. ${dataMayExist(volume)}`;
          withheld.push({ secret, file, data: isOwn ? 'certain' : 'possible', message });
          continue;
        }
        const unseen = await places.unseenPlace(workload);
        if (unseen === undefined) continue;
        const message = `${found}, and ${unseen} cannot be checked from here. ${dataMayBeElsewhere(volume)}`;
        withheld.push({ secret, file, data: 'unseen', message });
      }
    }
  }
  return withheld;
}

/** Whether the password is generated after all. */
export function mayGenerate({ data }: WithheldSecret, newSecrets: boolean): boolean {
  // --new-secrets says that there is no data, which is wrong if data certainly exists.
  return newSecrets && data !== 'certain';
}

async function unseenNodes(
  stack: TradingStack,
  workload: RegisteredWorkload,
  docker: DockerApi,
): Promise<string | undefined> {
  const nodes = (await RemoteNodes.of(stack, docker)).hostnamesFor(workload);
  if (nodes.length === 0) return undefined;
  return `the Swarm ${nodes.length === 1 ? 'node' : 'nodes'} ${nodes.join(', ')}`;
}

/** Those of a Swarm have the names of its services. */
async function runningOf(stack: TradingStack, volume: string, docker: DockerApi): Promise<string[]> {
  const label = stack.platform.networkSpec.labels[STACK_LABEL];
  const running = await docker.containersWith(volume);
  const names = running
    .filter(({ Labels }) => Labels[STACK_LABEL] === label)
    .map((container) => swarmServiceOf(container) ?? containerNameOf(container));
  return [...new Set(names)];
}

function dataExists(volume: string, running: readonly string[], removal: string): string {
  const verb = running.length === 1 ? 'is' : 'are';
  const other =
    running.length === 0
      ? ''
      : `${running.join(', ')} ${verb} running with the data in the volume ${volume}. If another folder deployed ` +
        `${running.length === 1 ? 'it' : 'them'}, set another \`name\` on the stack, or deploy from that folder. Here, `;
  return (
    `${other}the server with the data in the volume ${volume} only accepts the password that it was first started with. ` +
    'If another checkout deployed this stack, copy its .secrets folder. If the service was renamed, rename its former file. ' +
    'Otherwise restore the file from a backup, or set a new password in the server (PostgreSQL: ALTER ROLE; ' +
    'Grafana: grafana cli admin reset-admin-password) and write it into the file. ' +
    `If you no longer need the data, remove the volume and the containers that use it: ${removal}`
  );
}

function dataMayExist(volume: string): string {
  return (
    `The volume ${volume} existed before this stack and may contain data. If it does, its server only accepts the ` +
    'password that it was first started with: write that password into the file, or copy the .secrets folder of the checkout that ' +
    'deployed it. If the volume is empty, run synth or deploy with --new-secrets.'
  );
}

function dataMayBeElsewhere(volume: string): string {
  return (
    `If a volume ${volume} with data exists there, its server only accepts the password that it was first started with: ` +
    'copy the .secrets folder of the checkout that deployed it. If there is no data, as before a first deploy, run deploy with ' +
    '--new-secrets.'
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
