import type { KnownImage } from './known-image';

/** Images of trading programs. */
export const TRADING: readonly KnownImage[] = [
  {
    name: 'IB Gateway',
    repositories: ['gnzsnz/ib-gateway'],
    sources: [
      'https://github.com/gnzsnz/ib-gateway-docker/blob/master/Dockerfile.template',
      'https://github.com/gnzsnz/ib-gateway-docker/blob/master/image-files/scripts/common.sh',
      'https://github.com/gnzsnz/ib-gateway-docker/blob/master/README.md',
    ],
    asOf: '2026-08-22',
    entrypoint: [],
    command: ['/home/ibgateway/scripts/run.sh'],
    secrets: {
      files: ['TWS_PASSWORD', 'TWS_PASSWORD_PAPER', 'VNC_SERVER_PASSWORD', 'SSH_PASSPHRASE'],
      plain: /^TWS_USERID(_PAPER)?$/,
    },
    memory: { mebibytes: 1024, reason: 'a heap of 768 MiB', variable: 'JAVA_HEAP_SIZE' },
  },
  {
    name: 'Freqtrade',
    repositories: ['freqtradeorg/freqtrade'],
    sources: [
      'https://github.com/freqtrade/freqtrade/blob/develop/Dockerfile',
      'https://github.com/freqtrade/freqtrade/blob/develop/docker-compose.yml',
      'https://github.com/freqtrade/freqtrade/blob/develop/freqtrade/configuration/environment_vars.py',
    ],
    asOf: '2024-10-24',
    entrypoint: ['freqtrade'],
    command: ['trade'],
    secrets: { plain: /^FREQTRADE__/ },
    data: [
      { path: '/freqtrade/user_data', movedBy: ['--userdir', '--user-data-dir', '--db-url', 'FREQTRADE__DB_URL'] },
    ],
  },
  {
    name: 'Hummingbot',
    repositories: ['hummingbot/hummingbot'],
    sources: [
      'https://github.com/hummingbot/hummingbot/blob/master/Dockerfile',
      'https://github.com/hummingbot/hummingbot/blob/master/docker-compose.yml',
      'https://github.com/hummingbot/hummingbot/blob/master/hummingbot/cli/password.py',
    ],
    asOf: '2026-07-30',
    entrypoint: [],
    command: ['/bin/bash', '-lc', 'conda activate hummingbot && ./bin/hummingbot_quickstart.py 2>> ./logs/errors.log'],
    secrets: { plain: /^(CONFIG|HBOT)_PASSWORD$/ },
    data: [{ path: '/home/hummingbot/conf' }, { path: '/home/hummingbot/data' }],
  },
];
