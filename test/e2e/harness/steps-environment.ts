import { TestEnvironment } from 'jest-environment-node';

/** The part of jest's events that is used here. */
interface RunEvent {
  readonly name: string;
  readonly test?: { mode?: string | null };
}

/**
 * The tests of a file are the steps of one deployment. After the first failure, the remaining tests of the file would only
 * fail for the same reason, so they are skipped. Other files still run.
 */
export default class StepsEnvironment extends TestEnvironment {
  private hasFailed = false;

  handleTestEvent({ name, test }: RunEvent): void {
    if (name === 'test_fn_failure' || name === 'hook_failure') this.hasFailed = true;
    if (name === 'test_start' && this.hasFailed && test !== undefined) test.mode = 'skip';
  }
}
