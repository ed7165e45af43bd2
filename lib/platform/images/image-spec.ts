/** An image as a workload refers to it. */
export interface ImageReference {
  /** For messages: `postgres:17-alpine`. */
  readonly name: string;
  /** Expression: the image for the engine's resource. */
  readonly expression: string;
}

/** An image that an engine has put in its place. */
export interface PlacedImage {
  readonly reference: ImageReference;
  /** Terraform address of the image on the engine. */
  readonly address: string;
}

/** An image that has to be on the engine. */
export interface ImageSpec {
  /** Name with tag, and with digest if there is one. */
  readonly name: string;
  /** `null` for an image that is pulled. */
  readonly build: BuildSpec | null;
  /** Platform of an image that is pulled; `null` for that of the engine. */
  readonly platform: string | null;
  /** Registry that it is pushed to after it was built: `registry.desk.example:5000`; `null` if it stays on the engine. */
  readonly pushTo: string | null;
}

/** How to build an image from a folder on the deploying host. */
export interface BuildSpec {
  /** Path from the Terraform working directory. */
  readonly context: string;
  /** Path from the context, or from the Terraform working directory if the file is outside the context. */
  readonly dockerfile: string;
  /** `null` builds the last stage. */
  readonly target: string | null;
  readonly arguments: Readonly<Record<string, string>>;
  /** `null` builds for that of the engine. */
  readonly platform: string | null;
  /** Changes when the result of the build may change. */
  readonly contentHash: string;
  /** Names of the images that its stages start from or copy files from. */
  readonly usedImages: readonly string[];
}

/** The name of an image that is built, which has no digest, without its tag. */
export function withoutTag(name: string): string {
  return name.replace(/:[^:/]*$/, '');
}

/**
 * The name of an image without a tag that is the hash of its content. A version that a user chose may look like one, and stays.
 * @param contentHash that of its build; `undefined` for an image that is pulled
 */
export function withoutContentTag(name: string, contentHash: string | undefined): string {
  return contentHash !== undefined && name.endsWith(`:${contentHash}`) ? withoutTag(name) : name;
}
