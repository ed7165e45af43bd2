import { TestEnvironment } from 'jest-environment-node';

/** What jest tells of its run, as far as it matters here. */
interface RunEvent {
  readonly name: string;
  readonly test?: { mode?: string | null };
}

/**
 * The tests of one file are the steps of one deployment: after the first that fails, the others of that file would only
 * say the same again, so they are skipped. Other files run.
 */
export default class StepsEnvironment extends TestEnvironment {
  private hasFailed = false;

  handleTestEvent({ name, test }: RunEvent): void {
    if (name === 'test_fn_failure' || name === 'hook_failure') this.hasFailed = true;
    if (name === 'test_start' && this.hasFailed && test !== undefined) test.mode = 'skip';
  }
}
