import { Config } from '@cdktf/provider-docker/lib/config';
import { Secret } from '@cdktf/provider-docker/lib/secret';
import { TerraformLocal, Token } from 'cdktf';
import { Construct } from 'constructs';
import { contentHash } from '../../platform/content-hash';
import type { SecretFile, SecretHandle } from '../../platform/secrets/secret-store';
import type { FileSpec, WorkloadSpec } from '../../platform/spec';
import { attributeOf, innerExpression, literal, terraformId } from '../../platform/terraform';
import { checkFileSize } from './limits';

/** A file of a workload as a Swarm config. */
export interface ServiceFile {
  /** Expressions of the object's id and name. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly mode: string;
}

/**
 * Creates the Swarm secret with the content of a file. Objects are immutable: new content is a new object, and the old
 * one is removed when no service uses it any more.
 */
export function createSecret(scope: Construct, id: string, secret: SecretFile): SecretHandle {
  const file = innerExpression(secret.hostPath);
  const object = new Secret(scope, id, {
    // The name is visible in a plan, and a hash in it would confirm a guessed password.
    name: objectName(`${secret.stack}-${secret.name}`, secret.version),
    data: `\${filebase64(${file})}`,
    lifecycle: {
      createBeforeDestroy: true,
      precondition: [
        {
          condition: `\${fileexists(${file})}`,
          errorMessage: literal(`${scope.node.path}: the secret ${secret.name} is missing. ${secret.remedy}`),
        },
        {
          // Docker would refuse new content under the name of the old one.
          condition: `\${fileexists(${file}) ? ${innerExpression(secret.isCurrent)} : true}`,
          errorMessage: literal(
            `${scope.node.path}: the secret ${secret.name} has changed, but its version has not. ` +
              'Run the app again: writeSecretFiles records the new version',
          ),
        },
      ],
    },
  });
  object.overrideLogicalId(terraformId(`secret_${secret.name}`));
  return { ...secret, object: { id: attributeOf(object, 'id'), name: attributeOf(object, 'name') } };
}

/** Creates the Swarm config with the content of a file. */
export function createConfig(scope: Construct, workload: WorkloadSpec, file: FileSpec): ServiceFile {
  checkFileSize(file, workload.path);
  const readable = file.path.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-/, '');
  const parent = new Construct(scope, `file ${file.path.replace(/\//g, ':')}`);
  // Two paths may have the same readable form, so the address contains a hash of the path, too.
  const address = terraformId(`${workload.name}_${readable}_${contentHash(file.path)}`);
  // Through a local value, so that a plan shows the text, and not base64.
  const text = new TerraformLocal(parent, 'text', literal(file.content));
  text.overrideLogicalId(address);
  // Content with a token is complete only when Terraform runs, which then computes the hash.
  const hash = Token.isUnresolved(file.content)
    ? `\${substr(sha256(local.${address}), 0, 16)}`
    : contentHash([workload.name, file.path, file.content]);
  const object = new Config(parent, 'Default', {
    name: objectName(`${workload.name}-${readable}`, hash),
    data: `\${base64encode(local.${address})}`,
    lifecycle: { createBeforeDestroy: true },
  });
  object.overrideLogicalId(address);
  return { id: attributeOf(object, 'id'), name: attributeOf(object, 'name'), path: file.path, mode: file.mode };
}

/** Swarm allows 64 characters; the last ones, sixteen at most, distinguish contents. */
function objectName(subject: string, version: string): string {
  return `${subject.slice(0, 47)}-${version}`;
}

/** What all objects for one secret or file have in common: the name without the version. */
export function contentNameOf(object: string): string {
  return object.replace(/-[0-9a-f]+$/, '');
}
