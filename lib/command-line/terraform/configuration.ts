import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../output/output';

/** The Terraform configuration in a folder, as this process has written it. */
export class WrittenConfiguration {
  private readonly hash: string;

  constructor(private readonly directory: string) {
    this.hash = this.hashNow();
  }

  /** @throws CommandError if somebody else has written it since, so that a plan would not be of what is known here */
  checkIsOurs(): void {
    if (this.isOurs()) return;
    throw new CommandError(
      'configuration-changed',
      `The configuration in ${this.directory} was written anew meanwhile, as by a synth in another terminal. ` +
        'It may not be what was planned: run the command again.',
    );
  }

  private isOurs(): boolean {
    try {
      return this.hashNow() === this.hash;
    } catch {
      // It is just being written.
      return false;
    }
  }

  private hashNow(): string {
    return createHash('sha256')
      .update(readFileSync(join(this.directory, 'cdk.tf.json')))
      .digest('hex');
  }
}
