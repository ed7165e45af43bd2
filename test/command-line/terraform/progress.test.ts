import { Output } from '../../../lib/command-line/output/output';
import type { Subject } from '../../../lib/command-line/terraform/messages';
import { Progress } from '../../../lib/command-line/terraform/progress';

const KINDS: Readonly<Record<string, Subject['kind']>> = { bot: 'service', migrate: 'job', image: 'image' };

let lines: string[];
let progress: Progress;
const exitCodeOf = jest.fn<Promise<number | undefined>, [string]>();

beforeEach(() => {
  jest.useFakeTimers();
  lines = [];
  const output = new Output();
  jest.spyOn(output, 'say').mockImplementation((line) => lines.push(line));
  progress = new Progress(output, (name) => ({ name, kind: KINDS[name] ?? 'other' }), exitCodeOf);
});

afterEach(async () => {
  await progress.stop();
  jest.useRealTimers();
});

function start(address: string, action = 'create'): void {
  progress.handle({ stage: 'start', address, action, elapsed: 0 });
}

function complete(address: string, elapsed: number, action = 'create'): void {
  progress.handle({ stage: 'complete', address, action, elapsed });
}

test('A finished change is shown with the time that it took', () => {
  start('bot');
  complete('bot', 12);
  expect(lines).toEqual(['bot: started (12 s)']);
});

test.each([
  ['finished', () => Promise.resolve(0)],
  ['failed', () => Promise.resolve(3)],
  ['ended', () => Promise.resolve(undefined)],
  ['ended', () => Promise.reject(new Error('the engine does not answer'))],
])('A job has %s according to its exit code, which Terraform does not report', async (end, answer) => {
  exitCodeOf.mockImplementation(answer);
  start('migrate');
  complete('migrate', 3);
  await progress.stop();
  expect(lines).toEqual([`migrate: ${end} (3 s)`]);
});

test('A change that takes more than two seconds is announced before it is finished, and again from time to time', () => {
  start('bot');
  jest.advanceTimersByTime(1900);
  expect(lines).toEqual([]);
  jest.advanceTimersByTime(200);
  progress.handle({ stage: 'progress', address: 'bot', action: 'create', elapsed: 10 });
  expect(lines).toEqual(['bot: starting …', 'bot: starting … 10 s']);
});

test('A failed change is no longer announced', () => {
  start('bot');
  progress.handle({ stage: 'errored', address: 'bot', action: 'create', elapsed: 1 });
  jest.advanceTimersByTime(5000);
  expect(lines).toEqual([]);
});

test('Quick changes of networks and the like, and images that are no longer used, are not shown', () => {
  complete('network', 0);
  complete('network', 4);
  complete('image', 0, 'delete');
  expect(lines).toEqual(['network: created (4 s)']);
});

test('A line that counts the seconds names up to three resources', () => {
  expect(progress.describeRunning()).toBe('terraform apply');
  for (const name of ['a', 'b']) start(name);
  expect(progress.describeRunning()).toBe('a, b');
  for (const name of ['c', 'd', 'e']) start(name);
  complete('a', 0);
  expect(progress.describeRunning()).toBe('b, c, d and 1 more');
});
