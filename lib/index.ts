// The stack and where it runs
export { TradingStack, type TradingStackProps } from './trading-stack';
export { Engine } from './platform/engine';
export type { ContainerEngine, EngineDefaults, SecretFile } from './platform/container-engine';
export type { DockerEngineOptions } from './platform/docker/docker-engine';
export type { SwarmEngineOptions } from './platform/swarm/swarm-engine';
export {
  DOCKER_PROVIDER_VERSION,
  type NetworkOptions,
  Platform,
  type PlatformDefaults,
  type PlatformProps,
  type RegisteredWorkload,
} from './platform/platform';

// Services
export { AppService, type AppServiceProps, type ZeroMqSocket } from './services/app-service';
export { FeatureApi, type FeatureApiProps } from './services/feature-api';
export { PostgresDb, type PostgresDbProps } from './services/postgres-db';
export {
  type PostgresDatabase,
  type PostgresRole,
  PostgresRoles,
  type PostgresRolesProps,
} from './services/postgres-roles';
export type { PostgresSettings } from './services/postgres-settings';
export { RedisCache, type RedisCacheProps, RedisRole } from './services/redis-cache';
export { StrategyRunner, type StrategyRunnerProps } from './services/strategy-runner';

// What services are made of
export { type ServiceDefinition, Workload } from './workload/workload';
export type { TemporaryFileSystem, WorkloadOptions, WorkloadProps } from './workload/workload-options';
export { Job, type JobProps } from './workload/job';
export { Image, type ImageBuildOptions } from './workload/image';
export { HealthCheck } from './workload/health-check';
export type {
  CommandHealthCheckOptions,
  HealthCheckOptions,
  HeartbeatHealthCheckOptions,
  HttpHealthCheckOptions,
  TcpHealthCheckOptions,
} from './workload/health-check';
export type { MinimumResources, Resources } from './workload/resources';
export { type JsonFileLoggingOptions, Logging } from './workload/logging';
export { RestartPolicy } from './workload/restart-policy';
export { Exposure, type ExposureOptions } from './workload/exposure';

// Data, files and secrets
export { DataVolume, type VolumeMount, type VolumeMountOptions } from './workload/data-volume';
export { BindMount, type BindMountOptions } from './workload/bind-mount';
export { ConfigFile, type ConfigFileOptions } from './workload/config-file';
export {
  type DeliveredSecret,
  type DerivedSecretOptions,
  type GeneratedSecretOptions,
  type ProvidedSecretOptions,
  Secret,
  SecretDelivery,
  type SecretSource,
} from './workload/secret';
export {
  type MissingSecret,
  readSecretFile,
  type SecretContent,
  type SecretFilesReport,
  type SecretFilesOptions,
  secretsUnder,
  writeSecretFiles,
} from './workload/secret-files';

// Connections
export { type Connection, type IConnectable, Optional } from './workload/connection';
export {
  Endpoint,
  type EndpointProps,
  type HostAndPortOptions,
  type PartsOptions,
  type UrlOptions,
} from './workload/endpoint';
export { ExternalEndpoint, type ExternalEndpointProps } from './workload/external-endpoint';

// Monitoring
export { type ExporterOptions, MonitoringStack, type MonitoringStackProps } from './monitoring/monitoring-stack';
export { Prometheus, type PrometheusOptions, type PrometheusProps } from './monitoring/prometheus';
export { Grafana, type GrafanaOptions, type GrafanaProps } from './monitoring/grafana';
export { Exporter, type ExporterProps } from './monitoring/exporter';
export type { Dashboard } from './monitoring/dashboard';
export type { ScrapedService } from './monitoring/scraped-service';
export type { IObservable, MetricsEndpoint, MetricsExporter, MetricsPanel, MetricsSource } from './workload/observable';

// Units and errors
export { Cpu } from './workload/cpu';
export { Duration } from './workload/duration';
export { Size } from './workload/size';
export { TradingStackError } from './errors';

// What an engine is told, for engines of your own
export type * from './platform/spec';
