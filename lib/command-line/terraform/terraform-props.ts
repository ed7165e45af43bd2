import type { TradingStack } from '../../index';
import type { WrittenConfiguration } from '../synthesis/configuration';
import type { CommandContext } from '../context';
import type { DockerApi } from '../engine/docker-api';
import type { Logins } from '../connection/logins';

/** Everything that Terraform needs. */
export interface TerraformProps {
  readonly stack: TradingStack;
  /** The stack's output folder. */
  readonly directory: string;
  /** The configuration that every plan must be made from. */
  readonly configuration: WrittenConfiguration;
  /** The engine that it changes. */
  readonly docker: DockerApi;
  /** The logins with which it pulls images. */
  readonly logins: Logins;
  readonly context: CommandContext;
}
