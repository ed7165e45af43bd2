import { existsSync, readFileSync, rmSync } from 'node:fs';
import { Platform, type Secret, type TradingStack } from '../../index';
import { createSecretFolder, replaceFile, secretsUnder } from '../../internal';
import type { Output } from '../output/output';

/**
 * A file next to that of a secret with the content that a rotation is about to give it. It exists from before a server is
 * told the content until every consumer has it, so that a rotation that was interrupted can be finished.
 */
export class PendingRotation {
  private readonly file: string;

  constructor(private readonly secret: Secret) {
    const { secretStore, projectDirectory } = Platform.of(secret);
    this.file = projectDirectory.locate(secretStore.pathOf(`.${secret.name}.next`));
  }

  /** The new content; `undefined` if no rotation is under way. A server must not be told an empty one. */
  get password(): string | undefined {
    const content = existsSync(this.file) ? readFileSync(this.file, 'utf8').trim() : '';
    return content === '' ? undefined : content;
  }

  /** It has to reach the disk: half of a password must not be taken for a whole one. */
  begin(password: string): void {
    createSecretFolder(this.secret);
    replaceFile(this.file, password, { flush: true });
  }

  end(): void {
    rmSync(this.file, { force: true });
  }
}

/** A server may have the new content already, which only the rotation itself gives to the consumers. */
export function warnOfPendingRotations(stack: TradingStack, output: Output): void {
  for (const secret of secretsUnder(stack)) {
    if (new PendingRotation(secret).password === undefined) continue;
    output.warn(describeUnfinished(secret, Platform.of(secret).stackId));
  }
}

/** What to do about a rotation that was interrupted or has failed. */
export function describeUnfinished({ name }: Secret, stackId: string): string {
  return `The rotation of ${name} is not finished. Run it again, which continues it: npm run rotate -- ${stackId} ${name}`;
}
