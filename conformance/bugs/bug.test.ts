import { AppService, HealthCheck } from '../../lib';
import { BUGS } from '.';
import { type Bug, judge } from './bug';
import { image } from './shared';

const SILENT: Bug['forms'][number] = {
  written: 'no health check',
  stack: (stack) => new AppService(stack, 'bot', { image, port: 8000, healthCheck: HealthCheck.none() }),
  shows: /"NONE"/,
};
const REFUSED: Bug['forms'][number] = {
  written: 'a port that does not exist',
  stack: (stack) => new AppService(stack, 'bot', { image, port: 70_000 }),
};

test('there are 50 bugs', () => {
  expect(Object.keys(BUGS)).toHaveLength(50);
});

test.each(Object.entries(BUGS))('%s is what its stacks say', (_id, bug) => {
  expect(judge(bug).problems).toEqual([]);
});

test('the class of a bug follows from what its stacks did', () => {
  const classOf = (bug: Omit<Bug, 'title'>) => judge({ title: '', ...bug }).found;
  const byDefault = { stack: SILENT.stack, shows: /"NONE"/ };

  expect(classOf({ forms: [REFUSED] })).toBe('refused');
  expect(classOf({ forms: [{ ...REFUSED, compiles: false }] })).toBe('impossible');
  expect(classOf({ forms: [REFUSED, SILENT] })).toBe('still writable');
  expect(classOf({ forms: [REFUSED, SILENT], byDefault })).toBe('right by default');
  expect(classOf({ forms: [SILENT], inExamples: () => true })).toBe('fixed in the example only');
  expect(classOf({ forms: [SILENT] })).toBe('nothing');
});

test('a stack that does not have its bug, or is not right by default, is a problem', () => {
  const bug: Bug = { title: '', forms: [{ ...SILENT, shows: /curl/ }], byDefault: { ...SILENT, shows: /curl/ } };

  expect(judge(bug).problems).toEqual(['the plan does not show: no health check', 'the default is not right']);
});
