import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigurationError, type Configuration } from './configuration';
import type { Service } from './service';

const INTERVAL_MS = 5_000;

/** A file that is touched regularly while the service is healthy, for health checks without HTTP. */
export class Heartbeat {
  private readonly file: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly service: Service,
    configuration: Configuration,
  ) {
    this.file = configuration.optionalText('HEARTBEAT_FILE');
    if (this.file !== undefined) requireWritableFolder(this.file);
  }

  start(): void {
    if (this.file === undefined) return;
    const { file } = this;
    const beat = (): void => void this.service.tolerate('writing the heartbeat', () => this.beat(file));
    beat();
    this.timer = setInterval(beat, INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async beat(file: string): Promise<void> {
    const { status } = await this.service.health.document();
    if (status === 'healthy') await writeFile(file, '');
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
