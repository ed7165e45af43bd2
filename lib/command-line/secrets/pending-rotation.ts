import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Platform, type Secret } from '../../index';
import { createSecretFolder } from '../../internal';

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

  /** The new content; `undefined` if no rotation is under way. */
  get password(): string | undefined {
    return existsSync(this.file) ? readFileSync(this.file, 'utf8') : undefined;
  }

  /** In two steps: half of a password must not be taken for a whole one. */
  begin(password: string): void {
    createSecretFolder(this.secret);
    writeFileSync(`${this.file}.${process.pid}`, password, { mode: 0o600 });
    renameSync(`${this.file}.${process.pid}`, this.file);
  }

  end(): void {
    rmSync(this.file);
  }
}
