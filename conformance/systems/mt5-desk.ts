import {
  BindMount,
  Volume,
  Duration,
  Engine,
  FeatureApi,
  HealthCheck,
  Image,
  StrategyRunner,
  TradingStack,
} from '../../lib';
import { createApp } from '../../test/setup/synthesize';
import type { TemporaryProject } from '../../test/workload/temporary-project';

/** The common part of both Dockerfiles in section 7 of the document. */
const STAGES = [
  'FROM python:3.9-slim as builder',
  'WORKDIR /tmp',
  'RUN apt-get update && apt-get install -y build-essential gcc g++ && rm -rf /var/lib/apt/lists/*',
  'COPY requirements.txt .',
  'RUN pip install --user --no-cache-dir -r requirements.txt',
  'FROM python:3.9-slim',
  'WORKDIR /app',
  'RUN apt-get update && apt-get install -y libgomp1 && rm -rf /var/lib/apt/lists/*',
  'COPY --from=builder /root/.local /root/.local',
  'ENV PATH=/root/.local/bin:$PATH',
];

const LABELS = ['LABEL maintainer="MT5 Trading Team"', 'LABEL version="1.0"'];
const PROBE = 'HEALTHCHECK --interval=30s --timeout=10s --start-period=5s --retries=3';

const STRATEGY = [
  ...STAGES,
  'COPY src/ /app/src/',
  'COPY config/ /app/config/',
  'COPY models/ /app/models/',
  'RUN mkdir -p /app/logs /data/logs /data/models /data/config',
  `${PROBE} CMD python3 -c "from src.main import MultiStrategyRunner; print('OK')" || exit 1`,
  ...LABELS,
  'LABEL description="Multi-Strategy Runner for MT5 Trading System"',
  'ENTRYPOINT ["python3"]',
  'CMD ["-m", "src.main.runner"]',
];

const API = [
  ...STAGES,
  'COPY src/ /app/src/',
  'COPY models/ /app/models/',
  `${PROBE} CMD curl -f http://localhost:8000/health || exit 1`,
  ...LABELS,
  'LABEL description="Feature Serving API for MT5 Trading System"',
  'ENTRYPOINT ["python3"]',
  'CMD ["-m", "uvicorn", "src.api.feature_server:app", "--host", "0.0.0.0", "--port", "8000"]',
];

/** The files that the document builds its images from. */
export function writeDesk(project: TemporaryProject): void {
  project.write('Dockerfile.strategy', STRATEGY.join('\n'));
  project.write('Dockerfile.api', API.join('\n'));
  project.write('requirements.txt', 'pyzmq\n');
  project.write('src/main/runner.py', 'class MultiStrategyRunner: pass\n');
  project.write('config/strategies.yaml', 'strategies: []\n');
  project.write('models/model.bin', '0');
  project.write('logs/.gitkeep', '');
  project.write('.dockerignore', '.secrets\ncdktf.out\n**/*.tfstate*\n');
}

/** Feature API and strategy runner from the desk's own Dockerfiles, as in examples/mt5/README.md. */
export function createDeskStack(): TradingStack {
  const stack = new TradingStack(createApp(), 'mt5', { engine: Engine.docker() });
  const logs = Volume.retained('logs_volume');
  const features = new FeatureApi(stack, 'feature_api', {
    image: Image.fromBuild('.', { name: 'mt5-api', dockerfile: 'Dockerfile.api' }),
    bindMounts: [BindMount.readOnly('models', '/app/models')],
    volumes: [logs.mountAt('/data/logs')],
  });
  new StrategyRunner(stack, 'strategy_runner', {
    image: Image.fromBuild('.', { name: 'mt5-strategy', dockerfile: 'Dockerfile.strategy' }),
    uses: [features],
    environment: { CONFIG_PATH: '/app/config/strategies.yaml', LOG_LEVEL: 'INFO' },
    sockets: [
      { name: 'market', port: 5556, portVariable: 'ZMQ_MARKET_PORT' },
      { name: 'execution', port: 5555, portVariable: 'ZMQ_EXEC_PORT' },
    ],
    bindMounts: [
      BindMount.readOnly('config', '/app/config'),
      BindMount.readOnly('models', '/app/models'),
      BindMount.writable('logs', '/app/logs'),
    ],
    volumes: [logs.mountAt('/data/logs')],
    healthCheck: HealthCheck.http(9090, {
      interval: Duration.seconds(30),
      timeout: Duration.seconds(10),
      startPeriod: Duration.seconds(5),
      retries: 3,
    }),
  });
  return stack;
}
