import { networkNames, type RegisteredWorkload } from '../../internal';

/** Whether a workload uses another one: it connects to it, which it may do without waiting for it, or starts after it. */
export function usesWorkload({ spec }: RegisteredWorkload, used: RegisteredWorkload): boolean {
  const names = networkNames(used.spec);
  return spec.dependsOn.includes(used.address) || spec.connections.some(({ host }) => names.includes(host));
}

/**
 * Whether a workload gets one of these secrets, as a file or as a variable.
 * @param files paths of their files: a stack has its own handle for a secret of another one
 */
export function getsSecret({ spec }: RegisteredWorkload, files: ReadonlySet<string>): boolean {
  const handles = [...spec.secrets.map(({ secret }) => secret), ...Object.values(spec.secretEnvironment)];
  return handles.some(({ file }) => files.has(file));
}
