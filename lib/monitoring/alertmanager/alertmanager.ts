import { Construct } from 'constructs';
import { invalidValue } from '../../errors';
import { checkOptions, HINTS, type OptionShapes, required } from '../../options/options';
import { warn } from '../../platform/warnings';
import { COMPOSE_HINTS } from '../../workload/compose-hints';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Endpoint } from '../../workload/connections/endpoint';
import type { IMonitored } from '../../workload/connections/monitored';
import { HealthCheck } from '../../workload/health/health-check';
import { Image } from '../../workload/images/image';
import { secretPathsIn } from '../../workload/secrets/plain-secrets';
import { ConfigFile } from '../../workload/storage/config-file';
import { Volume } from '../../workload/storage/volume';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../../workload/workload-props';
import { externalUrlFlags } from '../flags';
import type { ScrapedService } from '../scraped-service';
import { AlertChannel } from './alert-channel';
import {
  alertmanagerFile,
  type AlertmanagerConfiguration,
  SEVERITY_CHANNELS,
  type SeverityChannels,
} from './alertmanager-configuration';
import { checkAlertmanagerConfiguration } from './configuration-checks';
import { alertmanagerMetrics } from './metrics';

/** Options of an {@link Alertmanager}: its own, and those of every workload. */
export interface AlertmanagerOptions extends WorkloadOptions {
  /** Who is notified. */
  readonly channels: SeverityChannels;
  /**
   * Told every minute that Prometheus and Alertmanager work. It has to be outside of the stack, and report when it is no
   * longer told: a dead man's switch.
   * @default - none: when Alertmanager is down, only Prometheus and Grafana show it
   */
  readonly watchdog?: AlertChannel;
  /**
   * Further content of `alertmanager.yml`.
   * @default - what follows from `channels` and `watchdog`
   */
  readonly configuration?: AlertmanagerConfiguration;
  /**
   * URL under which people can open Alertmanager, to which notifications link. Requests arrive without its path.
   * @default - its name in the container, which no browser can open
   */
  readonly externalUrl?: string;
  /** @default Image.fromRegistry('prom/alertmanager:v0.35.0') */
  readonly image?: Image;
  /**
   * Volume of the silences, and of who was notified when.
   * @default - a retained volume named after the id
   */
  readonly volume?: Volume;
}

const PORT = 9093;
const CONFIGURATION = '/etc/alertmanager/alertmanager.yml';
const DATA = '/alertmanager';

/** Settings whose names say so only here: an exchange of RabbitMQ has a `routing_key` that is not secret. */
const SECRETS = ['routing_key', 'service_key', 'user_key', 'token', 'bot_token', 'api_key', 'credentials', 'password'];

/** How {@link AlertmanagerOptions} are checked. */
export const ALERTMANAGER_OPTIONS: OptionShapes<AlertmanagerOptions> = {
  ...WORKLOAD_OPTIONS,
  [HINTS]: { ...COMPOSE_HINTS, port: PORT },
  channels: required(SEVERITY_CHANNELS),
  watchdog: AlertChannel,
  configuration: 'object',
  externalUrl: 'string',
  image: Image,
  volume: Volume,
};

/**
 * Notifies people of the alerts of Prometheus: one message for each service, again every few hours while it lasts, and one
 * when it has ended. A service that is down causes no other messages.
 *
 * @example
 * const webhookUrl = Secret.provided(stack, 'slack_webhook', { description: 'the URL of the incoming webhook' });
 * new MonitoringStack(stack, 'monitoring', {
 *   watch: [database],
 *   alertmanager: { channels: { critical: [AlertChannel.slack({ webhookUrl })] } },
 * });
 */
export class Alertmanager extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  /** HTTP, port 9093; consumers get `ALERTMANAGER_URL`. */
  readonly endpoint: Endpoint;
  readonly metrics: ScrapedService;

  /**
   * @throws TradingStackError if no channel is there for critical alerts, and for an option that the engine would refuse
   *   or that could not work
   */
  constructor(scope: Construct, id: string, props: AlertmanagerOptions) {
    super(scope, id);
    checkOptions(props, ALERTMANAGER_OPTIONS, this.node.path);
    const { channels, watchdog, configuration = {}, externalUrl } = props;
    const { critical, warning = [], info = [] } = channels;
    if (critical.length === 0) {
      throw invalidValue(this.node.path, 'channels.critical', critical, 'one channel or more');
    }
    checkAlertmanagerConfiguration({ configuration, watchdog }, this.node.path);
    const { image = Image.fromRegistry('prom/alertmanager:v0.35.0') } = props;
    const { volume = Volume.retained(`${this.node.id}_data`) } = props;
    const used = [...critical, ...warning, ...info, ...(watchdog === undefined ? [] : [watchdog])];
    this.workload = new Workload(
      this,
      'Default',
      { ...props, image },
      {
        files: [ConfigFile.fromYaml(CONFIGURATION, alertmanagerFile({ channels, watchdog, configuration }))],
        secretFiles: [...new Set(used.flatMap(({ secrets }) => secrets))],
        imageEntrypoint: ['/bin/alertmanager'],
        commandCarries: 'the path of its data',
        volumes: [volume.mountExclusivelyAt(DATA)],
        holdsData: true,
        knownPorts: [PORT],
        minimum: { memory: Size.mebibytes(64) },
        defaults: {
          // Without an address for peers, it looks for none.
          command: [
            `--config.file=${CONFIGURATION}`,
            `--storage.path=${DATA}`,
            '--cluster.listen-address=',
            ...externalUrlFlags(externalUrl, props, this.node.path),
          ],
          // https://prometheus.io/docs/alerting/latest/management_api/; the image has busybox but no curl.
          healthCheck: HealthCheck.http(PORT, { path: '/-/ready', via: 'wget' }),
        },
      },
    );
    for (const path of secretPathsIn(configuration, SECRETS))
      warn(this.workload, 'plain-secret', `configuration.${path}`);
    const { host } = this.workload;
    this.endpoint = new Endpoint(this, {
      scheme: 'http',
      host,
      port: PORT,
      envPrefix: 'ALERTMANAGER',
      startAfter: [this.workload.address],
    });
    this.metrics = alertmanagerMetrics(id, { host, port: PORT }, watchdog !== undefined);
  }

  connection(): Connection {
    return this.endpoint.connection();
  }
}
