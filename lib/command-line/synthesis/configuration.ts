import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { coerce, lt } from 'semver';
import { CommandError } from '../output/output';

/** Whether the configuration requires a Docker provider before 4.0, which changed what it does. */
export function isBeforeProvider4({ providerVersion }: Pick<WrittenConfiguration, 'providerVersion'>): boolean {
  return lt(coerce(providerVersion) ?? '4.0.0', '4.0.0');
}

/** The file of the configuration in the output folder of a stack. */
export const CONFIGURATION_FILE = 'cdk.tf.json';

/** The configuration of a stack, as far as it is read again. */
export interface Configuration {
  readonly terraform: Readonly<Record<string, unknown>>;
  readonly provider?: Readonly<Record<string, unknown>>;
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

/** Reads what is written in the output folder of a stack. */
export function readConfiguration(folder: string): Configuration {
  return JSON.parse(readFileSync(join(folder, CONFIGURATION_FILE), 'utf8')) as Configuration;
}

/** The Terraform configuration in a folder, as this process wrote it. */
export class WrittenConfiguration {
  private readonly hash: string;

  constructor(private readonly directory: string) {
    this.hash = this.hashNow();
  }

  /** @throws CommandError if another process has rewritten it, so that a plan would describe another configuration */
  checkIsOurs(): void {
    if (this.isOurs()) return;
    throw new CommandError(
      'configuration-changed',
      `The configuration in ${this.directory} was rewritten by another process, such as a synth in another ` +
        'terminal, and may differ from what was planned. Run the command again.',
    );
  }

  /**
   * The file of the state, as a path that is absolute or relative to the folder; `undefined` for a state that is not on
   * this machine. The state of HCP Terraform is not configured by a backend.
   */
  get localState(): string | undefined {
    const local = this.settings.backend?.local;
    return local && (local.path ?? 'terraform.tfstate');
  }

  /** The version of the Docker provider that it requires. */
  get providerVersion(): string {
    return this.settings.required_providers.docker.version;
  }

  /** Its block `terraform`, as far as it is used here. */
  private get settings(): {
    readonly backend?: { readonly local?: { readonly path?: string } };
    readonly required_providers: { readonly docker: { readonly version: string } };
  } {
    const { terraform } = JSON.parse(readFileSync(this.file, 'utf8')) as {
      terraform: WrittenConfiguration['settings'];
    };
    return terraform;
  }

  private get file(): string {
    return join(this.directory, CONFIGURATION_FILE);
  }

  private isOurs(): boolean {
    try {
      return this.hashNow() === this.hash;
    } catch {
      // Another process is writing it.
      return false;
    }
  }

  private hashNow(): string {
    return createHash('sha256').update(readFileSync(this.file)).digest('hex');
  }
}
