import { stringify } from 'yaml';
import type { PrometheusRuleGroup } from '../../../lib';
import { type AlertCase, CASES, type SeriesOf } from './cases';

const EVALUATION_INTERVAL = '1m';

/**
 * The files of a run of promtool in their folder: the rules of each job, and unit tests for them.
 * @see https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
 */
export function promtoolFiles(groups: readonly PrometheusRuleGroup[]): {
  readonly rules: Readonly<Record<string, string>>;
  readonly tests: Readonly<Record<string, string>>;
} {
  const jobs = groups.map(({ name }) => name);
  const file = (job: string): string => job.replace(/\W/g, '-');
  return {
    rules: Object.fromEntries(
      groups.map(({ name, rules }) => [
        `${file(name)}.rules.yml`,
        // Every scrape interval would take four times as long.
        stringify({ groups: [{ name, interval: EVALUATION_INTERVAL, rules }] }),
      ]),
    ),
    tests: Object.fromEntries(
      jobs
        .map((job) => [job, CASES.filter(({ alert }) => alert.startsWith(`${job}/`))] as const)
        .filter(([, cases]) => cases.length > 0)
        .map(([job, cases]) => [
          `${file(job)}.test.yml`,
          stringify({
            rule_files: [`${file(job)}.rules.yml`],
            evaluation_interval: EVALUATION_INTERVAL,
            tests: cases.flatMap((one) => [
              unitTest(one, one.fires, 1),
              ...(one.quiet ? [unitTest(one, one.quiet, 0)] : []),
            ]),
          }),
        ]),
    ),
  };
}

function unitTest({ alert, at, interval = '15s' }: AlertCase, series: SeriesOf, firing: 0 | 1): object {
  const [job = '', name = ''] = alert.split('/');
  return {
    name: `${alert} ${firing === 1 ? 'fires' : 'is quiet'}`,
    interval,
    input_series: Object.entries(series).map(([selector, values]) => ({ series: withJob(selector, job), values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${name}", job="${job}", severity!="", alertstate="firing"})`,
        eval_time: at,
        exp_samples: firing === 1 ? [{ labels: '{}', value: 1 }] : [],
      },
    ],
  };
}

/** `up` and `up{instance="a"}` with the label of the job, unless they have one. */
function withJob(selector: string, job: string): string {
  if (/[{,]job=/.test(selector)) return selector;
  return selector.includes('{') ? selector.replace('{', `{job="${job}",`) : `${selector}{job="${job}"}`;
}
