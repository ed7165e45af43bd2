import { existsSync } from 'node:fs';
import type { IConstruct } from 'constructs';
import {
  type MissingSecret,
  Platform,
  readSecretFile,
  type RegisteredWorkload,
  type Secret,
  type SecretContent,
  secretsUnder,
  type TradingStack,
} from '../index';
import type { DockerApi } from './docker-api';
import { dataVolumes } from './volumes';

/** A secret that somebody has yet to provide. */
export interface UnprovidedSecret extends MissingSecret {
  /** Whether its file is there, with nothing in it. */
  readonly isEmpty: boolean;
}

/** The secrets that somebody has yet to provide. */
export function missingSecrets(root: IConstruct): UnprovidedSecret[] {
  return secretFiles(root).flatMap(({ secret, file, content }) =>
    secret.source.kind === 'provided' && content === undefined
      ? [{ path: secret.node.path, file, description: secret.source.description, isEmpty: isThere(secret, file) }]
      : [],
  );
}

/** A secret that existing data is bound to, and that is not there. */
export interface LostSecret {
  readonly secret: Secret;
  /** What is lost, and what can be done. */
  readonly message: string;
}

/**
 * Data that nobody could reach any more if its password were generated now: the server took the one of its first start,
 * and takes no other.
 */
export async function lostSecrets(stack: TradingStack, docker: DockerApi): Promise<LostSecret[]> {
  const lost: LostSecret[] = [];
  for (const { secret, file, content } of secretFiles(stack)) {
    if (content !== undefined || secret.source.kind !== 'generated' || !secret.boundToData) continue;
    for (const volume of dataVolumes(workloadsWith(secret))) {
      if (!(await docker.volumeExists(volume))) continue;
      const found = isThere(secret, file) ? `The file ${file} is empty` : `There is no file ${file}`;
      const message =
        `${found}, and the server whose data is in the volume ${volume} takes no password but the one that was in it ` +
        'at its first start. Another checkout may have deployed this stack: copy its .secrets folder. Otherwise restore ' +
        'the file (from a backup, or from its old name if the service was renamed); or set a new password in the ' +
        'server (PostgreSQL: ALTER ROLE; Grafana: grafana cli admin reset-admin-password) and write it into the file; ' +
        `or, if nobody needs the data any more, remove the volume: docker volume rm ${volume}`;
      lost.push({ secret, message });
    }
  }
  return lost;
}

function isThere(secret: Secret, file: string): boolean {
  return existsSync(Platform.of(secret).projectDirectory.locate(file));
}

function workloadsWith(secret: Secret): RegisteredWorkload[] {
  return Platform.of(secret).workloads.filter(({ spec }) =>
    spec.secrets.some((mount) => mount.secret.name === secret.name),
  );
}

function secretFiles(root: IConstruct): ({ readonly secret: Secret } & SecretContent)[] {
  return [...secretsUnder(root)].map((secret) => ({ secret, ...readSecretFile(secret) }));
}
