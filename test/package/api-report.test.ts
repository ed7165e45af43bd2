import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

test('The API reports in docs/api list what the package exports; `npm run api` updates them', () => {
  const root = resolve(__dirname, '../..');
  const { status, stdout } = spawnSync('npm', ['run', 'api:check'], { cwd: root, encoding: 'utf8' });

  expect({ status, problems: stdout.match(/^(Warning|Error):.*$/gm) ?? [] }).toEqual({ status: 0, problems: [] });
});
