import { fileOf, volumesOf } from '../../test/services/fixtures';
import { met, replaced } from '../requirement';
import { masterTrade, SERVICE_PROBE, SERVICES, secretsOf } from './mastertrade-system';

const system = masterTrade();
const secrets = secretsOf().contents;
const prometheus = system.container('prometheus');
const grafana = system.container('grafana');
const configuration = fileOf(prometheus, '/etc/prometheus/prometheus.yml');

/** The queries of one job under a title of a dashboard. */
function queries(dashboard: string, title: string, job: string): string[] {
  return system.panels
    .filter((panel) => panel.dashboard === dashboard && panel.title === title)
    .map(({ query }) => query)
    .filter((query) => query.includes(`job="${job}"`));
}

describe('Prometheus of MasterTrade', () => {
  replaced(
    'S3-34',
    'prom/prometheus:v3.13.2 runs as mastertrade_prometheus with the three flags, and is always restarted',
    'latest is a different image tomorrow (B-12)',
    () => {
      expect(system.image('prometheus').name).toBe('prom/prometheus:v3.13.2');
      expect(prometheus).toMatchObject({ name: 'mastertrade_prometheus', restart: 'always' });
      expect(prometheus.command).toEqual(
        expect.arrayContaining([
          '--config.file=/etc/prometheus/prometheus.yml',
          '--storage.tsdb.path=/prometheus',
          '--storage.tsdb.retention.time=30d',
        ]),
      );
    },
  );

  replaced(
    'S3-35',
    'Prometheus is on 127.0.0.1:9090 with a generated configuration, mastertrade_prometheus_data, and wget of /-/ready every 30 s',
    'the document does not contain the file (B-09); /-/healthy does not show whether it is ready',
    () => {
      expect(prometheus.ports).toEqual([{ ip: '127.0.0.1', external: 9090, internal: 9090, protocol: 'tcp' }]);
      expect(configuration).toContain('scrape_configs:');
      expect(volumesOf(prometheus)).toEqual({ '/prometheus': 'mastertrade_prometheus_data' });
      expect(prometheus.healthcheck).toEqual({
        test: [
          'CMD-SHELL',
          expect.stringContaining('http_proxy= wget -q -O /dev/null --header "Host: $2" "http://$1:9090/-/ready"'),
        ],
        ...SERVICE_PROBE,
        start_interval: '500ms',
      });
    },
  );

  met('S3-36', 'Prometheus scrapes each service every 15 s, and keeps the samples for 30 days', () => {
    expect(configuration).toMatch(/^global:\n {2}scrape_interval: 15s$/m);
    expect(configuration.match(/scrape_interval/g)).toHaveLength(1);
    expect([...configuration.matchAll(/job_name: (\w+)/g)].map(([, job]) => job).sort()).toEqual(
      [...SERVICES, 'postgres_backup'].sort(),
    );
    expect(prometheus.command).toContain('--storage.tsdb.retention.time=30d');
  });
});

describe('Grafana of MasterTrade', () => {
  replaced(
    'S3-37',
    'grafana/grafana:12.4.9 runs as mastertrade_grafana; the user is admin, and the password is generated and passed in a file',
    'latest is a different image tomorrow, everyone knows admin123 (B-12), and Grafana has pie charts of its own (B-13)',
    () => {
      expect(system.image('grafana').name).toBe('grafana/grafana:12.4.9');
      expect(grafana.name).toBe('mastertrade_grafana');
      expect(system.environment('grafana')).toMatchObject({
        GF_SECURITY_ADMIN_USER: 'admin',
        GF_SECURITY_ADMIN_PASSWORD__FILE: '/run/secrets/grafana_admin_password',
      });
      expect(secrets.grafana_admin_password).toMatch(/^[\w-]{30,}$/);
      expect(system.environment('grafana')).not.toHaveProperty('GF_INSTALL_PLUGINS');
    },
  );

  replaced(
    'S3-38',
    'Grafana is on 127.0.0.1:3001 with mastertrade_grafana_data and generated provisioning, and starts after Prometheus is healthy',
    'the document does not contain the files (B-09)',
    () => {
      expect(grafana.ports).toEqual([{ ip: '127.0.0.1', external: 3001, internal: 3000, protocol: 'tcp' }]);
      expect(volumesOf(grafana)).toEqual({ '/var/lib/grafana': 'mastertrade_grafana_data' });
      expect(fileOf(grafana, '/etc/grafana/provisioning/datasources/prometheus.yaml')).toContain(
        'url: http://prometheus:9090',
      );
      expect(fileOf(grafana, '/etc/grafana/provisioning/dashboards/trading.yaml')).toContain(
        'path: /etc/grafana/dashboards',
      );
      expect(system.startsAfter('grafana')).toEqual(['prometheus']);
      expect(prometheus.wait).toBe(true);
      expect(system.probe('grafana')).toContain(
        'curl --noproxy \'*\' -fsS -o /dev/null -H "Host: $2" "http://$1:3000/api/health"',
      );
      expect(grafana.healthcheck).toMatchObject(SERVICE_PROBE);
    },
  );

  met('S3-39', 'dashboards show for each service whether it is up, and its memory, requests, queues or keys', () => {
    for (const service of SERVICES) {
      const up = queries('Trading System Overview', service, service);
      expect([service, up]).toEqual([service, [expect.any(String)]]);
    }
    for (const service of SERVICES.slice(3)) {
      expect(queries('Resource Usage', 'Memory', service)).toEqual([`process_resident_memory_bytes{job="${service}"}`]);
    }
    expect(queries('Resource Usage', 'Connections', 'postgres')).toHaveLength(1);
    expect(queries('Service Performance', 'Messages in queues', 'rabbitmq')).toHaveLength(1);
    expect(queries('Resource Usage', 'Memory', 'redis')).toHaveLength(1);
    for (const service of SERVICES.slice(3, 11)) {
      for (const [dashboard, title] of [
        ['Service Performance', 'Requests'],
        ['Error Rates', 'Errors'],
        ['Service Performance', 'Latency (95th percentile)'],
      ] as const) {
        expect([service, title, queries(dashboard, title, service).length]).toEqual([service, title, 1]);
      }
    }
  });
});
