import { TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import { TradingStackError } from '../../errors';
import { Platform } from '../../platform/platform';
import { carrierExpression } from '../../platform/secrets/secret-carrier';
import { SECRETS_PATH } from '../../platform/secrets/secret-store';
import type { WorkloadSpec } from '../../platform/spec';
import { innerExpression } from '../../platform/terraform';
import { DELIVERY_VARIABLE } from '../provider';

/** The container that another one gets its secrets from, on an engine without the files of the deploying machine. */
export interface Carrier {
  /** Expression: its name. */
  readonly name: string;
  /** Expression: whether it is certain to be on the engine by the time that the other container is created. */
  readonly isDelivered: string;
  /** What to do if it is not. */
  readonly remedy: string;
}

/**
 * The carrier of a container's secrets.
 * @throws TradingStackError `mount-conflict` if something else is mounted in the folder of the secrets
 */
export function carrierOf(scope: Construct, spec: WorkloadSpec): Carrier {
  refuseOtherMounts(spec);
  const platform = Platform.of(scope);
  const name = carrierExpression(
    spec.name,
    spec.secrets.map(({ secret }) => secret),
  );
  const recorded = innerExpression(platform.secretStore.wasDelivered(name, platform.engine.host ?? ''));
  return {
    name,
    isDelivered: `\${var.${deliveryVariable(platform)} || ${recorded}}`,
    remedy: `Deliver them with \`npm run secrets -- ${platform.stackId}\`, and deploy again; \`npm run deploy\` does both`,
  };
}

/** The command line delivers between plan and apply, so it says in the plan that the secrets will be there. */
function deliveryVariable(platform: Platform): string {
  if (platform.node.tryFindChild(DELIVERY_VARIABLE) === undefined) {
    new TerraformVariable(platform, DELIVERY_VARIABLE, {
      type: 'bool',
      default: false,
      description: 'Whether the command that runs Terraform delivers the secrets to the engine',
    }).overrideLogicalId(DELIVERY_VARIABLE);
  }
  return DELIVERY_VARIABLE;
}

/** The volume with the secrets is mounted at their folder, so nothing else can be in it. */
function refuseOtherMounts({ path: where, volumes, bindMounts, tmpfs, files }: WorkloadSpec): void {
  const other = [...volumes, ...bindMounts, ...tmpfs, ...files].find(
    ({ path }) => path === SECRETS_PATH || path.startsWith(`${SECRETS_PATH}/`),
  );
  if (other === undefined) return;
  const what = `a remote engine mounts a volume with the secrets at ${SECRETS_PATH}, which hides ${other.path}`;
  throw new TradingStackError('mount-conflict', where, what, 'Move the other mount or file to another path');
}
