import { Manifest, Testing } from 'cdktf';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Image, TradingStack, Warnings, Workload } from '../../lib';
import { groupWarnings, linesOf, warningsUnder } from '../../lib/platform/warnings';
import { createStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

function reasons(stack: TradingStack): (string | null)[] {
  return warningsUnder(stack).map(({ reason }) => reason);
}

test.each(['the workload', 'the stack', 'the app'])('a warning is acknowledged at %s', (place) => {
  const stack = createStack();
  const workload = new Workload(stack, 'bot', { image, privileged: true, runAs: '0' });
  const construct = { 'the workload': workload, 'the stack': stack, 'the app': stack.node.root }[place] ?? stack;
  Warnings.of(construct).acknowledge('privileged', 'reads the disks');
  expect(warningsUnder(stack)).toEqual([
    { code: 'privileged', path: 'desk/bot', about: '`privileged`', reason: 'reads the disks' },
    { code: 'runs-as-root', path: 'desk/bot', about: 'runs as 0', reason: null },
  ]);
});

test('the reason of the nearest construct counts, and other constructs keep their warnings', () => {
  const stack = createStack();
  const bot = new Workload(stack, 'bot', { image, privileged: true });
  Warnings.of(bot).acknowledge('privileged', 'near');
  Warnings.of(stack).acknowledge('privileged', 'far');
  new Workload(stack, 'other', { image, privileged: true });
  expect(reasons(stack)).toEqual(['near', 'far']);
  const alone = createStack();
  Warnings.of(new Workload(alone, 'bot', { image, privileged: true })).acknowledge('privileged', 'near');
  new Workload(alone, 'other', { image, privileged: true });
  expect(reasons(alone)).toEqual(['near', null]);
});

test('a code that does not exist is an error that lists those that do', () => {
  const stack = createStack();
  expect(() => {
    Warnings.of(stack).acknowledge('priviledged' as never, 'reads the disks');
  }).toThrowCode('invalid-value', 'desk: ', "'priviledged'", 'privileged, ');
});

test.each(['', '  ', undefined])('the reason %j is an error', (reason) => {
  const stack = createStack();
  expect(() => {
    Warnings.of(stack).acknowledge('privileged', reason as never);
  }).toThrowCode('missing-option', "'privileged' is acknowledged without a reason");
});

test('three variables of each of 25 services that look like secrets are one warning of three lines', () => {
  const stack = createStack((desk) => {
    const environment = { API_KEY: 'hunter2hunter2', API_SECRET: 'hunter2hunter2', DB_PASS: 'hunter2hunter2' };
    for (let number = 1; number <= 25; number++) new Workload(desk, `bot-${number}`, { image, environment });
  });
  const groups = groupWarnings(warningsUnder(stack));
  expect(groups.map((group) => linesOf(group))).toEqual([
    [
      expect.stringMatching(/looks like a secret.*\[plain-secret\]$/),
      '  desk/bot-1, desk/bot-2, desk/bot-3, desk/bot-4 and 21 more: API_KEY, API_SECRET, DB_PASS',
      expect.stringContaining('Secret.provided'),
    ],
  ]);
  expect(linesOf(groups[0] as never, true)[1]).toContain('desk/bot-24, desk/bot-25: API_KEY');
});

test('services with other variables have a line of their own', () => {
  const stack = createStack((desk) => {
    new Workload(desk, 'bot', { image, environment: { TOKEN: 'hunter2hunter2' } });
    new Workload(desk, 'api', { image, environment: { API_KEY: 'hunter2hunter2' } });
  });
  const [group] = groupWarnings(warningsUnder(stack));
  expect(group?.places).toEqual([
    { paths: ['desk/bot'], about: ['TOKEN'] },
    { paths: ['desk/api'], about: ['API_KEY'] },
  ]);
});

test('the manifest of cdktf has one annotation for each kind of warning, without acknowledged ones', () => {
  const app = Testing.app();
  const stack = new TradingStack(app, 'desk');
  for (const id of ['one', 'two']) new Workload(stack, id, { image, privileged: true, runAs: 'root' });
  Warnings.of(stack).acknowledge('runs-as-root', 'steps down itself');
  app.synth();
  app.synth();
  const manifest = JSON.parse(readFileSync(join(app.outdir, Manifest.fileName), 'utf8')) as Manifest;
  expect(manifest.stacks.desk?.annotations).toEqual([
    expect.objectContaining({
      constructPath: 'desk',
      message: expect.stringMatching(/\[privileged\]\n {2}desk\/one, desk\/two: /) as string,
    }),
  ]);
});
