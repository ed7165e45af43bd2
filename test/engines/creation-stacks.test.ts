import { withoutCreationStacks } from '../../lib/engines/creation-stacks';

// The module that every token of cdktf uses; other tests replace it.
const { captureStackTrace } = jest.requireActual<{ captureStackTrace: () => string[] }>(
  'cdktf/lib/tokens/private/stack-trace',
);

test('cdktf records no stack trace while a resource is created', () => {
  expect(withoutCreationStacks(captureStackTrace)).toEqual([]);
});

test('cdktf records stack traces again afterwards', () => {
  withoutCreationStacks(() => undefined);
  expect(captureStackTrace()).not.toEqual([]);
});

test('cdktf records stack traces again after an error', () => {
  const fail = (): never => {
    throw new Error('invalid');
  };
  expect(() => withoutCreationStacks(fail)).toThrow('invalid');
  expect(captureStackTrace()).not.toEqual([]);
});

test('an error while a resource is created keeps its stack trace', () => {
  const { stack } = withoutCreationStacks(() => new Error('invalid'));
  expect(stack).toContain('creation-stacks.test.ts');
});
