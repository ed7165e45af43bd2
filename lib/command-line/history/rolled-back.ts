import type { App } from 'cdktf';
import type { TradingStack } from '../../index';
import { outputOf } from '../synthesis/stacks';
import { History } from './history';

/**
 * What to do before a command that is about the code as it is, after a rollback: a deploy would bring the version back that
 * was left. `undefined` if what runs is no rollback.
 */
export function rolledBackAdvice(app: App, stack: TradingStack): string | undefined {
  const { current, deploys } = new History(outputOf(app, stack), stack).read();
  if (current === undefined || current.restores === null) return undefined;
  const { id, time } = deploys.find((deploy) => deploy.id === current.restores) ?? current;
  return `${stack.node.id} is rolled back to deploy ${id} of ${time}. Check out the code of that deploy first`;
}
