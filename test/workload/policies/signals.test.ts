import { Image, Job, Workload } from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { warningsOf } from '../../services/fixtures';

const warnings = (command: readonly string[], image = 'ghcr.io/desk/bot:2.4'): string[] =>
  warningsOf(createStack((stack) => new Workload(stack, 'bot', { image: Image.fromRegistry(image), command })));

const LOST = '[signal-not-delivered]';

// Measured at `docker stop` with dash 0.5.12, bash 5.3 and BusyBox 1.35; the table is in decision 0090.
describe('a program gets no SIGTERM', () => {
  test.each<[readonly string[], string]>([
    [['sh', '-c', 'python bot.py'], 'write exec python bot.py'],
    [['sh', '-c', 'cd /app && python bot.py'], 'write exec python bot.py'],
    [['/bin/sh', '-ec', 'migrate; python bot.py'], 'write exec python bot.py'],
    [['sh', '-c', 'migrate\npython "a; exec b"'], 'write exec python "a; exec b"'],
    [['sh', '-c', 'python bot.py; echo done'], 'write exec python bot.py as the last command'],
    [['bash', '-c', 'python bot.py; echo done'], 'write exec python bot.py as the last command'],
    [['bash', '-c', 'cd /app && python bot.py 2>&1 | tee log'], "remove the pipe with 'tee log'"],
    [['sh', '-c', 'A=1 B="2 3" python bot.py'], 'write A=1 B="2 3" exec python bot.py'],
    [['npm', 'run', 'start'], 'start the program itself instead of npm run'],
    [['yarn', 'start'], 'start the program itself instead of yarn start'],
  ])('%j', (command, fix) => {
    expect(warnings(command)).toEqual([expect.stringContaining(fix)]);
    expect(warnings(command)[0]).toContain(LOST);
  });

  test('also if an entry point is the shell', () => {
    const create = () =>
      createStack((stack) => {
        const image = Image.fromRegistry('bot:1');
        new Workload(stack, 'bot', { image, entrypoint: ['sh', '-c'], command: ['cd /app && python bot.py'] });
      });
    expect(warningsOf(create())[0]).toContain(LOST);
  });
});

describe('there is no warning', () => {
  test.each<[readonly string[]]>([
    [['python', 'bot.py']],
    [['sh', '-c', 'cd /app && exec python bot.py']],
    [['sh', '-c', 'exec python bot.py 2>&1']],
    [['sh', '-c', 'trap "kill 0" TERM; python bot.py & wait']],
    [['sh', '-c', 'while true; do python bot.py; sleep 60; done']],
    [['bash', '-c', 'cd /app && python bot.py']],
    [['sh', '/app/start.sh']],
    [['node', '-e', 'a && b']],
  ])('for %j', (command) => {
    expect(warnings(command)).toEqual([]);
  });

  test('for the shell of Alpine, which replaces itself, unless there is a pipe', () => {
    expect(warnings(['sh', '-c', 'cd /app && python bot.py'], 'python:3.14-alpine')).toEqual([]);
    expect(warnings(['sh', '-c', 'python bot.py | cat'], 'python:3.14-alpine')[0]).toContain(LOST);
  });

  test('for a job, which ends by itself', () => {
    const stack = createStack((desk) => {
      new Job(desk, 'report', {
        image: Image.fromRegistry('bot:1'),
        command: ['sh', '-c', 'cd /app && python report.py'],
      });
    });
    expect(warningsOf(stack)).toEqual([]);
  });
});
