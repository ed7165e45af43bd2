/** What the document of MasterTrade asks for, row by row, in short. */
export const MASTERTRADE = {
  'S3-1': 'Compose file version 3.8; total containers 14',
  'S3-2': 'infrastructure 3: postgres:15-alpine 5432, rabbitmq:3.12-management 5672+15672, redis:7-alpine 6379',
  'S3-3':
    'core 8: market_data_service 8000, strategy_service 8006, order_executor 8081, risk_manager 8080, alert_system 8007, api_gateway 8080, data_access_api 8005, arbitrage_service 8002',
  'S3-4': 'monitoring 3: prometheus 9090, grafana 3001, monitoring_ui 3000',
  'S3-5': 'postgres:15-alpine, mastertrade_postgres, restart always',
  'S3-6':
    'POSTGRES_DB=mastertrade, POSTGRES_USER=mastertrade, POSTGRES_PASSWORD=mastertrade123, PGDATA=/var/lib/postgresql/data/pgdata',
  'S3-7': '5432:5432; postgres_data:/var/lib/postgresql/data; mastertrade_network',
  'S3-8': 'CMD-SHELL pg_isready -U mastertrade 10s/5s/5',
  'S3-9': '50 GB persistent volume',
  'S3-10': 'daily at 2:00 AM UTC',
  'S3-11': 'rabbitmq:3.12-management, mastertrade_rabbitmq, always',
  'S3-12': 'RABBITMQ_DEFAULT_USER=mastertrade, _PASS=mastertrade123, _VHOST=/',
  'S3-13': '5672 AMQP, 15672 management UI',
  'S3-14': 'rabbitmq_data:/var/lib/rabbitmq (10 GB)',
  'S3-15':
    './rabbitmq/rabbitmq.config:/etc/rabbitmq/rabbitmq.config, ./rabbitmq/definitions.json:/etc/rabbitmq/definitions.json',
  'S3-16': 'CMD rabbitmq-diagnostics ping 30s/10s/5',
  'S3-17': 'redis:7-alpine, mastertrade_redis, always',
  'S3-18': 'redis-server --appendonly yes --maxmemory 2gb --maxmemory-policy allkeys-lru',
  'S3-19': '6379:6379; redis_data:/data',
  'S3-20': 'CMD redis-cli ping 10s/3s/5',
  'S3-21': './market_data_service Dockerfile, mastertrade_market_data, always',
  'S3-22':
    'DATABASE_URL=postgresql://mastertrade:mastertrade123@postgres:5432/mastertrade; RABBITMQ_URL=amqp://mastertrade:mastertrade123@rabbitmq:5672/; REDIS_URL=redis://redis:6379/0',
  'S3-23': 'BINANCE_API_KEY/SECRET, MORALIS_API_KEY, GLASSNODE_API_KEY, TWITTER_BEARER_TOKEN, REDDIT_CLIENT_ID/SECRET',
  'S3-24':
    '8000:8000; depends postgres, rabbitmq, redis (short form); CMD curl -f http://localhost:8000/health 30s/10s/3',
  'S3-25':
    './strategy_service; mastertrade_strategy; DB/RabbitMQ/Redis URLs; MAX_ACTIVE_STRATEGIES=10, DAILY_GENERATION_COUNT=500, GENERATION_TIME="03:00" UTC',
  'S3-26': '8006:8006; depends postgres, rabbitmq, redis, market_data_service; curl :8006/health 30/10/3',
  'S3-27':
    './order_executor; mastertrade_executor; DB + RabbitMQ URLs; BINANCE keys; TRADING_ENVIRONMENT=paper (or live); PAPER_TRADING_INITIAL_BALANCE=10000',
  'S3-28': '8081:8081; depends postgres, rabbitmq; curl :8081/health 30/10/3',
  'S3-29':
    './risk_manager; mastertrade_risk; DB + RabbitMQ URLs; MAX_POSITION_SIZE_PCT=0.20, MAX_PORTFOLIO_DRAWDOWN_PCT=0.15, CIRCUIT_BREAKER_ENABLED=true',
  'S3-30': '8080:8080; depends postgres, rabbitmq; curl :8080/health 30/10/3; "Critical: prevents excessive losses"',
  'S3-31':
    './alert_system; mastertrade_alerts; DB + RabbitMQ; EMAIL_HOST=smtp.gmail.com, EMAIL_PORT=587, EMAIL_USER, EMAIL_PASSWORD, TELEGRAM_BOT_TOKEN, DISCORD_WEBHOOK_URL, SLACK_WEBHOOK_URL',
  'S3-32': 'email, SMS, Telegram, Discord, Slack, webhook',
  'S3-33': '8007:8007; postgres, rabbitmq; curl :8007/health 30/10/3',
  'S3-34':
    'prom/prometheus:latest, mastertrade_prometheus, always; --storage.tsdb.retention.time=30d, --config.file, --storage.tsdb.path',
  'S3-35':
    '9090:9090; ./monitoring/prometheus/prometheus.yml, prometheus_data; CMD wget --spider -q http://localhost:9090/-/healthy 30/10/3',
  'S3-36': 'interval 15 s, retention 30 days',
  'S3-37':
    'grafana/grafana:latest, mastertrade_grafana; GF_SECURITY_ADMIN_USER=admin, GF_SECURITY_ADMIN_PASSWORD=admin123, GF_INSTALL_PLUGINS=grafana-piechart-panel',
  'S3-38':
    '3001:3000; grafana_data; ./monitoring/grafana/provisioning:/etc/grafana/provisioning; depends prometheus; curl -f http://localhost:3000/api/health 30/10/3',
  'S3-39': 'pre-configured for system metrics',
  'S3-40':
    './monitoring_ui (Next.js), mastertrade_ui; API_GATEWAY_URL=http://api_gateway:8080, DATA_ACCESS_API_URL=http://data_access_api:8005',
  'S3-41': '3000:3000; api_gateway, data_access_api; curl :3000/api/health',
  'S3-42': 'mastertrade_network bridge 172.20.0.0/16; DNS by container name',
  'S3-43': '5432, 5672, 15672, 6379, 8000-8081, 3000-3001, 9090',
  'S3-44':
    'postgres_data ~50GB, rabbitmq_data ~10GB, redis_data ~2GB, prometheus_data ~5GB, grafana_data ~100MB; local driver; names mastertrade_*',
  'S3-45': 'rabbitmq.config, definitions.json, prometheus.yml, grafana provisioning',
  'S3-46':
    'required: BINANCE_*, MORALIS, GLASSNODE, TWITTER, REDDIT_*, LUNARCRUSH_API_KEY; optional alert channels; optional SMS TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_PHONE_NUMBER',
  'S3-47': 'env_file: .env plus environment',
  'S3-48': 'every service exposes /health JSON: status, service, version, uptime, checks{database,rabbitmq,redis}',
  'S3-49': 'docker ps --format table, inspect Health.Status, inspect ’{{json .State.Health}}’ | jq',
  'S3-50': '30s/10s/3 + start_period 60s',
  'S3-51': 'example strategy_service limits 2.0/4G, reservations 1.0/2G',
  'S3-52':
    'postgres 2.0/4G/1.0/2G; rabbitmq 1.0/2G/0.5/1G; redis 1.0/2G/0.5/1G; market_data 2.0/4G/1.0/2G; strategy 4.0/8G/2.0/4G; order_executor 1.0/2G/0.5/1G; risk_manager 1.0/2G/0.5/1G; alert_system 0.5/1G/0.25/512M',
  'S3-53': 'recommended host 16 CPU, 32 GB',
  'S3-54':
    'build all; start postgres, rabbitmq, redis; sleep 30; init schema psql -f /docker-entrypoint-initdb.d/init.sql; start all; check health; logs',
  'S3-55': '6 steps: env check, Docker availability, infra up, DB init, services up, health validation',
  'S3-56': 'pull, build one, up -d --no-deps SERVICE "zero-downtime"',
  'S3-57': 'down / up -d',
  'S3-58': 'strategy_service=5, market_data_service=3',
  'S3-59': 'pg_dump -U mastertrade -d mastertrade -F c -f /backups/mastertrade_DATE.dump',
  'S3-60': 'tar of volume mastertrade_postgres_data',
  'S3-61': 'RabbitMQ definitions via management API',
  'S3-62': 'down; pg_restore -c; tar restore of volume; up -d',
  'S3-63':
    'logs/inspect/restart; psql from the strategy container; rabbitmqctl status / list_connections; docker stats sorted; system df, image/volume/container prune',
  'S3-64': 'logs -f, --tail=100, save to file',
  'S3-65': 'stats, inspect, network inspect mastertrade_network, volume inspect mastertrade_postgres_data',
} as const;
