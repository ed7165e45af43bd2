import {
  type Attributes,
  blocks,
  bytes,
  cores,
  entries,
  first,
  isSet,
  item,
  list,
  option,
  others,
  type Setting,
  text,
  toggle,
  variable,
  words,
} from './attributes';
import {
  foreignLabels,
  healthCheckOf,
  loggingOf,
  mountOf,
  networksOf,
  publishedPort,
  secretNameIn,
} from './container-settings';

const NANO = 1e9;

/** The settings of a Swarm service. */
export function serviceSettings(attributes: Attributes): Setting[] {
  const { id, name, labels, mode, task_spec, endpoint_spec, update_config, rollback_config, converge_config, ...rest } =
    attributes;
  const { container_spec, resources, restart_policy, networks_advanced, log_driver, placement, ...task } =
    first(task_spec);
  const { force_update, runtime, ...unusualTask } = task;
  const {
    image,
    command,
    args,
    env,
    user,
    groups,
    dir,
    hostname,
    hosts,
    dns_config,
    stop_signal,
    stop_grace_period,
    read_only,
    mounts,
    secrets,
    configs,
    healthcheck,
    cap_add,
    cap_drop,
    sysctl,
    labels: containerLabels,
    isolation,
    ...unusual
  } = first(container_spec);
  const limits = first(first(resources).limits);
  const reservation = first(first(resources).reservation);
  const { ports, mode: endpointMode, ...endpoint } = first(endpoint_spec);
  return [
    { group: 'image' as const, name: 'image', value: text(image) },
    option('entrypoint', words(command)),
    option('command', words(args)),
    ...entries(env).map(([key, value]) => variable(key, value)),
    option('user', user),
    option('groups', list(groups).join(', ')),
    option('working directory', dir),
    option('hostname', hostname),
    option('replicas', first(first(mode).replicated).replicas),
    ...blocks(restart_policy).flatMap((one) => fields('restart', one)),
    option('stop signal', stop_signal),
    option('stop grace period', stop_grace_period),
    toggle('read-only root file system', read_only),
    ...blocks(mounts).map(swarmMount),
    ...blocks(secrets).map((one) => ({
      group: 'secret' as const,
      name: secretNameIn(text(one.file_name)),
      value: text(one.secret_name),
    })),
    ...blocks(configs).map((one) => ({
      group: 'file' as const,
      name: text(one.file_name),
      value: text(one.config_name),
    })),
    ...networksOf(networks_advanced),
    ...blocks(ports).map((one) => publishedPort('', one.published_port, one.target_port, one.protocol)),
    option('endpoint mode', endpointMode),
    ...others(endpoint),
    ...blocks(hosts).map((one) => item('extra host', `${text(one.host)} ${text(one.ip)}`)),
    ...list(first(dns_config).nameservers).map((server) => item('DNS server', server)),
    ...healthCheckOf(healthcheck),
    option('CPUs', cores(Number(limits.nano_cpus ?? 0) / NANO)),
    option('memory', bytes(Number(limits.memory_bytes ?? 0))),
    option('CPU reservation', cores(Number(reservation.nano_cpus ?? 0) / NANO)),
    option('memory reservation', bytes(Number(reservation.memory_bytes ?? 0))),
    ...list(cap_add).map((one) => item('capability', one)),
    ...list(cap_drop).map((one) => item('dropped capability', one)),
    ...entries(sysctl).map(([key, value]) => option(`sysctl ${key}`, value)),
    ...loggingOf(first(log_driver).name, first(log_driver).options),
    ...list(first(placement).constraints).map((one) => item('placement', one)),
    option('replicas per node', first(placement).max_replicas),
    ...blocks(update_config).flatMap((one) => fields('update', one)),
    ...blocks(rollback_config).flatMap((one) => fields('rollback', one)),
    option('start timeout', first(converge_config).timeout),
    ...foreignLabels(labels),
    ...foreignLabels(containerLabels).map((one) => ({ ...one, name: `container ${one.name}` })),
    ...others(unusual),
    ...others(unusualTask),
    ...others(rest),
  ].filter(isSet);
}

function swarmMount({ type, source, target, read_only, tmpfs_options }: Attributes): Setting {
  if (type === 'tmpfs') {
    const size = bytes(Number(first(tmpfs_options).size_bytes ?? 0));
    return item('tmpfs', `${text(target)}${size === '' ? '' : ` (size=${size})`}`);
  }
  return mountOf({
    ...(type === 'volume' ? { volume_name: source } : { host_path: source }),
    container_path: target,
    read_only,
  });
}

function fields(name: string, block: Attributes): Setting[] {
  return Object.entries(block).map(([key, value]) => option(`${name} ${key.replaceAll('_', ' ')}`, value));
}
