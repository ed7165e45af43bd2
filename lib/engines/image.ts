import type { ImageConfig } from '@cdktf/provider-docker/lib/image';
import type { ImageSpec } from '../platform/spec';
import { literalValues } from '../platform/terraform-text';

/** The `docker_image` of an image that is pulled or built. */
export function renderImage(spec: ImageSpec): ImageConfig {
  const { name, build } = spec;
  // Kept on destroy: other stacks and other tags may use the same layers, and the next deploy is quick.
  if (build === null) return { name, keepLocally: true };
  return {
    name,
    keepLocally: true,
    // The provider does not look into the folder: without this a change of the source builds nothing.
    triggers: { content: build.contentHash },
    buildAttribute: {
      context: build.context,
      dockerfile: build.dockerfile,
      ...(build.target !== null && { target: build.target }),
      ...(Object.keys(build.arguments).length > 0 && { buildArgs: literalValues(build.arguments) }),
      ...(build.platform !== null && { platform: build.platform }),
    },
  };
}
