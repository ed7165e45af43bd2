/** What terminals act on instead of showing it: sequences of ECMA-48, and control characters except tab and line feed. */
const CONTROL =
  // eslint-disable-next-line no-control-regex
  /(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|(?:\u001b[PX^_]|[\u0090\u0098\u009e\u009f])[^\u001b\u009c]*(?:\u001b\\|\u009c)?|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

// eslint-disable-next-line no-control-regex
const COLOR = /^\u001b\[[\d;:]*m$/;

/** Text of other programs as it can be shown on a terminal, which it could otherwise clear, or make write to the clipboard. */
export function withoutControls(text: string): string {
  return text.replace(CONTROL, '');
}

/** The same with its colors, which are reset at the end. */
export function withColorsOnly(line: string): string {
  const shown = line.replace(CONTROL, (sequence) => (COLOR.test(sequence) ? sequence : ''));
  return shown === withoutControls(line) ? shown : `${shown}\u001b[0m`;
}
