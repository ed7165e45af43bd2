import { spawnSync } from 'node:child_process';

const MODULE = require.resolve('../../../lib/command-line/processes/clean-up');
const COMPILER = require.resolve('../../setup/swc-register.js');

/** Work that is asked to stop by a signal, as if it waited for a program. */
const PROGRAM = `
const { cleaningUp } = require(${JSON.stringify(MODULE)});
cleaningUp(() => console.log('cleaned up'), async () => {
  process.on('SIGINT', () => console.log('asked to stop'));
  process.kill(process.pid, 'SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 200));
  console.log('ended');
});
`;

test('A signal does not clean up while another listener waits for a program, which still uses everything', () => {
  const { stdout, status } = spawnSync(process.execPath, ['-r', COMPILER, '-e', PROGRAM], { encoding: 'utf8' });
  expect(stdout).toBe('asked to stop\nended\ncleaned up\n');
  expect(status).toBe(0);
});
