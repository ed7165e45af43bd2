import { invalidValue } from '../../errors';

/**
 * Those of Prometheus, https://prometheus.io/docs/prometheus/latest/configuration/template_reference/, and those of Go,
 * https://pkg.go.dev/text/template#hdr-Functions
 */
const FUNCTIONS = new Set(
  (
    'query first label value strvalue sortByLabel args match reReplaceAll title toUpper toLower graphLink tableLink ' +
    'stripPort stripDomain safeHtml humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp ' +
    'toTime toDuration now parseDuration pathPrefix externalURL urlQueryEscape ' +
    'and or not call html index slice js len print printf println urlquery eq ne lt le gt ge true false nil'
  ).split(' '),
);

/** https://github.com/prometheus/prometheus/blob/main/rules/alerting.go; the first is all of the data. */
const VARIABLES = ['$', '$labels', '$value', '$externalLabels', '$externalURL'];

const BLOCKS = ['if', 'range', 'with', 'define', 'block'];
const KEYWORDS = new Set([...BLOCKS, 'else', 'end', 'break', 'continue', 'template']);

const COMMENT = /\{\{(?:-[ \t\r\n])?\/\*[^]*?\*\/(?:[ \t\r\n]-)?\}\}/y;
const OPENING = /\{\{(?:-(?=[ \t\r\n]))?/y;
const TOKEN = new RegExp(
  [
    /(?<close>[ \t\r\n]+-\}\}|\}\})/u,
    /(?<space>[ \t\r\n]+)/u,
    /(?<text>"(?:\\.|[^"\\\n])*"|`[^`]*`|'(?:\\.|[^'\\\n])*')/u,
    /(?<number>[+-]?\.?\d(?:[eEpP][+-]|[\w.])*)/u,
    /(?<field>\.[\p{L}\p{N}_]+)/u,
    /(?<variable>\$[\p{L}\p{N}_]*)/u,
    /(?<word>[\p{L}_][\p{L}\p{N}_]*)/u,
    /(?<mark>:=|[=|,().])/u,
  ]
    .map(({ source }) => source)
    .join('|'),
  'uy',
);

interface Token {
  readonly kind: string;
  readonly text: string;
}

/** What is open at a place of a template. */
interface Scope {
  readonly blocks: { readonly keyword: string; hasElse: boolean }[];
  readonly variables: Set<string>;
}

/** A template, and where mistakes in it are. */
export interface AlertTemplate {
  readonly text: string;
  readonly property: string;
  readonly where: string;
  /**
   * Further variables that it may have.
   * @default - none
   */
  readonly variables?: readonly string[];
}

/**
 * Checks the structure of a label or an annotation: one that Prometheus cannot read keeps it from starting. It is no parser
 * of Go's templates: in doubt, a template is valid.
 * @returns the text outside of the braces
 * @throws TradingStackError `invalid-value` for half of a character, braces or blocks that are not closed, and unknown
 *   functions and variables
 */
export function checkAlertTemplate(template: AlertTemplate): string {
  const { text, property, where, variables = [] } = template;
  const refuse = (allowed: string): never => {
    throw invalidValue(where, property, text, allowed);
  };
  checkCharacters(text, property, where);
  const scope: Scope = { blocks: [], variables: new Set([...VARIABLES, ...variables]) };
  let outside = '';
  let position = 0;
  for (let start = text.indexOf('{{'); start >= 0; start = text.indexOf('{{', position)) {
    outside += text.slice(position, start);
    const comment = matchAt(COMMENT, text, start)?.[0];
    if (comment !== undefined) {
      position = start + comment.length;
      continue;
    }
    const { tokens, end } = readAction(text, start, refuse);
    checkAction(tokens, scope, refuse);
    position = end;
  }
  const open = scope.blocks.at(-1);
  if (open !== undefined) refuse(`an {{ end }} for the {{ ${open.keyword} }}`);
  return outside + text.slice(position);
}

/** @throws TradingStackError `invalid-value` for half of a character, which no file in UTF-8 can have */
export function checkCharacters(text: string, property: string, where: string): void {
  if (!/\p{Surrogate}/u.test(text)) return;
  throw invalidValue(where, property, text, 'whole characters: it has one half of a pair of surrogates');
}

type Refuse = (allowed: string) => never;

function readAction(text: string, start: number, refuse: Refuse): { readonly tokens: Token[]; readonly end: number } {
  const tokens: Token[] = [];
  let end = start + (matchAt(OPENING, text, start)?.[0].length ?? 0);
  for (let depth = 0; ;) {
    const match = matchAt(TOKEN, text, end);
    if (match === null) return refuse(insteadOf(text.charAt(end)));
    const [token] = match;
    const [kind = ''] =
      Object.entries(match.groups ?? {}).find(([, group]: [string, string | undefined]) => group !== undefined) ?? [];
    end += token.length;
    if (token === '(') depth++;
    if (token === ')') depth--;
    if (depth < 0 || (kind === 'close' && depth > 0)) return refuse('as many ( as ) between {{ and }}');
    if (kind === 'close') return { tokens, end };
    if (kind !== 'space') tokens.push({ kind, text: token });
  }
}

function insteadOf(character: string): string {
  if (character === '' || '{}'.includes(character)) return 'two closing braces for each template: {{ $value }}';
  if ('"\'`'.includes(character)) return `a second ${character} for each ${character} between {{ and }}`;
  return `functions instead of ${character} between {{ and }}: {{ printf "%.2f" $value }}`;
}

function checkAction(tokens: readonly Token[], scope: Scope, refuse: Refuse): void {
  const [first, ...others] = tokens;
  if (first === undefined) return refuse('something between {{ and }}: {{ $value }}');
  if (first.kind === 'word') checkBlocks(first.text, others, scope.blocks, refuse);
  // Prometheus finds out when the alert fires that a variable was assigned to before it was declared.
  const assignment = Math.max(...[':=', '='].map((sign) => tokens.map(({ text }) => text).lastIndexOf(sign)));
  for (const { kind, text } of tokens.slice(0, Math.max(assignment, 0))) {
    if (kind === 'variable') scope.variables.add(text);
  }
  for (const { kind, text } of tokens) {
    if (kind === 'variable' && !scope.variables.has(text)) {
      const known = [...scope.variables].filter((name) => name !== '$').join(', ');
      refuse(`${known}, or a variable that the template sets, instead of ${text}`);
    }
    if (kind === 'word' && !FUNCTIONS.has(text) && !KEYWORDS.has(text)) {
      refuse(`a function that Prometheus' templates have, such as humanize or printf, instead of ${text}`);
    }
  }
}

function checkBlocks(keyword: string, others: readonly Token[], blocks: Scope['blocks'], refuse: Refuse): void {
  const last = blocks.at(-1);
  if (BLOCKS.includes(keyword)) {
    if (others.length === 0) refuse(`something after {{ ${keyword}: {{ if gt $value 1.0 }}`);
    blocks.push({ keyword, hasElse: false });
  } else if (keyword === 'end') {
    if (blocks.pop() === undefined) refuse('an {{ if }}, {{ range }} or {{ with }} for each {{ end }}');
  } else if (keyword === 'else') {
    if (last === undefined || last.hasElse || !['if', 'range', 'with'].includes(last.keyword)) {
      return refuse('an {{ if }}, {{ range }} or {{ with }} for each {{ else }}');
    }
    last.hasElse = others.length === 0;
  } else if (['break', 'continue'].includes(keyword) && !blocks.some((block) => block.keyword === 'range')) {
    refuse(`{{ ${keyword} }} only in a {{ range }}`);
  }
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}
