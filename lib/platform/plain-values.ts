import { Token } from 'cdktf';

/** Whether a string matches a pattern, or is a cdktf token, whose value is only known when Terraform runs. */
export function hasForm(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && (form.test(value) || Token.isUnresolved(value));
}
