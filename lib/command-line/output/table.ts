import { stripVTControlCharacters } from 'node:util';
import type { Output } from './output';

const GAP = '   ';

/** Prints columns without borders, which fit terminals of any width and programs that split lines. Cells may have several lines. */
export function printTable(output: Output, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const titles = head.map((title) => output.colors.dim(title));
  const lines = [titles, ...rows].flatMap(linesOf);
  const widths = head.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))));
  for (const line of lines) {
    const cells = line.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)));
    output.say(cells.join(GAP).trimEnd());
  }
}

function linesOf(row: readonly string[]): string[][] {
  const cells = row.map((cell) => cell.split('\n'));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, index) => cells.map((cell) => cell[index] ?? ''));
}

const CHARACTERS = new Intl.Segmenter();
// East Asian scripts and emoji.
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u;

/** Number of terminal columns that a string takes up. */
function widthOf(text: string): number {
  const characters = [...CHARACTERS.segment(stripVTControlCharacters(text))];
  return characters.reduce((width, { segment }) => width + (WIDE.test(segment) ? 2 : 1), 0);
}
