import { it } from 'node:test';

/** Tests that need a server. Skipped tests must not look as if they had passed. */
export function withServer(variable: string, test: (url: string) => void): void {
  const url = process.env[variable];
  if (url !== undefined && url !== '') {
    test(url);
    return;
  }
  const reason = `NOT TESTED: set ${variable} to the URL of a server without valuable data`;
  process.stderr.write(`\n*** ${reason}\n\n`);
  it('works with a real server', { skip: reason }, () => {});
}
