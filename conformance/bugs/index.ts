import type { Bug } from './bug';
import { CONFIGURATION } from './configuration';
import { CONNECTIONS } from './connections';
import { DATA } from './data';
import { DEPLOY } from './deploy';
import { HEALTH } from './health';
import { MONEY } from './money';
import { SECRETS } from './secrets';
import { SIZE } from './size';

/** The 50 bugs of the documents, by id. */
export const BUGS: Readonly<Record<string, Bug>> = Object.fromEntries(
  Object.entries({
    ...MONEY,
    ...HEALTH,
    ...CONNECTIONS,
    ...SECRETS,
    ...CONFIGURATION,
    ...DATA,
    ...SIZE,
    ...DEPLOY,
  } as Readonly<Record<string, Bug>>).sort(([one], [other]) => (one < other ? -1 : 1)),
);
