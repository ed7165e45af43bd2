/** What is known about a published image, from its own sources. */
export interface KnownImage {
  /** Name of the program, for messages and the guide. */
  readonly name: string;
  /** Repositories, without the host of a registry; those of Docker's official images without `library/`. */
  readonly repositories: readonly string[];
  /**
   * Tags that the entry is for. The first entry of a repository whose tags match counts.
   * @default - all others, and images without a tag
   */
  readonly tags?: RegExp;
  /** Sources of the entry: the Dockerfile, the entry point script and the documentation. */
  readonly sources: readonly string[];
  /** Day of the revision of the sources. */
  readonly asOf: string;
  /** `ENTRYPOINT` of the image. */
  readonly entrypoint: readonly string[];
  /** `CMD` of the image. */
  readonly command: readonly string[];
  /**
   * First arguments that its entry point passes to its program; other commands may start something else.
   * @default - the program itself, and options
   */
  readonly subcommands?: readonly string[];
  /** @default - not known */
  readonly secrets?: KnownSecrets;
  /**
   * Where it writes what has to outlive the container.
   * @default - nothing
   */
  readonly data?: readonly KnownData[];
  /** @default - not known */
  readonly memory?: KnownMemory;
  /**
   * Code of a health check.
   * @default - it has none, the image has its own, or it depends on the configuration
   */
  readonly healthCheck?: string;
}

/** How the program of an image reads secrets. */
export interface KnownSecrets {
  /**
   * Variables with a form that ends in `_FILE` and holds a path.
   * @default - none
   */
  readonly files?: readonly string[];
  /**
   * Variables of the image of which it reads the content only. {@link files} takes precedence. Variables for scripts of
   * the user do not match.
   * @default - none
   */
  readonly plain?: RegExp;
  /**
   * What the image appends to the name of a variable instead of `_FILE`.
   * @default '_FILE'
   */
  readonly suffix?: string;
  /**
   * For an image that reads no variable at all: the construct that sets its password.
   * @default - it reads variables
   */
  readonly construct?: string;
}

/** A folder with data. */
export interface KnownData {
  readonly path: string;
  /**
   * The `VOLUME` of the image that contains it. Docker mounts an anonymous volume there unless something else is mounted
   * at the same path, also below a volume of the user.
   * @default - the image declares none
   */
  readonly declared?: string;
  /**
   * Variable with the path, without which the program writes to a temporary folder instead.
   * @default - it writes to the path
   */
  readonly variable?: string;
  /**
   * Variables, options and subcommands that move the data to another path.
   * @default - {@link variable}, if there is one
   */
  readonly movedBy?: readonly string[];
}

/** What the program needs at least. */
export interface KnownMemory {
  readonly mebibytes: number;
  /** Why, after "needs … MiB": `a heap of 1 GiB`. */
  readonly reason: string;
  /**
   * Variable that changes it.
   * @default - none
   */
  readonly variable?: string;
}
