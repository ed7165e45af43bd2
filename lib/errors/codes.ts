/**
 * Every error code with what it means, in alphabetical order. Codes are part of the public contract: tests, scripts and
 * search engines refer to them. `docs/errors.md` is generated from this list.
 */
export const ERROR_CODES = {
  'alias-taken': 'Two workloads of a stack want the same alias on its network.',
  'ambiguous-resource': 'A workload has one resource for each replica, and a single one was asked for.',
  'build-folder-invalid': 'A build folder, its Dockerfile or its ignore rules cannot be used.',
  'config-file-invalid': 'A configuration file is empty, not text in UTF-8, or has a value that YAML cannot express.',
  'dependency-not-reachable': 'A workload uses something that it cannot reach, such as a service of another stack.',
  'duplicate-platform': 'A stack has a second platform.',
  'image-name-taken': 'Two different builds of a stack have the same image name.',
  'image-not-pinned': 'An image has no fixed version, so each pull may bring a different one.',
  'image-version-unknown': 'The version inside an image cannot be determined, and the construct depends on it.',
  'invalid-name': 'A name contains characters that Docker, DNS or the server does not accept, or has the wrong length.',
  'invalid-value': 'An option has a value that it cannot have.',
  'memory-too-small': 'A memory limit is below what the server needs to start and work.',
  'missing-option': 'A required option is missing.',
  'mount-conflict': 'Two mounts, or a mount and a file, want the same path in a container.',
  'name-taken': 'Two workloads on one engine want the same container, service or volume name.',
  'network-full': 'The subnet of a stack has fewer addresses than it has workloads.',
  'network-taken': 'Two stacks on one engine want the same network name.',
  'option-conflict': 'Two options contradict each other.',
  'outside-stack': 'A construct was created outside a TradingStack.',
  'path-missing': 'A file or folder on the machine that synthesizes does not exist or cannot be read.',
  'port-not-served': 'A published port is one that nothing in the container listens on.',
  'port-taken': 'Two workloads on one engine publish the same host port.',
  'private-file-exposed':
    'A mount, a configuration file or a build folder would expose secrets or the Terraform state.',
  'probe-program-missing': 'A health check runs a program that the image does not have.',
  'remote-secrets': 'The engine may be on another machine, where the secret files of this one do not exist.',
  'reserved-setting': 'A setting, variable or path belongs to the construct and cannot be set from outside.',
  'secret-file-invalid': 'A secret file is a folder, a link or has content that cannot be used.',
  'secret-taken': 'Two secrets want the same file or Terraform address.',
  'stack-taken': 'Two stacks of an app want the same id or name.',
  'subnet-taken': 'Two stacks on one engine want overlapping subnets.',
  'unknown-option': 'A construct or value object was given an option that it does not have.',
  'unknown-reference': 'A database, role, socket, bucket or route refers to something that was not declared.',
  'unsupported-by-engine': 'The engine of the stack cannot do what an option asks for.',
  'variable-set-twice': 'Two sources set the same environment variable, or a variable and its _FILE form.',
  'volume-taken': 'Two workloads want a volume that only one of them can have.',
  'wrong-type': 'An option was given a value of another type, which only happens without type checking.',
} as const satisfies Readonly<Record<string, string>>;

/** The stable name of an error. */
export type ErrorCode = keyof typeof ERROR_CODES;
