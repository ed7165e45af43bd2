import { type TerraformResource, Token } from 'cdktf';

/**
 * The name of a resource in Terraform. It comes from the name on the engine and not from the path in the code: moving
 * code around must not make Terraform create the new one while the old one still has the name.
 */
export function terraformId(name: string): string {
  // Terraform requires a letter or an underscore at the start.
  return name.replace(/[^A-Za-z0-9_-]/g, '_').replace(/^(?=[^A-Za-z_])/, '_');
}

/** The address of a resource, as in `depends_on` and `terraform state`: `docker_container.db`. */
export function addressOf(resource: TerraformResource): string {
  return `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
}

/** The expression of a resource's attribute: `${docker_image.db.image_id}`. */
export function attributeOf(resource: TerraformResource, attribute: string): string {
  return `\${${addressOf(resource)}.${attribute}}`;
}

/** The inside of an expression, for use in another one. */
export function innerExpression(expression: string): string {
  const match = /^\$\{(.*)\}$/s.exec(expression);
  if (match?.[1] === undefined) throw new TypeError(`not a Terraform expression: ${expression}`);
  return match[1];
}

/**
 * A string that Terraform has to take literally. Its template sequences are escaped, so that `${HOME}` in a user's value
 * arrives as `${HOME}`. A value that contains a cdktf token is an expression on purpose and stays as it is.
 */
export function literal(text: string): string {
  return Token.isUnresolved(text) ? text : text.replace(/\$\{/g, '$$${').replace(/%\{/g, '%%{');
}

/** The text that Terraform makes of a {@link literal} string. */
export function unescaped(text: string): string {
  return text.replace(/\$\$\{/g, '$${').replace(/%%\{/g, '%{');
}

/** A string constant inside an expression. */
export function quoted(text: string): string {
  return JSON.stringify(literal(text));
}

/** The strings of a list, taken literally. */
export function literals(texts: readonly string[]): string[] {
  return texts.map(literal);
}

/** A map whose keys and values are taken literally, in the order of the keys. Terraform reads keys as templates, too. */
export function literalMap(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(sortedEntries(values).map(([key, value]) => [literal(key), literal(value)]));
}

/** Entries in the order of their keys, so that the output does not depend on the order in the source. */
export function sortedEntries<T>(values: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}
