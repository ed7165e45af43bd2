/** The stable name of a warning; `docs/errors.md` explains each of them. */
export type WarningCode =
  | 'cache-evicts'
  | 'command-replaced'
  | 'data-not-kept'
  | 'data-port-public'
  | 'docker-socket-mounted'
  | 'engine-unencrypted'
  | 'folder-not-writable'
  | 'host-root-writable'
  | 'ignore-file-unread'
  | 'image-end-of-life'
  | 'machine-too-small'
  | 'memory-low'
  | 'plain-secret'
  | 'port-unknown'
  | 'privileged'
  | 'provider-untested'
  | 'runs-as-root'
  | 'secret-delivery-unknown'
  | 'secret-in-environment'
  | 'secret-unused'
  | 'security-profile-off'
  | 'signal-not-delivered'
  | 'subnet-public'
  | 'websocket-blocked';

/** What a warning is about, and what to do. */
interface WarningText {
  /** The problem and its consequence; a sentence without a full stop. */
  readonly problem: string;
  /** An imperative without a full stop. */
  readonly fix: string;
}

/**
 * Every warning code, in alphabetical order. Codes are part of the public contract, like those of errors: they are how a
 * warning is acknowledged. `docs/errors.md` is generated from this list.
 */
export const WARNING_CODES: Readonly<Record<WarningCode, WarningText>> = {
  'cache-evicts': {
    problem: 'A Redis server evicts the least recently used keys when its memory is full, also queued orders and locks',
    fix:
      'Set purpose: RedisPurpose.QUEUE, with which nothing is evicted, or purpose: RedisPurpose.CACHE if every key in it ' +
      'can be computed again',
  },
  'command-replaced': {
    problem: '`command` or `entrypoint` replaces options that the construct passes to its server',
    fix: 'Pass them in your command too, or remove it and use the options of the construct',
  },
  'data-not-kept': {
    problem: 'The image writes its data where nothing is mounted, so the data is lost with the container',
    fix: 'Mount a volume there; or, if the data may be lost, a `tmpfs`',
  },
  'data-port-public': {
    problem: 'A server with data is published on every address of its host',
    fix:
      'Services of the stack reach it without a published port: remove it from `ports`, or use PublishedPort.loopback ' +
      'or PublishedPort.on where the engine supports them',
  },
  'docker-socket-mounted': {
    problem:
      "A container has the Docker Engine's socket, and with it control of the host, even through a read-only mount",
    fix: 'Let a proxy that filters requests have the socket instead, or remove the mount',
  },
  'engine-unencrypted': {
    problem:
      'The connection to the Docker Engine is not encrypted, and anyone who can reach its port controls the host',
    fix: 'Use ssh://user@server, or TLS with DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH',
  },
  'folder-not-writable': {
    problem:
      'A folder that Docker creates belongs to root, and a program that does not run as root cannot write to it: ' +
      'permission denied (EACCES)',
    fix:
      "Create it on the host as root with the command, and set ifMissing: 'fail', or use a volume, whose folder the " +
      'Dockerfile gives to that user (RUN mkdir -p /data && chown 1000:1000 /data): volumes: ' +
      "[Volume.retained('data').mountAt('/data')]",
  },
  'host-root-writable': {
    problem: 'A container can write to every file of the host',
    fix:
      "Mount only the folder that the program writes to, or use BindMount.readOnly('/', '/rootfs'), which still gives a " +
      'program that runs as root the socket of the Docker Engine',
  },
  'ignore-file-unread': {
    problem: 'A .dockerignore next to a Dockerfile has no effect: the builder only reads that of the build folder',
    fix: 'Move its rules into the .dockerignore of the build folder, or what they exclude is sent to the build',
  },
  'image-end-of-life': {
    problem: 'An image no longer gets security fixes',
    fix: 'Update to a supported version',
  },
  'machine-too-small': {
    problem:
      'The services of a stack may need more than its machine has: the kernel would kill one, or not all of them start',
    fix: 'Lower the limits or the reservations, use a larger machine, or correct `machine` of the stack',
  },
  'memory-low': {
    problem: 'The memory limit is below what the program of the image needs, so the kernel may kill it',
    fix: 'Raise the limit, or configure the program to use less',
  },
  'plain-secret': {
    problem: 'Something that looks like a secret is in plain text in the plan, in the state and in docker inspect',
    fix: 'Create it with Secret.provided, and pass it in `secrets`',
  },
  'port-unknown': {
    problem: 'A port is published, but as far as this library knows, nothing in the container listens on it',
    fix: 'Publish a port that the program listens on',
  },
  privileged: {
    problem: 'A container has every right of the host, and every device if it is privileged',
    fix: 'Set `capabilities` and `devices` to what the program needs, and remove `privileged`',
  },
  'provider-untested': {
    problem: 'The version of the Docker provider was not tested with this library',
    fix: 'If a deploy fails or a second plan is not empty, set a tested `providerVersion`',
  },
  'runs-as-root': {
    problem: 'A program runs as root',
    fix: "Set `runAs` to a user of the image, such as runAs: '1000:1000'",
  },
  'secret-delivery-unknown': {
    problem:
      'It is not known whether an image reads the file of a secret; if it does not, it starts without the secret',
    fix:
      'Choose secret.deliveredAs(SecretDelivery.FILE) if its program reads the path from NAME_FILE, or ' +
      'secret.deliveredAs(SecretDelivery.EXPORTED) and `entrypoint` if it reads the content from NAME',
  },
  'secret-in-environment': {
    problem: 'The content of a secret is in plain text in the plan, in the state and in docker inspect',
    fix: 'Have the program read a file, or deliver it with SecretDelivery.EXPORTED',
  },
  'secret-unused': {
    problem: 'No workload uses a secret, but every deploy requires its file',
    fix: 'Add it to `secrets` of a workload, or remove it',
  },
  'security-profile-off': {
    problem: 'A container runs without a security profile that Docker applies to every other one',
    fix: 'Remove it from `securityOptions`, or set a profile of your own',
  },
  'signal-not-delivered': {
    problem:
      'A program does not get SIGTERM, as the shell or package manager that starts it does: it is killed at once and ' +
      'cannot cancel its orders',
    fix:
      "Replace the shell with the program, such as command: ['sh', '-c', 'cd /app && exec python bot.py'], or start it " +
      "without one, such as command: ['node', 'bot.js']",
  },
  'subnet-public': {
    problem: 'The subnet of a stack is not private, so its workloads cannot reach other hosts with these addresses',
    fix: 'Use a range in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10, unless you own the addresses',
  },
  'websocket-blocked': {
    problem: 'A route of a proxy blocks WebSockets that the proxy behind it serves',
    fix: 'Use Route.webSocket for the route',
  },
};
