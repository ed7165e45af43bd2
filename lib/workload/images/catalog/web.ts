import type { KnownImage } from './known-image';

/** Images of web servers and of tools with a web interface. */
export const WEB: readonly KnownImage[] = [
  {
    name: 'nginx',
    repositories: ['nginx', 'nginxinc/nginx-unprivileged'],
    sources: ['https://github.com/nginx/docker-nginx/blob/master/stable/debian/Dockerfile'],
    asOf: '2026-04-14',
    entrypoint: ['/docker-entrypoint.sh'],
    command: ['nginx', '-g', 'daemon off;'],
  },
  {
    name: 'Caddy',
    repositories: ['caddy'],
    sources: ['https://github.com/caddyserver/caddy-docker/blob/master/2.11/alpine/Dockerfile'],
    asOf: '2026-03-05',
    entrypoint: [],
    command: ['caddy', 'run', '--config', '/etc/caddy/Caddyfile', '--adapter', 'caddyfile'],
    data: [{ path: '/data' }],
    healthCheck: "HealthCheck.http(2019, { path: '/config/' })",
  },
  {
    name: 'Traefik',
    repositories: ['traefik'],
    sources: ['https://github.com/traefik/traefik-library-image/blob/master/v3.5/alpine/Dockerfile'],
    asOf: '2026-08-19',
    entrypoint: ['/entrypoint.sh'],
    command: ['traefik'],
  },
  {
    name: 'MinIO',
    repositories: ['minio/minio'],
    sources: [
      'https://github.com/minio/minio/blob/master/Dockerfile.release',
      'https://github.com/minio/minio/blob/master/internal/config/constants.go',
      'https://github.com/minio/minio/blob/master/docs/metrics/healthcheck/README.md',
    ],
    asOf: '2026-02-12',
    entrypoint: ['/usr/bin/docker-entrypoint.sh'],
    command: ['minio'],
    secrets: {
      files: ['ROOT_USER', 'ROOT_PASSWORD', 'ACCESS_KEY', 'SECRET_KEY', 'KMS_SECRET_KEY'].map((one) => `MINIO_${one}`),
      plain: /^MINIO_(?!CONFIG_ENV$)/,
    },
    data: [{ path: '/data', declared: '/data' }],
    healthCheck: "HealthCheck.http(9000, { path: '/minio/health/live' })",
  },
  {
    name: 'pgAdmin',
    repositories: ['dpage/pgadmin4'],
    sources: [
      'https://github.com/pgadmin-org/pgadmin4/blob/master/Dockerfile',
      'https://github.com/pgadmin-org/pgadmin4/blob/master/pkg/docker/entrypoint.sh',
      'https://github.com/pgadmin-org/pgadmin4/blob/master/pkg/helm/values.yaml',
    ],
    asOf: '2026-08-21',
    entrypoint: ['/entrypoint.sh'],
    command: [],
    secrets: {
      files: ['PGADMIN_DEFAULT_PASSWORD', 'PGADMIN_CONFIG_CONFIG_DATABASE_URI'],
      plain: /^PGADMIN_(DEFAULT_EMAIL|CONFIG_\w+)$/,
    },
    data: [{ path: '/var/lib/pgadmin', declared: '/var/lib/pgadmin' }],
    healthCheck: "HealthCheck.http(80, { path: '/misc/ping' })",
  },
  {
    name: 'Apache Airflow',
    repositories: ['apache/airflow'],
    sources: [
      'https://github.com/apache/airflow/blob/main/Dockerfile',
      'https://airflow.apache.org/docs/docker-stack/entrypoint.html',
      'https://airflow.apache.org/docs/apache-airflow/stable/howto/set-config.html',
    ],
    asOf: '2026-11-30',
    entrypoint: ['/usr/bin/dumb-init', '--', '/entrypoint'],
    command: [],
    secrets: { plain: /^(AIRFLOW__\w+?__\w+(?<!_(CMD|SECRET))|AIRFLOW_(CONN|VAR)_\w+|_AIRFLOW_WWW_USER_PASSWORD)$/ },
  },
  {
    name: 'Flower',
    repositories: ['mher/flower'],
    sources: [
      'https://github.com/mher/flower/blob/master/Dockerfile',
      'https://github.com/mher/flower/blob/master/docs/config.rst',
      'https://github.com/mher/flower/blob/master/flower/urls.py',
    ],
    asOf: '2026-08-09',
    entrypoint: [],
    command: ['celery', 'flower'],
    secrets: { plain: /^(FLOWER_\w+|CELERY_BROKER_URL)$/ },
    healthCheck: "HealthCheck.http(5555, { path: '/healthcheck' })",
  },
  {
    name: 'Jupyter',
    repositories: [
      ...['base', 'minimal', 'scipy', 'datascience', 'tensorflow', 'pytorch', 'pyspark', 'all-spark', 'r', 'julia'],
    ].map((one) => `jupyter/${one}-notebook`),
    sources: [
      'https://github.com/jupyter/docker-stacks/blob/main/images/docker-stacks-foundation/Dockerfile',
      'https://github.com/jupyter/docker-stacks/blob/main/images/base-notebook/Dockerfile',
      'https://github.com/jupyter-server/jupyter_server/blob/main/jupyter_server/auth/identity.py',
    ],
    asOf: '2026-08-08',
    entrypoint: ['tini', '-g', '--', 'start.sh'],
    command: ['start-notebook.py'],
    secrets: { files: ['JUPYTER_TOKEN'] },
  },
];
