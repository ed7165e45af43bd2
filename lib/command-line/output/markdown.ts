/** A table of GitHub Flavored Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  // A vertical bar would end the cell, also in code.
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

/** Code in one line, in which nothing is markup: no link, no mention of a user, no HTML. */
export function code(text: string): string {
  const line = text.trim().replace(/\s*\n\s*/g, ' ');
  const fence = '`'.repeat(longestRun(line) + 1);
  // A backtick in the code needs more of them around it.
  return fence.length === 1 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}

/** Lines of code. */
export function codeBlock(language: string, lines: readonly string[]): string[] {
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  return [`${fence}${language}`, ...lines, fence];
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}
