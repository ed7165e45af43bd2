import { stripVTControlCharacters } from 'node:util';
import { createColors } from 'picocolors';
import { Output } from '../../../lib/command-line/output/output';
import { printTable } from '../../../lib/command-line/output/table';

function linesOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const output = new Output();
  const lines: string[] = [];
  jest.spyOn(output, 'say').mockImplementation((line) => lines.push(line));
  printTable(output, head, rows);
  return lines;
}

test('Columns are aligned, cells may have several lines, and lines have no trailing spaces', () => {
  expect(
    linesOf(
      ['SERVICE', 'PORTS', 'LIMITS'],
      [
        ['desk-db', '', '1 CPU'],
        ['desk-gateway', '8000\n5555/udp', ''],
      ],
    ),
  ).toEqual([
    'SERVICE        PORTS      LIMITS',
    'desk-db                   1 CPU',
    'desk-gateway   8000',
    '               5555/udp',
  ]);
});

test('Colors do not count as width', () => {
  const { red } = createColors(true);
  const lines = linesOf(['STATE', 'SERVICE'], [[red('exited'), 'desk-db']]);
  expect(lines[1]).toContain('\u001b[');
  expect(lines.map((line) => stripVTControlCharacters(line))).toEqual(['STATE    SERVICE', 'exited   desk-db']);
});

test.each([
  ['価格', 4],
  ['🚀', 2],
  ['café', 4],
  ['cafe\u0301', 4],
])('%s is %i columns wide', (text, width) => {
  const [head = ''] = linesOf(['X', 'Y'], [[text, '']]);
  expect(head).toBe(`X${' '.repeat(width - 1)}   Y`);
});
