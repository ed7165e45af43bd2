import { parse } from 'yaml';
import { Engine, MonitoringStack, type MonitoringStackProps } from '../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack, type Terraform } from '../setup/synthesize';
import { deployed, deployedAs } from './fixtures';

const monitor = (props: Omit<MonitoringStackProps, 'watch'>, engine: Engine): Terraform =>
  synthesizeStack((stack) => new MonitoringStack(stack, 'monitoring', { watch: [], ...props }), { engine });
const jobs = (terraform: Terraform): unknown => {
  const file = deployedAs(terraform, 'desk-prometheus').files['/etc/prometheus/prometheus.yml'] ?? '';
  return (parse(file) as { scrape_configs: { job_name: string }[] }).scrape_configs.filter(
    ({ job_name: job }) => job === 'host',
  );
};

describe.each(ENGINES)('the metrics of the machine on $engineName', ({ createEngine }) => {
  test('Prometheus scrapes an exporter of the machine', () => {
    expect(jobs(monitor({ host: {} }, createEngine()))).toEqual([
      { job_name: 'host', metrics_path: '/metrics', static_configs: [{ targets: ['host-exporter:9100'] }] },
    ]);
  });

  test('the machine is watched only if that is asked for', () => {
    const terraform = monitor({}, createEngine());
    expect(jobs(terraform)).toEqual([]);
    expect(Object.keys(deployed(terraform)).sort()).toEqual(['desk-grafana', 'desk-prometheus']);
  });

  test('Resource Usage and the overview show CPU, memory and the disk of the machine', () => {
    const { files } = deployedAs(monitor({ host: {} }, createEngine()), 'desk-grafana');
    for (const dashboard of ['overview', 'resources']) {
      const content = files[`/etc/grafana/dashboards/desk-${dashboard}.json`];
      for (const metric of [
        'node_cpu_seconds_total',
        'node_memory_MemAvailable_bytes',
        'node_filesystem_avail_bytes',
      ]) {
        expect(content).toContain(`${metric}{job=\\"host\\"`);
      }
    }
  });

  test('the only file system that the exporter shows is that of the data of Docker', () => {
    const { command } = deployedAs(monitor({ host: {} }, createEngine()), 'desk-host-exporter');
    expect(command).toContain('--collector.disable-defaults');
    expect(command).toContain('--collector.filesystem.mount-points-include=^/etc/hosts$');
  });
});

test('the exporter has no right on the machine and no folder of it', () => {
  const exporter = containerNamed(monitor({ host: {} }, Engine.docker()), 'desk-host-exporter');
  expect(exporter).toMatchObject({ read_only: true, capabilities: { drop: ['ALL'] } });
  for (const option of ['privileged', 'pid_mode', 'network_mode', 'mounts', 'volumes', 'ports']) {
    expect([option, exporter[option] ?? []]).toEqual([option, []]);
  }
});

test('each machine of a Swarm has an exporter, and Prometheus scrapes all of them', () => {
  const terraform = monitor({ host: { nodes: 3 } }, Engine.swarm({ cluster: { dataNode: { data: 'true' } } }));
  const [service] = Object.values(terraform.resource.docker_service ?? {}).filter(
    ({ name }) => name === 'desk-host-exporter',
  );
  expect(service).toMatchObject({
    mode: { replicated: { replicas: 3 } },
    task_spec: { placement: { max_replicas: 1 } },
  });
  expect(jobs(terraform)).toEqual([
    expect.objectContaining({ dns_sd_configs: [expect.objectContaining({ names: ['host-exporter'], port: 9100 })] }),
  ]);
});

test.each([0, -1, 1.5])('%p machines are refused', (nodes) => {
  const create = (): unknown =>
    createStack((stack) => new MonitoringStack(stack, 'monitoring', { watch: [], host: { nodes } }));
  expect(create).toThrowCode('invalid-value', 'desk/monitoring', 'host.nodes', 'a whole number, 1 or more');
});

test('several machines need a Swarm', () => {
  const create = (): unknown =>
    createStack((stack) => new MonitoringStack(stack, 'monitoring', { watch: [], host: { nodes: 3 } }));
  expect(create).toThrowCode('invalid-value', 'desk/monitoring', 'host.nodes', '`cluster`');
});

test.each([0, -1, NaN])('%s machines are rejected', (nodes) => {
  const create = (): unknown =>
    createStack((stack) => new MonitoringStack(stack, 'monitoring', { watch: [], host: { nodes } }));
  expect(create).toThrowCode('invalid-value', 'desk/monitoring', 'host.nodes', String(nodes));
});
