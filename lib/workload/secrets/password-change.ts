/**
 * How the running server of a password gets a new one. A command gets the current password and the new one as two lines of
 * its input, so that neither is in an argument. It can be run again after any failure.
 */
export interface PasswordChange {
  /** Terraform address of the server, in whose container the commands run. */
  readonly server: string;
  /** From then on, the server accepts the new password. */
  readonly change: readonly string[];
  /**
   * From then on, a server that accepts both refuses the old one.
   * @default - `change` has replaced it
   */
  readonly finish?: readonly string[];
}

/** Shell: reads the two passwords. Generated ones consist of letters, digits, `-` and `_`, so `$new` needs no quoting. */
export const READ_PASSWORDS = 'set -u; IFS= read -r current; IFS= read -r new; ';
