import type { TradingStack, WarningCode } from '../../index';
import {
  annotatedBy,
  groupWarnings,
  linesOf,
  shortagesOf,
  type Warning,
  warningAbout,
  warningsUnder,
} from '../../internal';
import type { EngineAddress } from '../connection/address';
import { unusedSecrets } from '../preflight/secrets';
import { type Annotation, annotationsOf } from '../synthesis/stacks';
import type { Output } from './output';
import { remoteMachine } from '../connection/tunnel';

/** A warning in a JSON document. */
export interface ReportedWarning {
  /** `null` if it cannot be acknowledged: an annotation of the app, a password that may be lost. */
  readonly code: WarningCode | null;
  readonly path: string;
  readonly message: string;
}

/** A warning that the code accepts. */
export interface AcknowledgedWarning extends ReportedWarning {
  readonly reason: string;
}

/** The warnings about a stack. */
export class StackWarnings {
  private readonly open: readonly Warning[];
  private readonly accepted: readonly Warning[];
  private readonly annotations: readonly Annotation[];

  /**
   * @param address the engine that the stack is deployed to
   * @param others what a command found out itself
   */
  constructor(stack: TradingStack, address: EngineAddress, others: readonly Annotation[] = []) {
    const { machine } = stack.platform;
    const all = [
      ...warningsUnder(stack),
      ...unusedSecrets(stack).map((secret) => warningAbout(secret, 'secret-unused', secret.file)),
      ...(machine === null ? [] : shortagesOf(stack.platform, machine)).map((shortage) =>
        warningAbout(stack, 'machine-too-small', shortage),
      ),
      ...(isUnprotected(address) ? [warningAbout(stack, 'engine-unencrypted', address.text)] : []),
    ];
    this.open = all.filter(({ reason }) => reason === null);
    this.accepted = all.filter(({ reason }) => reason !== null);
    const own = annotatedBy(stack);
    this.annotations = [...annotationsOf(stack, 'warn').filter(({ message }) => !own.has(message)), ...others];
  }

  /** The warnings to act on. */
  get reported(): ReportedWarning[] {
    const others = this.annotations.map((one) => ({ code: null, ...one }));
    return [...this.open.map(reportOf), ...others];
  }

  get acknowledged(): AcknowledgedWarning[] {
    return this.accepted.map((warning) => ({ ...reportOf(warning), reason: warning.reason ?? '' }));
  }

  /** @param verbose whether to list long groups completely, and acknowledged warnings with their reasons */
  print(output: Output, verbose: boolean): void {
    for (const group of groupWarnings(this.open)) output.warn(`Warning: ${linesOf(group, verbose).join('\n')}`);
    for (const { path, message } of this.annotations) output.warn(`Warning: ${path}: ${message}`);
    const { length } = this.accepted;
    if (length === 0) return;
    if (verbose) {
      for (const { code, path, about, reason } of this.accepted) {
        output.say(`Acknowledged: ${path}: ${about}: ${reason ?? ''} [${code}]`);
      }
      return;
    }
    output.say(`${length} acknowledged ${length === 1 ? 'warning' : 'warnings'}: --verbose shows the reasons`);
  }
}

function reportOf({ code, path, about }: Warning): ReportedWarning {
  const [group] = groupWarnings([{ code, path, about }]);
  return { code, path, message: `${group?.problem ?? ''}: ${about}. ${group?.fix ?? ''}.` };
}

/** A port of this machine may be a tunnel, and is not open to others in any case. */
function isUnprotected(address: EngineAddress): boolean {
  const isPlain = /^(tcp|http):/.test(address.text) && address.tls === undefined;
  return isPlain && remoteMachine(address) !== undefined;
}
