import {
  describeProbe,
  isCarrierName,
  LABEL_PREFIX,
  SECRETS_FOLDER_LABEL,
  SECRETS_PATH,
  withoutRestart,
} from '../../internal';
import {
  type Attributes,
  blocks,
  bytes,
  cores,
  entries,
  first,
  isSet,
  item,
  labelsOf,
  list,
  option,
  others,
  seconds,
  type Setting,
  splitAt,
  text,
  toggle,
  variable,
  words,
} from './attributes';

const SECRETS = `${SECRETS_PATH}/`;

const MEBI = 1024 ** 2;

/** The settings of a container. */
export function containerSettings(attributes: Attributes): Setting[] {
  const {
    id,
    name,
    image,
    entrypoint,
    command,
    env,
    user,
    group_add,
    working_dir,
    hostname,
    restart,
    max_retry_count,
    stop_signal,
    stop_timeout,
    destroy_grace_seconds,
    init,
    read_only,
    privileged,
    tmpfs,
    volumes,
    mounts,
    upload,
    networks_advanced,
    network_mode,
    ipc_mode,
    ports,
    host,
    dns,
    healthcheck,
    wait,
    wait_timeout,
    cpu_period,
    cpu_quota,
    cpu_set,
    memory,
    memory_swap,
    memory_reservation,
    shm_size,
    capabilities,
    security_opts,
    devices,
    gpus,
    ulimit,
    sysctls,
    log_driver,
    log_opts,
    labels,
    // Docker's own report on the container.
    bridge,
    container_logs,
    exit_code,
    network_data,
    runtime,
    ...rest
  } = attributes;
  return [
    { group: 'image' as const, name: 'image', value: text(image) },
    option('entrypoint', words(entrypoint)),
    option('command', words(command)),
    ...list(env).map((line) => variable(...splitAt(line, '='))),
    option('user', user),
    option('groups', list(group_add).join(', ')),
    option('working directory', working_dir),
    option('hostname', text(id).startsWith(text(hostname)) ? '' : hostname),
    option('restart', restartPolicy(restart, max_retry_count, healthcheck)),
    option('stop signal', stop_signal),
    option('stop grace period', seconds(stop_timeout)),
    option('destroy_grace_seconds', destroy_grace_seconds === stop_timeout ? '' : destroy_grace_seconds),
    toggle('init process', init),
    toggle('read-only root file system', read_only),
    toggle('privileged', privileged),
    ...entries(tmpfs).map(([path, options]) => item('tmpfs', options === '' ? path : `${path} (${options})`)),
    ...blocks(volumes)
      // The names of the secrets in it are not in a plan, and the label with their versions shows when they change.
      .filter(({ from_container }) => !isCarrierName(text(from_container).replace(/:ro$/, '')))
      .map(mountOf),
    ...blocks(mounts).filter(isBindMount).map(bindMount),
    ...others({ mounts: blocks(mounts).filter((mount) => !isBindMount(mount)) }),
    ...blocks(upload).map((one) => ({
      group: 'file' as const,
      name: text(one.file),
      value: text(one.content) || text(one.content_base64),
    })),
    ...blocks(upload).map((one) => option(`mode of ${text(one.file)}`, one.permissions)),
    ...networksOf(networks_advanced),
    // What Docker reports for a container that sets neither.
    option('network mode', ['bridge', 'default'].includes(text(network_mode)) ? '' : network_mode),
    option('shared memory of', text(ipc_mode) === 'private' ? '' : ipc_mode),
    ...blocks(ports).map((port) => publishedPort(port.ip, port.external, port.internal, port.protocol)),
    ...blocks(host).map((one) => item('extra host', `${text(one.host)} ${text(one.ip)}`)),
    ...list(dns).map((server) => item('DNS server', server)),
    ...healthCheckOf(healthcheck),
    option('start timeout', wait === true ? seconds(wait_timeout) : ''),
    option('CPUs', cores(Number(cpu_quota ?? 0) / Number(cpu_period ?? 1))),
    option('CPU set', cpu_set),
    option('memory', bytes(Number(memory ?? 0) * MEBI)),
    option('swap', memory_swap === memory ? '' : bytes(Number(memory_swap ?? 0) * MEBI)),
    option('memory reservation', bytes(Number(memory_reservation ?? 0) * MEBI)),
    // Docker's default is 64 MiB.
    option('shared memory', shm_size === 64 ? '' : bytes(Number(shm_size ?? 0) * MEBI)),
    ...list(first(capabilities).add).map((one) => item('capability', one)),
    ...list(first(capabilities).drop).map((one) => item('dropped capability', one)),
    ...list(security_opts).map((one) => item('security option', one)),
    ...blocks(devices).map((one) => item('device', `${text(one.host_path)} (${text(one.permissions)})`)),
    option('GPUs', gpus),
    ...blocks(ulimit).map((one) => option(`ulimit ${text(one.name)}`, `${text(one.soft)}:${text(one.hard)}`)),
    ...entries(sysctls).map(([key, value]) => option(`sysctl ${key}`, value)),
    ...loggingOf(log_driver, log_opts),
    ...foreignLabels(labels),
    ...labelsOf(labels)
      .filter(([label]) => label === SECRETS_FOLDER_LABEL)
      .map(([, folder]) => option('folder of the secrets', folder)),
    ...others(rest),
  ].filter(isSet);
}

export function mountOf({ volume_name, host_path, container_path, read_only }: Attributes): Setting {
  const path = text(container_path);
  if (path.startsWith(SECRETS)) return { group: 'secret', name: secretNameIn(path), value: 'mounted' };
  const suffix = read_only === true ? ' (read-only)' : '';
  if (text(volume_name) !== '') return item('volume', `${text(volume_name)} at ${path}${suffix}`);
  return item('bind mount', `${text(host_path)} at ${path}${suffix}`);
}

function isBindMount({ type }: Attributes): boolean {
  return type === 'bind';
}

function bindMount({ source, target, read_only }: Attributes): Setting {
  return mountOf({ host_path: source, container_path: target, read_only });
}

/** The name of the secret that is mounted at a path. */
export function secretNameIn(path: string): string {
  return path.replace(SECRETS, '');
}

export function networksOf(networks: unknown): Setting[] {
  const all = blocks(networks);
  return all.flatMap((one) => [
    all.length === 1 ? option('network', one.name) : item('network', text(one.name)),
    ...list(one.aliases).map((alias) => item('alias', alias)),
  ]);
}

export function publishedPort(ip: unknown, host: unknown, container: unknown, protocol: unknown): Setting {
  const address = text(ip) === '' ? '' : `${text(ip)}:`;
  return item('port', `${address}${text(host)} -> ${text(container)}${protocol === 'tcp' ? '' : `/${text(protocol)}`}`);
}

export function healthCheckOf(healthcheck: unknown): Setting[] {
  const [check] = blocks(healthcheck);
  if (check === undefined) return [];
  const { test, interval, timeout, retries, start_period, start_interval } = check;
  return [
    option('health check', describeTest(list(test))),
    option('health check interval', interval),
    option('health check timeout', timeout),
    option('health check retries', retries),
    option('health check start period', start_period),
    option('health check start interval', start_interval === '0s' ? '' : start_interval),
  ];
}

/** Only the request of a probe that this library wrote: the rest of the line says which program sends it. */
function describeTest(rendered: readonly string[]): string {
  const { test } = withoutRestart(rendered);
  const [kind, line = ''] = test;
  const probe = kind === 'CMD-SHELL' ? describeProbe(line) : undefined;
  return probe ?? words(test.filter((word, index) => index > 0 || word === 'NONE'));
}

export function loggingOf(driver: unknown, options: unknown): Setting[] {
  return [option('log driver', driver), ...entries(options).map(([key, value]) => option(`log option ${key}`, value))];
}

export function foreignLabels(labels: unknown): Setting[] {
  return labelsOf(labels)
    .filter(([label]) => !label.startsWith(LABEL_PREFIX))
    .map(([label, value]) => option(`label ${label}`, value));
}

function restartPolicy(condition: unknown, retries: unknown, healthcheck: unknown): string {
  const [check] = blocks(healthcheck);
  if (check !== undefined && withoutRestart(list(check.test)).restarts) return `${text(condition)}, when unhealthy`;
  return retries === undefined || retries === null || retries === 0
    ? text(condition)
    : `${text(condition)}, at most ${text(retries)} times`;
}
