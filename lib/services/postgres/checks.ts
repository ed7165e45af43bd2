import { checkNames, checkText, checkTexts, listOf, type Check } from '../../platform/plain-values';
import { objectLike } from '../../workload/object-like';

const checkWords = listOf(checkText, 'wordy');

/** The names in them are looked at where they are put together. */
const CHECKS = {
  databases: listOf((given, property, where) => {
    objectLike("databases: [{ name: 'reports' }]")(given, property, where);
    const { users } = given as { readonly users?: unknown };
    if (users !== undefined) checkWords(users, `${property}.users`, where);
  }),
  roles: listOf((given, property, where) => {
    objectLike("roles: [{ name: 'reports' }]")(given, property, where);
    const { memberOf } = given as { readonly memberOf?: unknown };
    if (memberOf !== undefined) checkWords(memberOf, `${property}.memberOf`, where);
  }),
  initScripts: checkTexts,
  settings: checkNames,
} as const satisfies Readonly<Record<string, Check>>;

/** @throws TradingStackError for what only plain JavaScript can give: `databases: ['reports']` */
export function checkPostgresOptions(props: Partial<Record<keyof typeof CHECKS, unknown>>, where: string): void {
  for (const [option, check] of Object.entries(CHECKS) as [keyof typeof CHECKS, Check][]) {
    if (props[option] !== undefined) check(props[option], option, where);
  }
}
