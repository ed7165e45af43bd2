import type { TradingStack } from '../../index';
import { readSecretFile, secretsUnder } from '../../internal';

/**
 * Makes the values of secrets unreadable in what others print, such as logs and plans: those of all stacks of the app,
 * because one may have another's.
 * @param others values of secrets that are not, or not any more, in the stacks' files
 */
export function redaction(stack: TradingStack, others: readonly string[] = []): (text: string) => string {
  const present = [...secretsUnder(stack.node.root)]
    .map((secret) => ({ secret, lines: (readSecretFile(secret) ?? '').trim().split('\n') }))
    // What is made from others may be nothing but their values in another spelling; a whole file has ordinary lines, too.
    .filter(({ secret, lines }) => secret.source.kind !== 'derived' || lines.length === 1)
    .flatMap(({ lines }) => lines);
  const values = [...present, ...others.flatMap((value) => value.split('\n'))]
    .map((line) => line.trim())
    // A shorter one would black out ordinary words, and protect nothing.
    .filter((value) => value.length >= 6);
  const spellings = [...new Set(values.flatMap(spellingsOf))].sort((one, other) => other.length - one.length);
  return (text) => spellings.reduce((redacted, spelling) => redacted.replaceAll(spelling, '***'), text);
}

/** How a value may be written: as it is, in a URL, and between the quotation marks of Terraform and of JSON. */
function spellingsOf(value: string): string[] {
  const quoted = JSON.stringify(value).slice(1, -1);
  // Terraform's jsonencode, and all that Go writes as JSON.
  const forHtml = quoted.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
  const plain = [value, quoted, forHtml];
  // What would start a template is doubled in Terraform's own language.
  return [...plain, ...plain.map((text) => text.replace(/[$%](?=\{)/g, '$&$&')), encodeURIComponent(value)];
}
