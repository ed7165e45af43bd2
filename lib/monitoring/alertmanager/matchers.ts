/** With names of letters and digits, and values that need no quotes: `team=~fx|metals`. */
const CLASSIC = matchersOf(
  String.raw`\s*[A-Za-z_:][\w:]*\s*(?:=~|!=|!~|=)`,
  String.raw`(?:\s*"(?:\\[^]|[^"\\])*"\s*|(?!\s*")(?:\\[^,]|[^"\\,])*\\?)`,
);

/** With names in quotes, such as `"desk.name"="fx"`; without quotes, names and values have none of the special characters. */
const UTF8 = matchersOf(
  String.raw`\s*(?:[^\s{}!=~,\\"'\x60]+|"(?:\\[^]|[^"\\])*")\s*(?:=~|!=|!~|=)`,
  String.raw`\s*(?:[^\s{}!=~,\\"'\x60]+|"(?:\\[^]|[^"\\])*")\s*`,
);

function matchersOf(name: string, value: string): RegExp {
  return new RegExp(`^(?:${name}${value}(?:,${name}${value})*,?)?\\s*$`);
}

/**
 * Whether Alertmanager could read it as matchers, in one of its two ways:
 * https://prometheus.io/docs/alerting/latest/configuration/#matcher. Regular expressions in it are not read.
 */
export function isMatchers(text: string): boolean {
  if (CLASSIC.test(text.replace(/^\{/, '').replace(/\}$/, ''))) return true;
  const braced = /^\s*\{([^]*)\}\s*$/.exec(text)?.[1];
  return UTF8.test(braced ?? text);
}
