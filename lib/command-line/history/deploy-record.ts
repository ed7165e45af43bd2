import { createHash } from 'node:crypto';
import type { RegisteredWorkload } from '../../internal';
import type { Configuration } from '../synthesis/configuration';

/** An image that a deploy has run. */
export interface RecordedImage {
  /** Terraform address. */
  readonly address: string;
  /** `desk-api:0999e44bac2ac4a5`, `postgres:17-alpine` */
  readonly name: string;
  readonly isBuilt: boolean;
  /** Its id on the engine. */
  readonly id: string;
  /** Its name with the digest that it has in its registry; `null` without one. */
  readonly digest: string | null;
}

/** What runs a stack: enough to deploy it again. It has no values of secrets, which Terraform reads from their files. */
export interface DeployedContent {
  /** The configuration of Terraform, `cdk.tf.json`. */
  readonly configuration: Configuration;
  readonly workloads: readonly RegisteredWorkload[];
  readonly images: readonly RecordedImage[];
  /** Prefix of its names. */
  readonly prefix: string;
  /** Name of the kind of its engine. */
  readonly engine: string;
  /** Path of the state from the folder of the configuration. */
  readonly stateFile: string;
}

/** A command that changes what is deployed. */
export interface Undertaking {
  readonly command: 'deploy' | 'rollback' | 'rotate';
  /** `null` for what it changes. */
  readonly reason: string | null;
  /** The deploy that a rollback goes back to. */
  readonly restores: DeployRecord | null;
}

/** A deploy that has begun to change something, until it has succeeded. */
export interface Attempt {
  readonly command: Undertaking['command'];
  /** `2026-01-31T09:00:00.000Z` */
  readonly time: string;
  readonly reason: string;
  /** Names of the services and jobs in its plan. */
  readonly changed: readonly string[];
  /** Id of the deploy that a rollback goes back to. */
  readonly restores: string | null;
}

/** A deploy that has succeeded. */
export interface DeployRecord extends Attempt {
  /** Later ones are later in the alphabet, too. */
  readonly id: string;
  /** Address of the engine. */
  readonly address: string;
  /** The same for the same configuration with the same images. */
  readonly fingerprint: string;
  readonly content: DeployedContent;
}

/** @returns the same for two deploys with the same configuration and images */
export function fingerprintOf({ configuration, images }: DeployedContent): string {
  const ids = images.map(({ id }) => id);
  return createHash('sha256')
    .update(JSON.stringify([configuration, ids]))
    .digest('hex');
}
