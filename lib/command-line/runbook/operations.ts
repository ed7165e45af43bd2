import { MonitoringStack, PostgresDb, RabbitMqBroker, RedisCache, type TradingStack, type Workload } from '../../index';
import { publishedAt, serviceIdOf } from '../../internal';
import { declaredBackups } from '../backups/repository';
import { backupVolumes } from '../backups/volumes';
import { type Server, serversOf } from '../commands/running/clients';
import { rotatableSecrets } from '../secrets/rotatable';

/** A task of the people who run a stack, and the command that does it. */
export interface Operation {
  /** Completes the sentence "To …": `see what runs`. */
  readonly task: string;
  /** The command and its arguments, after `npm run`. */
  readonly command: readonly [name: string, ...arguments: string[]];
}

/** Operations that belong together. */
export interface OperationGroup {
  readonly title: string;
  readonly operations: readonly Operation[];
  /**
   * Paragraphs below them, in Markdown.
   * @default - none
   */
  readonly notes?: readonly string[];
}

/** Everything that can be done with a stack, as far as it has what the command is for. */
export function operationsOf(stack: TradingStack): OperationGroup[] {
  const { id } = stack.node;
  const [service] = stack.platform.workloads
    .filter(({ spec }) => spec.kind === 'service')
    .map(({ spec }) => serviceIdOf(spec));
  const monitoring = stack.node.findAll().filter((construct) => construct instanceof MonitoringStack);
  const groups: OperationGroup[] = [
    {
      title: 'Something is wrong',
      operations: [
        operation('see what runs, and why something does not', 'status', id),
        operation(
          'read what all services printed in the last 15 minutes, in the order of time',
          'logs',
          id,
          '--since',
          '15m',
        ),
        operation('check the engine, its disk, memory and clock, ports and secrets', 'doctor', id),
        ...(service === undefined
          ? []
          : [
              operation(
                `see the free disk space in the container of ${service}`,
                'exec',
                id,
                service,
                '--',
                'df',
                '-h',
              ),
            ]),
        operation('see what a deploy would change', 'diff', id),
        ...monitoring.flatMap((one) => logOperations(one, id)),
      ],
    },
    {
      title: 'Alerts',
      operations: monitoring.flatMap((one) => alertOperations(one, id)),
      notes: monitoring.map(alertsNote),
    },
    {
      title: 'Change it',
      operations: [
        operation('write the configuration, this runbook and the report', 'synth', id),
        operation('deploy the project as it is checked out, after confirmation', 'deploy', id),
        operation('list the last deploys', 'deploys', id),
        operation('go back to the deploy before, after confirmation', 'rollback', id),
        operation('list its images, and what needs them', 'images', id),
        operation('remove the images that nothing needs, after confirmation', 'images', id, '--prune'),
        operation('remove it and keep the retained volumes', 'destroy', id),
        operation(`remove it with all its data${alsoRemoved(stack)}`, 'destroy', id, '--volumes'),
      ],
    },
    { title: 'Servers', operations: serversOf(stack).flatMap((server) => consoleOperations(server, id)) },
    { title: 'Backups', operations: backupOperations(stack), notes: [backupNote(stack)] },
    { title: 'Passwords', operations: passwordOperations(stack) },
  ];
  return groups.filter(({ operations }) => operations.length > 0);
}

function alsoRemoved(stack: TradingStack): string {
  const volumes = [...backupVolumes(stack)].map(([volume, servers]) => `${servers.join(', ')} in ${volume}`);
  return volumes.length === 0 ? '' : `, and with the backups of ${volumes.join(' and of ')}`;
}

/** In the containers, so that they work when no port is published. */
function alertOperations({ prometheus, alertmanager }: MonitoringStack, stack: string): Operation[] {
  const prometheusId = serviceIdOf(prometheus.workload.spec);
  const promtool = ['promtool', 'query', 'instant', 'http://127.0.0.1:9090'];
  const firing = operation(
    'list the alerts that fire',
    'exec',
    stack,
    prometheusId,
    '--',
    ...promtool,
    'ALERTS{alertstate="firing"}',
  );
  if (alertmanager === undefined) return [firing];
  const amtool = (task: string, ...words: readonly string[]): Operation => {
    const id = serviceIdOf(alertmanager.workload.spec);
    return operation(task, 'exec', stack, id, '--', 'amtool', '--alertmanager.url=http://127.0.0.1:9093', ...words);
  };
  return [
    firing,
    amtool('list the alerts of which people are notified', 'alert', 'query'),
    amtool(
      `send no notifications about ${prometheusId} for two hours; or about another service`,
      'silence',
      'add',
      `job=${prometheusId}`,
      '--duration=2h',
      '--author=desk',
      '--comment=maintenance',
    ),
    amtool('list the silences, and end one with `silence expire` and its id', 'silence', 'query'),
  ];
}

/** In the container of Prometheus, as that of the log store contains no program that could ask. */
function logOperations({ prometheus, logStore }: MonitoringStack, stack: string): Operation[] {
  if (logStore === undefined) return [];
  const { host, port } = logStore.endpoint;
  const query = encodeURIComponent(`_time:1d i(error) | sort by (_time) | fields _time, source, _msg`);
  const url = `http://${host}:${port}/select/logsql/query?query=${query}`;
  const id = serviceIdOf(prometheus.workload.spec);
  // As a program of its own writes it: error, Error, ERROR.
  const task = `search the stored log lines of the last day for a word in any case, also those of replaced containers; or at ${logStore.externalUrl}`;
  return [operation(task, 'exec', stack, id, '--', 'wget', '-qO-', url)];
}

/** Where alerts are shown and explained. */
function alertsNote({ grafana, prometheus }: MonitoringStack): string {
  const at = ({ spec }: Workload): string => spec.ports.map(publishedAt).join(', ');
  const published = at(prometheus.workload);
  const ofPrometheus =
    published === ''
      ? 'Prometheus has them under `/alerts`, but its port is not published'
      : `Prometheus has them under \`/alerts\` at ${published}`;
  return [
    'Grafana counts the alerts that fire on the dashboard Trading System Overview, and lists all of them under Alerting,',
    `Alert rules${at(grafana.workload) === '' ? '' : `, at ${at(grafana.workload)}`}. ${ofPrometheus}.`,
    '`node_modules/cdktf-trading-stack/docs/guides/alerts.md` says for each of them what to do.',
  ].join(' ');
}

function consoleOperations(server: Server, stack: string): Operation[] {
  const { id } = server.node;
  const ask = (task: string, ...words: readonly string[]): Operation =>
    operation(`${task} of ${id}`, 'console', stack, id, '--', ...words);
  if (server instanceof PostgresDb) {
    return [
      ask('see the connections and queries', '-c', 'SELECT pid, usename, state, query FROM pg_stat_activity'),
      ask('see the sizes', '-c', 'SELECT datname, pg_size_pretty(pg_database_size(datname)) FROM pg_database'),
    ];
  }
  if (server instanceof RedisCache)
    return [ask('see the memory', 'INFO', 'memory'), ask('see the clients', 'INFO', 'clients')];
  if (server instanceof RabbitMqBroker) {
    return [
      ask('see the queues', 'list_queues', 'name', 'messages', 'consumers'),
      ask('see the connections', 'list_connections', 'user', 'peer_host', 'state'),
    ];
  }
  return [ask('see the buckets', 'bucket', 'list')];
}

function backupOperations(stack: TradingStack): Operation[] {
  const { id } = stack.node;
  const backups = declaredBackups(stack);
  const servers = backups.map(({ server }) => server.node.id);
  if (servers.length === 0) return [];
  return [
    operation('list the backups', 'backups', id),
    operation('make a backup of everything now', 'backup', id),
    ...servers.map((server) => operation(`restore the latest backup of ${server}`, 'restore', id, server, 'latest')),
    ...backups
      .filter(({ hasPointsInTime }) => hasPointsInTime)
      .map(({ server: { node } }) =>
        operation(`restore ${node.id} as it was at a time`, 'restore', id, node.id, '--at', '2026-01-31T13:59:00Z'),
      ),
  ];
}

function backupNote(stack: TradingStack): string {
  const files = new Set(declaredBackups(stack).map(({ password }) => `\`${password.file}\``));
  return (
    `No backup can be read without the password in ${[...files].join(', ')}: keep a copy outside of this machine and of ` +
    "the engine's. To restore on another machine, copy the project there with its passwords and, if the backups are in a " +
    'folder or a volume, the backups; deploy; and restore one by its id, as the latest one ' +
    'may already be of the empty server.'
  );
}

/** For those that a server knows, which is told while it runs. */
function passwordOperations(stack: TradingStack): Operation[] {
  const { id } = stack.node;
  const known = rotatableSecrets(stack).filter(({ changes }) => changes.length > 0);
  if (known.length === 0) return [];
  return [
    operation('list the secrets with their age and what uses them', 'secrets', id),
    ...known.map(({ name }) => operation(`replace ${name} with a new one`, 'rotate', id, name)),
  ];
}

function operation(task: string, name: string, ...words: readonly string[]): Operation {
  return { task, command: [name, ...words] };
}
