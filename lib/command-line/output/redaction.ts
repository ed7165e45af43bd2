import type { TradingStack } from '../../index';
import { readSecretFile, secretsUnder } from '../../internal';

/**
 * Replaces the values of secrets in the output of other programs, such as logs and plans. Covers all stacks of the app,
 * because a stack may use the secrets of another.
 * @param others values that are not, or no longer, in secret files of the app
 */
export function redaction(stack: TradingStack, others: readonly string[] = []): (text: string) => string {
  const present = [...secretsUnder(stack.node.root)]
    .map((secret) => ({ secret, lines: (readSecretFile(secret) ?? '').trim().split('\n') }))
    // A derived secret of one line is sensitive as a whole; a derived file has ordinary lines, too.
    .filter(({ secret, lines }) => secret.source.kind !== 'derived' || lines.length === 1)
    .flatMap(({ lines }) => lines);
  const values = [...present, ...others.flatMap((value) => value.split('\n'))]
    .map((line) => line.trim())
    // Redacting shorter values would hide ordinary words and protect nothing.
    .filter((value) => value.length >= 6);
  const forms = [...new Set(values.flatMap(formsOf))].sort((one, other) => other.length - one.length);
  return (text) => forms.reduce((redacted, form) => redacted.replaceAll(form, '***'), text);
}

/** The forms in which a value may be printed: plain, in a URL, and quoted by Terraform or JSON. */
function formsOf(value: string): string[] {
  const quoted = JSON.stringify(value).slice(1, -1);
  // Terraform's jsonencode and Go's JSON encoder escape these characters.
  const forHtml = quoted.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
  const plain = [value, quoted, forHtml];
  // Terraform doubles the first character of a template sequence.
  return [...plain, ...plain.map((text) => text.replace(/[$%](?=\{)/g, '$&$&')), encodeURIComponent(value)];
}
