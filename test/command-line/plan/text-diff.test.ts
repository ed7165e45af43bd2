import { diffLines } from '../../../lib/command-line/plan/text-diff';

test('Lines that changed are shown between those that did not', () => {
  expect(diffLines('one\ntwo\nthree\nfour\n', 'one\n2\nthree\n4\n')).toEqual({
    added: 2,
    removed: 2,
    lines: ['- two', '+ 2', '- four', '+ 4'],
  });
});

test('Added and removed lines are counted', () => {
  expect(diffLines('a\nb\nc', 'a\nx\nb\ny\nc\nz')).toMatchObject({ added: 3, removed: 0 });
  expect(diffLines('a\nb\nc', 'b')).toMatchObject({ added: 0, removed: 2 });
});

test('Equal texts do not differ, whether they end with a line break or not', () => {
  expect(diffLines('a\nb', 'a\nb\n')).toEqual({ added: 0, removed: 0, lines: [] });
});

test('Only the number of changed lines is determined for very long texts', () => {
  const text = (start: string): string => Array.from({ length: 2000 }, (_, index) => `${start}${index}`).join('\n');
  expect(diffLines(text('a'), text('b'))).toEqual({ added: 2000, removed: 2000, lines: [] });
});
