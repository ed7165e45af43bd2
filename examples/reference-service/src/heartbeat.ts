import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigurationError, type Configuration } from './configuration';

/** A file whose modification time says when the role last did a unit of work, for probes that cannot use HTTP. */
export class Heartbeat {
  private readonly file: string | undefined;

  constructor(configuration: Configuration) {
    this.file = configuration.optionalText('HEARTBEAT_FILE');
    if (this.file !== undefined) requireWritableFolder(this.file);
  }

  async beat(): Promise<void> {
    if (this.file !== undefined) await writeFile(this.file, '');
  }
}

function requireWritableFolder(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch {
    throw new ConfigurationError(
      `HEARTBEAT_FILE is "${file}"; it must be a path in a folder this process may write to`,
    );
  }
}
