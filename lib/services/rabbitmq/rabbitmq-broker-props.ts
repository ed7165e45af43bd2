import { type OptionShapes, withExamples } from '../../options/options';
import { Image } from '../../workload/images/image';
import { SERVER_JOB_OPTIONS, type ServerJobOptions } from '../../workload/job';
import { Secret } from '../../workload/secrets/secret';
import { Volume } from '../../workload/storage/volume';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../../workload/workload-props';
import {
  RABBITMQ_EXCHANGE,
  RABBITMQ_POLICY,
  RABBITMQ_QUEUE,
  type RabbitMqExchange,
  type RabbitMqPolicy,
  type RabbitMqQueue,
} from './definitions';
import type { RabbitMqSettings } from './settings';

/** Properties of a `RabbitMqBroker`. */
export interface RabbitMqBrokerProps extends WorkloadOptions {
  /** @default Image.fromRegistry('rabbitmq:4.3-management-alpine') */
  readonly image?: Image;
  /**
   * Name of the first user, an administrator.
   * @default 'admin'
   */
  readonly user?: string;
  /** @default - a generated password */
  readonly password?: Secret;
  /**
   * Virtual host of all exchanges, queues and permissions.
   * @default '/'
   */
  readonly virtualHost?: string;
  /**
   * Exchanges in addition to RabbitMQ's predefined ones.
   * @default - none
   */
  readonly exchanges?: readonly RabbitMqExchange[];
  /**
   * Queues that exist before the first consumer connects.
   * @default - none: consumers declare their own
   */
  readonly queues?: readonly RabbitMqQueue[];
  /** @default - none */
  readonly policies?: readonly RabbitMqPolicy[];
  /**
   * Whether the management plugin is enabled: its HTTP API and its pages, on port 15672 of the network.
   * @default true
   */
  readonly management?: boolean;
  /**
   * Settings; they override those derived from the memory: `{ consumer_timeout: 900000 }`. Ports, users and definitions
   * cannot be set here.
   * @default - none
   */
  readonly settings?: RabbitMqSettings;
  /**
   * Volume of the data.
   * @default - Volume.retained('<id>_data')
   */
  readonly volume?: Volume;
  /**
   * Limits, logging, labels and so on of the job that checks that exchanges and queues are as declared.
   * @default - on the networks of the broker
   */
  readonly jobs?: ServerJobOptions;
}

/** The shapes of {@link RabbitMqBrokerProps}. */
export const RABBITMQ_BROKER_OPTIONS: OptionShapes<RabbitMqBrokerProps> = withExamples<RabbitMqBrokerProps>(
  {
    ...WORKLOAD_OPTIONS,
    image: Image,
    user: 'string',
    password: Secret,
    virtualHost: 'string',
    exchanges: [RABBITMQ_EXCHANGE],
    queues: [RABBITMQ_QUEUE],
    policies: [RABBITMQ_POLICY],
    management: 'boolean',
    settings: 'object',
    volume: Volume,
    jobs: SERVER_JOB_OPTIONS,
  },
  { queues: "[{ name: 'orders' }]" },
);
