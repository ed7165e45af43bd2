import { invalidValue, TradingStackError } from '../errors';
import { isSecretUrl } from '../workload/secrets/plain-secrets';

/** Options of which a server cannot have an external URL as well. */
interface OtherFlags {
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly flags?: readonly string[];
}

/** @throws TradingStackError `option-conflict` for an option that sets flags, if another one replaces all of them */
export function refuseReplacedFlags(
  option: string,
  { command, entrypoint }: Omit<OtherFlags, 'flags'>,
  fix: string,
  where: string,
): void {
  if (command === undefined && entrypoint === undefined) return;
  const given = command === undefined ? 'entrypoint' : 'command';
  const what = `${option} has no effect with \`${given}\`, which replaces all flags`;
  throw new TradingStackError('option-conflict', where, what, fix);
}

const FLAG = '--web.external-url';

/**
 * The flags with which Prometheus and Alertmanager link to themselves. A path in the URL would move the health check and
 * the metrics, too.
 * @throws TradingStackError if it is no URL of HTTP, and if other options replace or repeat the flag
 */
export function externalUrlFlags(
  url: string | undefined,
  { flags = [], ...other }: OtherFlags,
  where: string,
): string[] {
  if (url === undefined) return [];
  checkExternalUrl(url, where);
  refuseReplacedFlags('externalUrl', other, `Move it into \`command\`: ${FLAG}=${url}`, where);
  if (flags.some((flag) => flag.startsWith(FLAG))) {
    const what = `\`flags\` has ${FLAG} too, which can be set only once`;
    throw new TradingStackError('option-conflict', where, what, 'Remove one of them');
  }
  return [`${FLAG}=${url}`, '--web.route-prefix=/'];
}

/** @throws TradingStackError `invalid-value` unless it is a URL of HTTP that people may see */
export function checkExternalUrl(url: string, where: string): void {
  refuseSecretUrl(url, 'externalUrl', where);
  if (/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/.test(url) && URL.canParse(url)) return;
  throw invalidValue(where, 'externalUrl', url, "a URL without a password: 'https://desk.example/prometheus'");
}

/** @throws TradingStackError `invalid-value`, which does not show it, for a URL with a user or a token, which people see */
export function refuseSecretUrl(url: string, option: string, where: string): void {
  if (!isSecretUrl(url) && !/^[a-z]+:\/\/[^/?#]*@/i.test(url)) return;
  const what = `${option} contains a user, a password or a token, and everyone who gets a link sees it`;
  throw new TradingStackError('invalid-value', where, what, 'Leave it out: the browser asks who opens the page');
}
