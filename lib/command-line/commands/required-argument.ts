import type { TradingStack } from '../../index';
import { CommandError, ExitCode } from '../output/output';
import { serviceNames } from '../services/services';

/** An argument that a command needs after its stack. */
interface RequiredArgument {
  readonly kind: 'service' | 'secret';
  /** The values that it can have. */
  readonly known: readonly string[];
  /** The command with one of them, after `npm run`. */
  readonly example: (value: string) => string;
}

/**
 * The value of an argument.
 * @throws CommandError `usage` without one, with the values that it can have; Commander only knows the name of the argument
 */
export function requiredArgument(
  value: string | undefined,
  { kind, known, example }: RequiredArgument,
  { node }: TradingStack,
): string {
  if (value !== undefined) return value;
  const [first] = known;
  const fix =
    first === undefined
      ? 'It has none.'
      : `Pass one of these after the stack: ${known.join(', ')}. For example: npm run ${example(first)}`;
  throw new CommandError('usage', `Which ${kind} of ${node.id}? ${fix}`, ExitCode.REFUSED);
}

/**
 * The name of a service.
 * @throws CommandError `usage` without one, with those of the stack
 */
export function requiredService(
  value: string | undefined,
  example: RequiredArgument['example'],
  stack: TradingStack,
): string {
  const services = stack.platform.workloads.filter(({ spec }) => spec.kind === 'service');
  return requiredArgument(value, { kind: 'service', known: serviceNames(services), example }, stack);
}
