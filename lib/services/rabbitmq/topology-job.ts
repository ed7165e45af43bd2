import type { Construct } from 'constructs';
import type { Image } from '../../workload/images/image';
import type { ServerJobOptions } from '../../workload/job';
import type { INetwork } from '../../workload/networks/network';
import { Secret } from '../../workload/secrets/secret';
import { ConfigFile } from '../../workload/storage/config-file';
import { Cpu } from '../../workload/units/cpu';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { type RabbitMqTopology, topologyRequests } from './definitions';
import { RABBITMQ_MANAGEMENT_PORT, RABBITMQ_USER } from './settings';

/** Properties of {@link topologyJob}. */
export interface TopologyJobProps {
  readonly image: Image;
  readonly broker: Workload;
  /** The first user, an administrator. */
  readonly user: string;
  readonly password: Secret;
  readonly virtualHost: string;
  readonly topology: RabbitMqTopology;
  /** The networks of the broker; `undefined` for that of the stack. */
  readonly networks: readonly INetwork[] | undefined;
  /** Additional options of the job, from the user. */
  readonly options: ServerJobOptions;
}

/**
 * A job that declares exchanges, queues and bindings on the running broker, as clients do, and fails the deploy if the
 * broker refuses one: it exists with other arguments or another type. The import at the broker's start would skip it and
 * log nothing (add_queue_int and add_exchange_int in deps/rabbit/src/rabbit_definitions.erl).
 */
export function topologyJob(scope: Construct, props: TopologyJobProps): Workload {
  const authorization = Secret.derived(scope, 'authorization', {
    parts: { password: props.password },
    compose: ({ password }) => `Basic ${Buffer.from(`${props.user}:${password}`).toString('base64')}`,
  });
  const requests = topologyRequests(props.virtualHost, props.topology).join('\n');
  return new Workload(
    scope,
    'Default',
    { ...(props.networks && { networks: props.networks.map(withoutAliases) }), ...props.options, image: props.image },
    {
      kind: 'job',
      uses: [props.broker],
      environment: { BROKER_HOST: props.broker.host, AUTHORIZATION_FILE: authorization.path },
      files: [ConfigFile.fromText(SCRIPT, `${DECLARE}done <<'REQUESTS'\n${requests}\nREQUESTS\n${RESULT}`)],
      secretFiles: [authorization],
      rotatedInPlace: [authorization],
      defaults: {
        command: ['bash', SCRIPT],
        resources: { cpus: Cpu.cores(0.5), memory: Size.mebibytes(64) },
        runAs: RABBITMQ_USER,
      },
    },
  );
}

/** The names on a network are those of the broker. */
function withoutAliases(network: INetwork): INetwork {
  return { attach: (platform, where) => ({ ...network.attach(platform, where), aliases: [] }) };
}

const SCRIPT = '/etc/rabbitmq/topology.sh';

/** With bash, which the image's entry point needs anyway: not every image of RabbitMQ contains an HTTP client. */
const DECLARE = `set -eu
# Lengths are those in bytes.
export LC_ALL=C
authorization="$(cat "$AUTHORIZATION_FILE")"
refused=0
differs=0
while read -r method path body; do
  exec 3<>"/dev/tcp/$BROKER_HOST/${RABBITMQ_MANAGEMENT_PORT}"
  printf '%s /api/%s HTTP/1.0\\r\\nHost: %s\\r\\nAuthorization: %s\\r\\n' "$method" "$path" "$BROKER_HOST" "$authorization" >&3
  printf 'Content-Type: application/json\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "\${#body}" "$body" >&3
  answer="$(cat <&3)"
  exec 3>&-
  case "$answer" in
  'HTTP/1.'?' 2'*) ;;
  *)
    refused=1
    case "$answer" in *'inequivalent arg'*) differs=1 ;; esac
    reason="\${answer##*$'\\n'}"; reason="\${reason##*'"reason":"'}"
    echo "$path: \${reason%'"}'}" >&2 ;;
  esac
`;

const RESULT = `if [ "$refused" = 1 ]; then
  if [ "$differs" = 1 ]; then
    echo 'RabbitMQ cannot change the arguments or the type of something that exists. Undo the change, or move the argument to a policy. To recreate a queue and lose its messages: docker exec CONTAINER rabbitmqctl delete_queue --vhost VHOST NAME, then deploy again. Delete an exchange in the management UI.' >&2
  else
    echo 'The declarations above were not applied. Fix what RabbitMQ says is wrong with them, or the login, and deploy again.' >&2
  fi
  exit 1
fi
`;
