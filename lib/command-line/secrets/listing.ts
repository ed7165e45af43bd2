import { statSync } from 'node:fs';
import type { Secret, TradingStack } from '../../index';
import { readSecretFile, secretsUnder, withDerived } from '../../internal';
import { secondsOf } from '../output/quantities';
import { serviceNames } from '../services/services';
import { consumersOf } from './consumers';
import { PendingRotation } from './pending-rotation';

/** A secret as `secrets` shows it. */
export interface ListedSecret {
  readonly name: string;
  /** Path of its file, from the project's folder. */
  readonly file: string;
  readonly source: Secret['source']['kind'];
  /** Names of the secrets that it is derived from. */
  readonly parts: readonly string[];
  /** When its file was written: `2026-01-01T12:00:00Z`. */
  readonly changedAt: string;
  readonly ageSeconds: number;
  /** Services and jobs that get it, or something that is derived from it. */
  readonly consumers: readonly string[];
  /** Whether a rotation was begun and not finished. */
  readonly isRotating: boolean;
}

/** The secrets of a stack that have a content, by name. */
export function listedSecrets(stack: TradingStack, now: number): ListedSecret[] {
  const present = [...secretsUnder(stack)].filter((secret) => readSecretFile(secret) !== undefined);
  return present.map((secret) => listed(secret, stack, now)).sort((one, other) => (one.name < other.name ? -1 : 1));
}

function listed(secret: Secret, stack: TradingStack, now: number): ListedSecret {
  const { name, file, source } = secret;
  const changedAt = statSync(stack.platform.projectDirectory.locate(file)).mtimeMs;
  return {
    name,
    file,
    source: source.kind,
    parts: source.kind === 'derived' ? Object.values(source.parts).map((part) => part.name) : [],
    changedAt: secondsOf(new Date(changedAt)),
    ageSeconds: Math.max(0, Math.floor((now - changedAt) / 1000)),
    consumers: serviceNames(consumersOf(withDerived(secret), stack)),
    isRotating: new PendingRotation(secret).password !== undefined,
  };
}
