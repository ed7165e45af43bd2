import { Token } from 'cdktf';

/**
 * Whether a value is a string of a form, or a cdktf token, which gets its text when Terraform runs. In plain JavaScript
 * it may be anything, and `RegExp.test` takes `undefined` for the word.
 */
export function hasForm(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && (form.test(value) || Token.isUnresolved(value));
}
