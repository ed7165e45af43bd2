import { it } from 'node:test';

/** The tests of what needs a server. What was not tried must not look as if it had been. */
export function withServer(variable: string, test: (url: string) => void): void {
  const url = process.env[variable];
  if (url !== undefined && url !== '') {
    test(url);
    return;
  }
  const reason = `NOT TESTED: set ${variable} to the URL of a server that holds nothing of value`;
  process.stderr.write(`\n*** ${reason}\n\n`);
  it('works with a real server', { skip: reason }, () => {});
}
