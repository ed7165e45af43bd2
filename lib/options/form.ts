import { Token } from 'cdktf';

/** Whether a string has a form, or is a cdktf token, which gets its text when Terraform runs. */
export function hasForm(text: string, form: RegExp): boolean {
  return form.test(text) || Token.isUnresolved(text);
}
