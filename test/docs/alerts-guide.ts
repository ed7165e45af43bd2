import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { MetricsAlert, PrometheusRule } from '../../lib';
import { meaningOf } from '../../lib/workload/connections/metrics-alert';
import { alertGroups, alertsOfStack, watchEverything } from '../monitoring/alerts/stack';

export const ALERTS_GUIDE = resolve(__dirname, '../../docs/guides/alerts.md');

const MARK = '<!-- alerts -->\n';

/** The chapters of the guide, and which alerts each of them has; the first one that matches. */
const CHAPTERS: readonly (readonly [string, RegExp])[] = [
  ['Every service', /^(Service|Exporter)/],
  ['HTTP services', /^Http/],
  ['PostgreSQL', /^Postgres/],
  ['Redis', /^Redis/],
  ['RabbitMQ', /^RabbitMq/],
  ['QuestDB', /^QuestDb/],
  ['InfluxDB', /^InfluxDb/],
  ['nginx', /^Nginx/],
  ['Backups', /^(Backup|Recovery)/],
  ['Monitoring', /^(Prometheus|Alertmanager|Watchdog|LogStore)/],
  ['The machine', /^Host/],
  ['Trading', /./],
];

/** The guide with a section for each alert, to which its notifications link. */
export function alertsGuide(): string {
  const [head = ''] = readFileSync(ALERTS_GUIDE, 'utf8').split(MARK);
  const alerts = new Map<string, MetricsAlert>();
  const groups = alertGroups((stack) => {
    watchEverything(stack);
    for (const [key, alert] of alertsOfStack(stack)) alerts.set(key, alert);
  });
  const rules = groups.flatMap((group) =>
    group.rules.map((rule) => ({ ...rule, threshold: thresholdOf(alerts.get(`${group.name}/${rule.alert}`)) })),
  );
  const names = [...new Set(rules.map(({ alert = '' }) => alert))];
  const chapterOf = (name: string): string => CHAPTERS.find(([, form]) => form.test(name))?.[0] ?? '';
  const chapters = CHAPTERS.map(([title]) => {
    const sections = names
      .filter((name) => chapterOf(name) === title)
      .map((name) => sectionOf(name, rules.filter(({ alert }) => alert === name).map(generalized)));
    return [`## ${title}\n`, ...sections].join('\n');
  });
  return [`${head}${MARK}`, chapters.join('\n')].join('\n');
}

/** An alert, and what its threshold means. */
interface DocumentedRule extends PrometheusRule {
  readonly threshold: string;
}

function thresholdOf(alert: MetricsAlert | undefined): string {
  const meaning = alert && meaningOf(alert);
  if (alert?.threshold === undefined || meaning === undefined) return '';
  const { unit, of, times = 1 } = meaning;
  const what = { share: `the share ${of}`, seconds: `in seconds: the ${of}`, count: of }[unit];
  const fires =
    times === 1
      ? ''
      : `; the alert fires at ${times} times as much, ${Number((times * alert.threshold * 100).toPrecision(3))}%`;
  return `Threshold: **${alert.threshold}**, ${what}${fires}.`;
}

/** Alerts of several services that differ in more than the service are shown one after another. */
function sectionOf(name: string, rules: readonly DocumentedRule[]): string {
  const variants = [...new Map(rules.map((rule) => [rule.expr, rule])).values()];
  const texts = variants.map(({ expr, for: duration, labels, annotations, threshold }) => {
    const when = duration === undefined ? 'at once' : `after ${duration}`;
    const title = `**${labels?.severity ?? ''}**, ${when}: ${annotations?.summary ?? ''}.`;
    return `${title} ${annotations?.description ?? ''}\n\n\`\`\`promql\n${expr}\n\`\`\`\n${threshold && `\n${threshold}\n`}`;
  });
  return [`### ${name}\n`, ...texts].join('\n');
}

/** The rule without the names of the job and the stack of the test, and without templates in its texts. */
function generalized(rule: DocumentedRule): DocumentedRule {
  const job = rule.labels?.job ?? '';
  const { summary = '', description = '' } = rule.annotations ?? {};
  const plain = (text: string): string =>
    text
      .replace(/`npm run [^`]*`/g, (command) => command.replace(new RegExp(` ${job}\\b`), ' <service>'))
      .replace(new RegExp(`^${job}\\b`), 'The service')
      .replace(new RegExp(`\\. ${job}\\b`, 'g'), '. The service')
      .replace(new RegExp(`\\b${job}\\b`, 'g'), 'the service')
      .replace(new RegExp(`\\bbackup of ${job.replace(/_backup$/, '')}\\b`), 'backup of the server')
      .replace(/\{\{ \$labels\.(\w+) \}\}/g, '*$1*')
      .replace(/\{\{[^}]*\$value[^}]*\}\}/g, '*n*');
  return {
    ...rule,
    expr: rule.expr.replaceAll(`job="${job}"`, 'job="…"').replace(/^\w+_up(?=\{.* == 0$)/, '…_up'),
    annotations: { summary: plain(summary), description: plain(description) },
  };
}
