import { App, Testing } from 'cdktf';
import { Engine, TradingStack, type TradingStackProps } from '../../lib';

/** The Terraform of a stack, as far as tests check it. */
export interface Terraform {
  readonly resource: Readonly<Record<string, Readonly<Record<string, TerraformBlock>>>>;
  readonly locals?: Readonly<Record<string, string>>;
  readonly terraform: TerraformBlock;
}

/** A block of Terraform in JSON. */
export type TerraformBlock = Readonly<Record<string, unknown>>;

/** Both engines, for `describe.each`. */
export const ENGINES = [
  { engineName: 'docker', createEngine: () => Engine.docker() },
  { engineName: 'swarm', createEngine: () => Engine.swarm() },
] as const;

/** A new app whose output is not used. */
export function createApp(): App {
  return Testing.app();
}

/** A stack named `desk` with what the function puts into it. */
export function createStack(
  build: (stack: TradingStack) => void = () => undefined,
  props: Partial<TradingStackProps> = {},
): TradingStack {
  const stack = new TradingStack(createApp(), 'desk', { engine: Engine.docker(), ...props });
  build(stack);
  return stack;
}

/** The Terraform of a stack, with its validations run. */
export function synthesize(stack: TradingStack): Terraform {
  return JSON.parse(Testing.synth(stack, true)) as Terraform;
}

/** The Terraform of a stack with what the function puts into it. */
export function synthesizeStack(
  build: (stack: TradingStack) => void,
  props: Partial<TradingStackProps> = {},
): Terraform {
  return synthesize(createStack(build, props));
}

/** The one container of that name. */
export function containerNamed(terraform: Terraform, name: string): TerraformBlock {
  return theOne(terraform, 'docker_container', name);
}

/** The one service of that name. */
export function serviceNamed(terraform: Terraform, name: string): TerraformBlock {
  return theOne(terraform, 'docker_service', name);
}

function theOne(terraform: Terraform, type: string, name: string): TerraformBlock {
  const found = Object.values(terraform.resource[type] ?? {}).filter((block) => block.name === name);
  const [block] = found;
  if (found.length !== 1 || block === undefined) throw new Error(`${found.length} ${type} named ${name}`);
  return block;
}
