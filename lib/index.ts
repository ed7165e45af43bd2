// The stack and where it runs
export { TradingStack, type TradingStackProps } from './trading-stack';
export { Engine } from './engines/engine';
export type { DockerEngineOptions } from './engines/docker/docker-engine';
export type { SwarmClusterOptions } from './engines/swarm/cluster';
export type { SwarmEngineOptions } from './engines/swarm/swarm-engine';
export { DOCKER_PROVIDER_VERSION } from './engines/provider';
export { Platform } from './platform/platform';
export type { NetworkOptions } from './platform/network';

// Services
export { AppService, type AppServiceProps, type ZeroMqSocket } from './services/app/app-service';
export { BackgroundWorker, type BackgroundWorkerProps } from './services/app/background-worker';
export { DatabaseMigration, type DatabaseMigrationProps } from './services/app/database-migration';
export { InfluxDb } from './services/influxdb/influx-db';
export type { InfluxConnectionOptions, InfluxDbProps, InfluxTokenOptions } from './services/influxdb/influx-db-props';
export { InfluxToken, InfluxTokenConnection, type InfluxTokenProps } from './services/influxdb/token';
export { type InfluxBucket, InfluxBuckets, type InfluxBucketsProps } from './services/influxdb/buckets';
export type { InfluxJobProps } from './services/influxdb/job';
export type { PostgresBackupOptions } from './services/postgres/backup';
export { PostgresDb } from './services/postgres/postgres-db';
export type { PostgresDbProps, PostgresEndpointOptions } from './services/postgres/postgres-db-props';
export { TimescaleDb, type TimescaleDbProps } from './services/postgres/timescale-db';
export {
  type PostgresAdministrator,
  type PostgresDatabase,
  type PostgresJobProps,
  type PostgresRole,
  PostgresRoles,
  type PostgresRolesProps,
} from './services/postgres/roles';
export type { PostgresSettings } from './services/postgres/settings';
export { QuestDb, type QuestDbProps } from './services/questdb/quest-db';
export type { QuestDbClientOptions } from './services/questdb/client-configuration';
export type { QuestDbSettings } from './services/questdb/settings';
export { RabbitMqBroker } from './services/rabbitmq/rabbitmq-broker';
export type { RabbitMqBrokerProps } from './services/rabbitmq/rabbitmq-broker-props';
export type { RabbitMqExchange, RabbitMqPolicy, RabbitMqQueue } from './services/rabbitmq/definitions';
export type { RabbitMqPermissions, RabbitMqUserOptions } from './services/rabbitmq/users';
export type { RabbitMqSettings } from './services/rabbitmq/settings';
export { RedisCache, type RedisCacheProps } from './services/redis/redis-cache';
export { RedisPurpose } from './services/redis/settings';
export { type NginxOptions, ReverseProxy, type ReverseProxyProps } from './services/nginx/reverse-proxy';
export { type IHttpService, Route, type RouteOptions } from './services/nginx/route';
export { WebFrontend, type WebFrontendProps } from './services/nginx/web-frontend';

// Trading roles
export {
  AlertSystem,
  type AlertSystemProps,
  AnalyticsService,
  type AnalyticsServiceProps,
  ApiGateway,
  type ApiGatewayProps,
  ArbitrageService,
  type ArbitrageServiceProps,
  DataAccessApi,
  type DataAccessApiProps,
  FeatureApi,
  type FeatureApiProps,
  MarketDataService,
  type MarketDataServiceProps,
  MonitoringUi,
  type MonitoringUiProps,
  WebSocketService,
  type WebSocketServiceProps,
} from './services/trading/roles';
export { OrderExecutor, type OrderExecutorProps } from './services/trading/order-executor';
export {
  type AbsoluteLimits,
  type RelativeLimits,
  RiskLimits,
  RiskManager,
  type RiskManagerProps,
} from './services/trading/risk-manager';
export { StrategyRunner, type StrategyRunnerProps } from './services/trading/strategy-runner';

// Backups
export { type BackedUpServer, Backup } from './backup/backup';
export type { BackupOptions } from './backup/backup-options';
export { BackupRetention, type BackupRetentionOptions, BackupSchedule } from './backup/backup-schedule';
export { BackupTarget, type S3TargetOptions } from './backup/backup-target';
export { VolumeBackup, type VolumeBackupProps } from './backup/volume-backup';

// What services are made of
export { Workload } from './workload/workload';
export type { ServiceDefinition } from './workload/service-definition';
export type { ReplicaOptions, WorkloadOptions, WorkloadProps } from './workload/workload-props';
export type { WorkloadNetworkOptions } from './workload/networks/network-options';
export type { NamespaceOwner } from './workload/networks/namespaces';
export { type INetwork, Network, NetworkReference } from './workload/networks/network';
export { Job, type JobProps, type ServerJobOptions } from './workload/job';
export { Image } from './workload/images/image';
export type { ImageBuildOptions, RegistryImageOptions } from './workload/images/image-options';
export { HealthCheck } from './workload/health/health-check';
export type {
  CommandHealthCheckOptions,
  HealthCheckOptions,
  HeartbeatHealthCheckOptions,
  HttpHealthCheckOptions,
  TcpHealthCheckOptions,
} from './workload/health/health-check-options';
export type { ConnectionSpec, DeviceSpec, ExtraHostSpec, NetworkAttachmentSpec, UlimitSpec } from './platform/spec';
export type { Machine } from './machine';
export type { MinimumResources, Resources } from './workload/policies/resources';
export { type JsonFileLoggingOptions, Logging, type LogStoreLoggingOptions } from './workload/logging/logging';
export { Placement } from './workload/policies/placement';
export { type UpdateOptions, UpdatePolicy } from './workload/policies/update-policy';
export { type RestartOptions, RestartPolicy } from './workload/policies/restart-policy';
export { PublishedPort, type PublishedPortOptions } from './workload/policies/published-port';

// Data, files and secrets
export { Volume, type VolumeMount, type VolumeMountOptions } from './workload/storage/volume';
export { BindMount, type BindMountOptions, type WritableBindMountOptions } from './workload/storage/bind-mount';
export { EnvFile, type EnvFileProps } from './workload/env-file';
export { ConfigFile, type ConfigFileOptions } from './workload/storage/config-file';
export type { Tmpfs } from './workload/storage/mounts';
export {
  type DeliveredSecret,
  type DerivedSecretOptions,
  type GeneratedSecretOptions,
  type ProvidedSecretOptions,
  type ProvidedSecretRecipe,
  Secret,
  SecretDelivery,
  type SecretRecipe,
  type SecretSource,
} from './workload/secrets/secret';
export {
  type MissingSecret,
  type SecretFilesReport,
  type SecretFilesOptions,
  writeSecretFiles,
} from './workload/secrets/secret-files';

// Connections
export { type Connection, type IConnectable, Dependency } from './workload/connections/connection';
export {
  Endpoint,
  type EndpointProps,
  type HostAndPortOptions,
  type PartsOptions,
  type UrlOptions,
} from './workload/connections/endpoint';
export { ExternalEndpoint, type ExternalEndpointProps } from './workload/connections/external-endpoint';

// Monitoring
export { type ExporterOptions, MonitoringStack, type MonitoringStackProps } from './monitoring/monitoring-stack';
export { Prometheus, type PrometheusOptions, type PrometheusProps } from './monitoring/prometheus/prometheus';
export type { PrometheusConfiguration } from './monitoring/prometheus/prometheus-configuration';
export {
  type PrometheusRule,
  type PrometheusRuleGroup,
  PrometheusRules,
} from './monitoring/prometheus/prometheus-rules';
export { type ExternalScrapeTargetOptions, ScrapeTarget, type ScrapeTargetOptions } from './monitoring/scrape-target';
export { GrafanaDashboard } from './monitoring/grafana/grafana-dashboard';
export { GrafanaDataSource, type GrafanaDataSourceOptions } from './monitoring/grafana/grafana-data-source';
export { Grafana, type GrafanaOptions, type GrafanaProps } from './monitoring/grafana/grafana';
export type { HostOptions } from './monitoring/hosts/host-metrics';
export { LogStore, type LogStoreOptions } from './monitoring/logs/log-store';
export { Exporter, type ExporterProps } from './monitoring/exporter';
export { Alertmanager, type AlertmanagerOptions } from './monitoring/alertmanager/alertmanager';
export type { AlertmanagerConfiguration, SeverityChannels } from './monitoring/alertmanager/alertmanager-configuration';
export {
  AlertChannel,
  type DiscordChannelOptions,
  type EmailChannelOptions,
  type SlackChannelOptions,
  type TelegramChannelOptions,
  type WebhookChannelOptions,
} from './monitoring/alertmanager/alert-channel';
export type { AlertChange, AlertOptions, StackAlert } from './monitoring/alerts/alert-options';
export type { ScrapedService } from './monitoring/scraped-service';
export type { AlertSeverity, MetricsAlert } from './workload/connections/metrics-alert';
export type {
  BasicAuth,
  DashboardName,
  IMonitored,
  MetricsEndpoint,
  MetricsExporter,
  MetricsPanel,
  MetricsSource,
  ScrapeOptions,
  ScrapeProtocol,
} from './workload/connections/monitored';

// Warnings
export { Warnings } from './platform/warnings';
export type { WarningCode } from './errors';

// Units and errors
export { Cpu } from './workload/units/cpu';
export { Duration } from './workload/units/duration';
export { Size } from './workload/units/size';
export { type ErrorCode, ERROR_CODES, TradingStackError } from './errors';
