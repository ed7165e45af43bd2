import type { TerraformResource } from 'cdktf';

/**
 * The name of a resource in Terraform. It comes from the name on the engine and not from the path in the code: moving
 * code around must not make Terraform create the new one while the old one still has the name.
 */
export function terraformId(name: string): string {
  // Terraform wants a letter or an underscore at the start.
  return name.replace(/[^A-Za-z0-9_-]/g, '_').replace(/^(?=[^A-Za-z_])/, '_');
}

/** The address of a resource as `depends_on` and `terraform state` spell it: `docker_container.db`. */
export function addressOf(resource: TerraformResource): string {
  return `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
}

/** The expression of a resource's attribute: `${docker_image.db.image_id}`. */
export function attributeOf(resource: TerraformResource, attribute: string): string {
  return `\${${addressOf(resource)}.${attribute}}`;
}

/** The inside of an expression, for use in another one. */
export function innerExpression(expression: string): string {
  const match = /^\$\{(.*)\}$/s.exec(expression);
  if (match?.[1] === undefined) throw new TypeError(`not a Terraform expression: ${expression}`);
  return match[1];
}
