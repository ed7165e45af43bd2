import CliTable from 'cli-table3';
import type { Output } from './output';

/** Columns without lines, which a terminal of any width can show and any program can cut. */
export function printTable(output: Output, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const none = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'];
  const lines = [...none, 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'];
  const table = new CliTable({
    chars: { ...Object.fromEntries(lines.map((line) => [line, ''])), middle: '   ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(
    head.map((title) => output.colors.dim(title)),
    ...rows.map((row) => [...row]),
  );
  for (const line of table.toString().split('\n')) output.say(line.trimEnd());
}
