import { COMMAND_LINE_ERRORS } from './command-line';
import { ENGINES_ERRORS } from './engines';
import { MONITORING_ERRORS } from './monitoring';
import { PLATFORM_ERRORS } from './platform';
import { ROLLOUT_ERRORS } from './rollout';
import { SERVICES_ERRORS } from './services';
import { WORKLOAD_ERRORS } from './workload';

/** One example for each error code. */
export const EXAMPLES = {
  ...PLATFORM_ERRORS,
  ...ENGINES_ERRORS,
  ...WORKLOAD_ERRORS,
  ...SERVICES_ERRORS,
  ...MONITORING_ERRORS,
  ...COMMAND_LINE_ERRORS,
  ...ROLLOUT_ERRORS,
};
