import type { ContainerConfig } from '@cdktf/provider-docker/lib/container';
import type { SecretHandle } from '../../platform/secrets/secret-store';
import type { WorkloadSpec } from '../../platform/spec';
import { innerExpression, literal } from '../../platform/terraform';
import type { Carrier } from './carrier';

/** A condition of a plan, with the message for when it is not met. */
interface Condition {
  readonly condition: string;
  readonly errorMessage: string;
}

/** All secrets of a container: those that are mounted, then those in variables. */
export function secretHandles(spec: WorkloadSpec): SecretHandle[] {
  return [...spec.secrets.map((mount) => mount.secret), ...Object.values(spec.secretEnvironment)];
}

/**
 * Errors at plan time, before anything was changed: Docker would report a missing secret in the middle of an apply, and
 * accepts any exit code of a job.
 */
export function renderConditions(spec: WorkloadSpec, carrier: Carrier | null): Pick<ContainerConfig, 'lifecycle'> {
  const { path, kind, name } = spec;
  const precondition = [
    ...secretHandles(spec).map((secret) => ({
      condition: `\${fileexists(${innerExpression(secret.hostPath)})}`,
      errorMessage: literal(`${path}: the secret ${secret.name} is missing. ${secret.remedy}`),
    })),
    ...(carrier === null ? [] : deliveryConditions(spec, carrier)),
  ];
  const postcondition = kind === 'job' ? [exitedWithZero(path, name)] : [];
  if (precondition.length + postcondition.length === 0) return {};
  return {
    lifecycle: {
      ...(precondition.length > 0 && { precondition }),
      ...(postcondition.length > 0 && { postcondition }),
    },
  };
}

function deliveryConditions({ path, secrets }: WorkloadSpec, carrier: Carrier): Condition[] {
  const changed = secrets.map(({ secret }) => ({
    condition: `\${fileexists(${innerExpression(secret.hostPath)}) ? ${innerExpression(secret.isCurrent)} : true}`,
    errorMessage: literal(
      `${path}: the secret ${secret.name} has changed, but its version has not. ` +
        'Run the app again: writeSecretFiles records the new version',
    ),
  }));
  const names = secrets.map(({ secret }) => secret.name).join(', ');
  const undelivered = `${path}: its secrets (${names}) have not been delivered to the engine. ${carrier.remedy}`;
  return [...changed, { condition: carrier.isDelivered, errorMessage: literal(undelivered) }];
}

function exitedWithZero(path: string, name: string): Condition {
  return {
    condition: '${self.exit_code == 0}',
    errorMessage: [
      literal(`${path}: the job ended with exit code `),
      '${self.exit_code}',
      literal(
        `. See its log: docker logs ${name}. Fix the job and deploy again; to run it again unchanged, use terraform ` +
          'apply -replace with its address.',
      ),
    ].join(''),
  };
}
