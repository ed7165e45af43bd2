/** Series in the notation of promtool, by their selector; the label of the job is added. */
export type SeriesOf = Readonly<Record<string, string>>;

/** Series that make an alert fire, and similar ones that do not. */
export interface AlertCase {
  /** Name of the job and of the alert. */
  readonly alert: string;
  /** Time of the check after the first sample. */
  readonly at: string;
  /** Time between two samples. */
  readonly interval?: string;
  readonly fires: SeriesOf;
  /** `undefined` for an alert that always fires. */
  readonly quiet?: SeriesOf;
}

const HEALTHY_REQUESTS = {
  'http_requests_total{status="200"}': '0+100x360',
  'http_requests_total{status="503"}': '0x360',
};
const bucketed = (fast: string, slow: string): SeriesOf => ({
  'http_request_duration_seconds_bucket{le="0.5"}': fast,
  'http_request_duration_seconds_bucket{le="1"}': fast,
  'http_request_duration_seconds_bucket{le="5"}': slow,
  'http_request_duration_seconds_bucket{le="+Inf"}': slow,
  http_request_duration_seconds_count: slow,
});

const hostDisk = (available: string, size: string): SeriesOf => ({
  'node_filesystem_avail_bytes{device="/dev/sda1",mountpoint="/etc/hosts"}': available,
  'node_filesystem_size_bytes{device="/dev/sda1",mountpoint="/etc/hosts"}': size,
});

export const CASES: readonly AlertCase[] = [
  // A minute is the time of a deploy.
  { alert: 'market_data/ServiceDown', at: '3m', fires: { up: '1x4 0x20' }, quiet: { up: '1x8 0x2 1x20' } },
  { alert: 'runner/ServiceDown', at: '3m', fires: {}, quiet: { up: '1x20' } },
  {
    alert: 'market_data/ServiceRestarting',
    at: '12m',
    fires: { process_start_time_seconds: '100x10 200x10 300x10 400x20' },
    quiet: { process_start_time_seconds: '100x25 200x25' },
  },
  { alert: 'db/ServiceDown', at: '3m', fires: { pg_up: '0x20' }, quiet: { pg_up: '1x20', up: '1x20' } },
  { alert: 'db/ExporterDown', at: '6m', fires: { up: '0x30' }, quiet: { up: '1x30' } },
  {
    alert: 'db/ServiceRestarting',
    at: '12m',
    fires: { pg_postmaster_start_time_seconds: '100x10 200x10 300x10 400x20' },
    quiet: { pg_postmaster_start_time_seconds: '100x25 200x25' },
  },
  {
    alert: 'db/PostgresConnectionsFull',
    at: '8m',
    fires: {
      'pg_stat_activity_count{state="active"}': '50x40',
      'pg_stat_activity_count{state="idle"}': '40x40',
      pg_settings_max_connections: '100x40',
    },
    quiet: { 'pg_stat_activity_count{state="active"}': '50x40', pg_settings_max_connections: '100x40' },
  },
  {
    alert: 'db/PostgresDeadlocks',
    at: '8m',
    fires: { 'pg_stat_database_deadlocks{datname="desk"}': '0x20 1x20' },
    quiet: { 'pg_stat_database_deadlocks{datname="desk"}': '1x40' },
  },
  {
    alert: 'db_backup/BackupFailed',
    at: '1m',
    fires: { backup_last_run_successful: '0x10' },
    quiet: { backup_last_run_successful: '1x10' },
  },
  {
    // An hour between two backups, half an hour for a run, and a quarter that it lasts.
    alert: 'db_backup/BackupTooOld',
    at: '107m',
    interval: '1m',
    fires: { backup_last_success_timestamp_seconds: '60x110' },
    quiet: { backup_last_success_timestamp_seconds: '60x60 3660x50' },
  },
  {
    alert: 'db_backup/BackupVerificationFailed',
    at: '1m',
    fires: { backup_verify_successful: '0x10' },
    quiet: { backup_verify_successful: '1x10' },
  },
  {
    alert: 'db_backup/BackupNotVerified',
    at: '215m',
    interval: '1m',
    fires: { backup_verified_timestamp_seconds: '60x220' },
    quiet: { backup_verified_timestamp_seconds: '60x100 6000x120' },
  },
  {
    // Two minutes, five for a repository that is locked, and ten that it lasts.
    alert: 'db_backup/RecoveryPointTooOld',
    at: '19m',
    interval: '1m',
    fires: { backup_recovery_point_timestamp_seconds: '60x20' },
    quiet: { backup_recovery_point_timestamp_seconds: '60x7 480+60x12' },
  },
  {
    // There is none before the first backup.
    alert: 'db_backup/RecoveryPointTooOld',
    at: '19m',
    interval: '1m',
    fires: { backup_recovery_point_timestamp_seconds: '60x20' },
    quiet: { backup_recovery_point_timestamp_seconds: '0x20' },
  },
  {
    alert: 'db_backup/RecoveryGap',
    at: '30h',
    interval: '1h',
    fires: { backup_recovery_gap_timestamp_seconds: '0x20 72000x20' },
    quiet: { backup_recovery_gap_timestamp_seconds: '0x40' },
  },
  {
    alert: 'queue/ServiceRestarting',
    at: '10m',
    fires: { redis_uptime_in_seconds: '0+15x9 0+15x9 0+15x9 0+15x9' },
    quiet: { redis_uptime_in_seconds: '0+15x15 0+15x30' },
  },
  {
    alert: 'queue/RedisMemoryFull',
    at: '8m',
    fires: {
      redis_memory_used_bytes: '95x40',
      redis_memory_max_bytes: '100x40',
      'redis_instance_info{maxmemory_policy="noeviction"}': '1x40',
    },
    // A cache is always full.
    quiet: {
      redis_memory_used_bytes: '95x40',
      redis_memory_max_bytes: '100x40',
      'redis_instance_info{maxmemory_policy="allkeys-lru"}': '1x40',
    },
  },
  {
    // The series starts with the first error.
    alert: 'queue/RedisRefusesWrites',
    at: '20m',
    fires: { redis_up: '1x100', 'redis_errors_total{err="OOM"}': '_x70 1x30' },
    quiet: { redis_up: '1x100', 'redis_errors_total{err="OOM"}': '1x100', 'redis_errors_total{err="ERR"}': '0+1x100' },
  },
  {
    alert: 'queue/RedisNotSaving',
    at: '8m',
    fires: { redis_rdb_last_bgsave_status: '0x40', redis_aof_last_write_status: '1x40' },
    quiet: { redis_rdb_last_bgsave_status: '1x40', redis_aof_last_write_status: '1x40' },
  },
  {
    alert: 'queue/RedisRejectsConnections',
    at: '4m',
    fires: { redis_rejected_connections_total: '0x8 5x12' },
    quiet: { redis_rejected_connections_total: '5x20' },
  },
  {
    alert: 'broker/RabbitMqPublishersBlocked',
    at: '3m',
    fires: { rabbitmq_alarms_memory_used_watermark: '0x20', rabbitmq_alarms_free_disk_space_watermark: '1x20' },
    quiet: { rabbitmq_alarms_memory_used_watermark: '0x20', rabbitmq_alarms_free_disk_space_watermark: '0x20' },
  },
  {
    alert: 'broker/RabbitMqBacklog',
    at: '12m',
    fires: { rabbitmq_queue_messages_ready: '20000x60' },
    quiet: { rabbitmq_queue_messages_ready: '20000x20 10x40' },
  },
  {
    alert: 'broker/RabbitMqWithoutConsumers',
    at: '8m',
    fires: { rabbitmq_queue_messages_ready: '5x40', rabbitmq_consumers: '0x40' },
    quiet: { rabbitmq_queue_messages_ready: '5x40', rabbitmq_consumers: '1x40' },
  },
  {
    alert: 'broker/RabbitMqMessagesDeleted',
    at: '20m',
    fires: { 'rabbitmq_global_messages_dead_lettered_maxlen_total{dead_letter_strategy="disabled"}': '0x70 1x30' },
    quiet: {
      'rabbitmq_global_messages_dead_lettered_maxlen_total{dead_letter_strategy="disabled"}': '1x100',
      'rabbitmq_global_messages_dead_lettered_maxlen_total{dead_letter_strategy="at_most_once"}': '0x70 9x30',
    },
  },
  {
    alert: 'prices/QuestDbTableSuspended',
    at: '3m',
    fires: { questdb_suspended_tables: '1x20' },
    quiet: { questdb_suspended_tables: '0x20' },
  },
  {
    alert: 'prices/QuestDbRowsDelayed',
    at: '8m',
    fires: { questdb_wal_apply_seq_txn: '5000x40', questdb_wal_apply_writer_txn: '1000x40' },
    quiet: { questdb_wal_apply_seq_txn: '5000x40', questdb_wal_apply_writer_txn: '4990x40' },
  },
  {
    alert: 'history/InfluxDbRefusesPoints',
    at: '4m',
    fires: { storage_writer_err_points_sum: '0x8 5x12' },
    quiet: { storage_writer_err_points_sum: '5x20', storage_writer_dropped_points_sum: '0x20' },
  },
  {
    alert: 'proxy/NginxDropsConnections',
    at: '4m',
    fires: { nginx_connections_accepted: '0+10x20', nginx_connections_handled: '0+9x20' },
    quiet: { nginx_connections_accepted: '0+10x20', nginx_connections_handled: '0+10x20' },
  },
  {
    // A fifth of the requests fails.
    alert: 'market_data/HttpErrorsFast',
    at: '1h',
    fires: { 'http_requests_total{status="200"}': '0+80x240', 'http_requests_total{status="503"}': '0+20x240' },
    // It has ended.
    quiet: {
      'http_requests_total{status="200"}': '0+80x240',
      'http_requests_total{status="503"}': '0+20x200 4000x40',
    },
  },
  {
    // A tenth of the requests fails, which is too little for the fast one.
    alert: 'market_data/HttpErrorsSlow',
    at: '6h',
    interval: '1m',
    fires: { 'http_requests_total{status="200"}': '0+90x360', 'http_requests_total{status="503"}': '0+10x360' },
    quiet: { ...HEALTHY_REQUESTS, 'http_requests_total{status="503"}': '0x300 1x60' },
  },
  {
    alert: 'market_data/HttpLatencyFast',
    at: '1h',
    fires: bucketed('0+80x240', '0+100x240'),
    quiet: bucketed('0+90x240', '0+100x240'),
  },
  {
    alert: 'market_data/HttpLatencySlow',
    at: '6h',
    interval: '1m',
    fires: bucketed('0+90x360', '0+100x360'),
    quiet: bucketed('0+97x360', '0+100x360'),
  },
  {
    alert: 'executor/ExecutorWithoutRiskManager',
    at: '2m',
    fires: { up: '1x20', 'up{job="risk_manager"}': '0x20' },
    quiet: { up: '1x20', 'up{job="risk_manager"}': '1x20' },
  },
  {
    alert: 'risk_manager/RiskLimitNear',
    at: '1m',
    fires: { 'risk_limit_used_ratio{limit="daily_loss"}': '0.85x10' },
    quiet: { 'risk_limit_used_ratio{limit="daily_loss"}': '0.75x10' },
  },
  {
    alert: 'risk_manager/RiskManagerRefusesMost',
    at: '21m',
    fires: { 'risk_checks_total{outcome="refused"}': '0+2x90', 'risk_checks_total{outcome="approved"}': '0x90' },
    quiet: { 'risk_checks_total{outcome="refused"}': '0+1x90', 'risk_checks_total{outcome="approved"}': '0+1x90' },
  },
  {
    alert: 'runner/MarketDataStale',
    at: '4m',
    fires: { market_data_age_seconds: '0+15x20' },
    quiet: { market_data_age_seconds: '0+15x6 0x14' },
  },
  {
    alert: 'market_data/MarketDataStopped',
    at: '10m',
    fires: { ticks_published_total: '0+5x8 40x40' },
    quiet: { ticks_published_total: '0+5x40' },
  },
  {
    alert: 'prometheus/PrometheusRuleFailures',
    at: '8m',
    fires: { 'prometheus_rule_evaluation_failures_total{rule_group="db"}': '0+1x40' },
    quiet: { 'prometheus_rule_evaluation_failures_total{rule_group="db"}': '1x40' },
  },
  {
    alert: 'prometheus/PrometheusNotificationsFailing',
    at: '4m',
    fires: { 'prometheus_notifications_errors_total{alertmanager="a"}': '0x8 5x12' },
    quiet: {
      'prometheus_notifications_errors_total{alertmanager="a"}': '5x20',
      prometheus_notifications_dropped_total: '0x20',
    },
  },
  {
    alert: 'prometheus/PrometheusNotStoring',
    at: '4m',
    fires: { prometheus_tsdb_compactions_failed_total: '0x8 1x12' },
    quiet: { prometheus_tsdb_compactions_failed_total: '1x20', prometheus_tsdb_wal_corruptions_total: '0x20' },
  },
  {
    alert: 'alertmanager/AlertmanagerNotificationsFailing',
    at: '4m',
    fires: { 'alertmanager_notifications_failed_total{integration="slack"}': '0x8 2x12' },
    quiet: { 'alertmanager_notifications_failed_total{integration="slack"}': '2x20' },
  },
  { alert: 'alertmanager/Watchdog', at: '1m', fires: {} },
  { alert: 'logstore/ServiceDown', at: '3m', fires: { up: '0x20' }, quiet: { up: '1x20' } },
  {
    alert: 'logstore/LogStoreReceivesNothing',
    at: '2h',
    interval: '1m',
    fires: { process_start_time_seconds: '0x150', 'vl_rows_ingested_total{type="splunk"}': '0+9x30 270x120' },
    quiet: { process_start_time_seconds: '0x150', 'vl_rows_ingested_total{type="splunk"}': '0+1x150' },
  },
  {
    alert: 'logstore/LogStoreDiskFull',
    at: '3m',
    fires: { 'vl_storage_is_read_only{path="/victoria-logs-data"}': '1x20' },
    quiet: { 'vl_storage_is_read_only{path="/victoria-logs-data"}': '0x20' },
  },
  {
    alert: 'host/HostDiskFillingUp',
    at: '7h',
    interval: '1m',
    // 1 GB an hour, of which 30 are left.
    fires: hostDisk('30e9-16666667x430', '100e9x430'),
    // The same space, which is not used up within a day.
    quiet: hostDisk('30e9-1666667x430', '100e9x430'),
  },
  {
    alert: 'host/HostDiskFull',
    at: '6m',
    fires: hostDisk('9e9x40', '100e9x40'),
    quiet: hostDisk('11e9x40', '100e9x40'),
  },
  {
    alert: 'host/HostMemoryLow',
    at: '11m',
    fires: { node_memory_MemAvailable_bytes: '900x60', node_memory_MemTotal_bytes: '10000x60' },
    quiet: { node_memory_MemAvailable_bytes: '1100x60', node_memory_MemTotal_bytes: '10000x60' },
  },
  {
    alert: 'host/HostOutOfMemory',
    at: '8m',
    fires: { node_vmstat_oom_kill: '3x20 4x20' },
    quiet: { node_vmstat_oom_kill: '3x40' },
  },
];
