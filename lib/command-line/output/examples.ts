/** The end of the help of a command. */
export function examples(...commands: readonly string[]): string {
  return ['', 'Examples:', ...commands.map((command) => `  npm run ${command}`)].join('\n');
}
