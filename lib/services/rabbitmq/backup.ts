import type { BackedUpServer } from '../../backup/backup';
import { TradingStackError } from '../../errors';
import { shownPath } from '../../platform/naming';
import type { Image } from '../../workload/images/image';
import type { Secret } from '../../workload/secrets/secret';
import { Size } from '../../workload/units/size';
import type { Workload } from '../../workload/workload';
import type { RabbitMqBrokerProps } from './rabbitmq-broker-props';
import { movesManagement, RABBITMQ_USER } from './settings';

/** The options of a broker, and what its construct has made of them. */
interface BackedUpBroker extends RabbitMqBrokerProps {
  readonly image: Image;
  /** The first user, an administrator. */
  readonly user: string;
  readonly password: Secret;
}

/**
 * How the definitions of a broker are read and restored.
 * @throws TradingStackError if its HTTP API is disabled or elsewhere
 */
export function backedUpBroker(workload: Workload, props: BackedUpBroker): BackedUpServer {
  const { image, user, password, management = true, settings = {}, runAs = RABBITMQ_USER, placement } = props;
  if (!management || movesManagement(settings)) {
    throw new TradingStackError(
      'option-conflict',
      shownPath(workload),
      'its backup reads the definitions from the HTTP API of management, which is disabled or changed',
      'Remove `management: false` and the settings that start with `management.`',
    );
  }
  return {
    script: 'rabbitmq',
    image,
    runAs,
    server: workload,
    placement,
    environment: { RABBITMQ_HOST: workload.host, RABBITMQ_USER: user },
    secrets: { RABBITMQ_PASSWORD: password },
    restoredStopped: false,
    volumes: [],
    // An empty throw-away broker has 158 MB resident.
    memory: Size.mebibytes(512),
  };
}
