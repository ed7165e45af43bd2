/** The expected type of each field of a message. */
export type Fields<Message> = { readonly [Field in keyof Message]-?: (value: unknown) => boolean };

/** The message with the named fields only, in their order; a field of another type is an error. */
export function parseObject<Message>(what: string, message: unknown, fields: Fields<Message>): Message {
  const given = (typeof message === 'object' && message !== null ? message : {}) as Record<string, unknown>;
  const checks = Object.entries<(value: unknown) => boolean>(fields);
  const wrong = checks.filter(([name, isRight]) => !isRight(given[name])).map(([name]) => name);
  if (wrong.length > 0) throw new Error(`not ${what}: ${wrong.join(', ')} missing or wrong in ${shown(message)}`);
  const present = checks.map(([name]) => [name, given[name]] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Message;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** A quantity or a price. */
export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

export function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function shown(message: unknown): string {
  // The types do not show that `undefined` has no JSON.
  const text = (JSON.stringify(message) as string | undefined) ?? String(message);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
