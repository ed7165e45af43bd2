import type { Construct } from 'constructs';
import { alreadyTaken } from '../../errors';
import type { ContainerEngine } from '../container-engine';
import { contentHash } from '../content-hash';
import { type ImageReference, type ImageSpec, type PlacedImage, withoutTag } from './image-spec';

/** An image of a stack. */
export interface RegisteredImage {
  readonly spec: ImageSpec;
  /** Terraform address of the image on the engine. */
  readonly address: string;
}

/** The images of one stack, each of which is pulled or built once. */
export class ImageRegistry {
  private readonly images = new Map<string, { readonly spec: ImageSpec; readonly placed: PlacedImage }>();

  constructor(
    private readonly scope: Construct,
    private readonly engine: ContainerEngine,
  ) {}

  /** The images so far, in the order of their creation. */
  get all(): readonly RegisteredImage[] {
    return [...this.images.values()].map(({ spec, placed }) => ({ spec, address: placed.address }));
  }

  /**
   * Puts an image on the engine. Further calls with the same image return the same reference.
   * @throws TradingStackError `image-name-taken` if a different build has its name
   */
  place(spec: ImageSpec, where: string): ImageReference {
    // The tag of a build is its hash or a version: the resource keeps its address when these change.
    const subject = spec.build === null ? spec.name : withoutTag(spec.name);
    const existing = this.images.get(subject);
    if (existing === undefined) {
      const readable = `image-${subject.replace(/[^A-Za-z0-9]+/g, '-')}`;
      const isTaken = this.scope.node.tryFindChild(readable) !== undefined;
      const id = isTaken ? `${readable}-${contentHash(subject)}` : readable;
      const placed = this.engine.createImage(this.scope, id, spec, where);
      this.images.set(subject, { spec, placed });
      return placed.reference;
    }
    if (contentHash(identityOf(existing.spec)) !== contentHash(identityOf(spec))) {
      throw alreadyTaken(
        'image-name-taken',
        where,
        'image name',
        subject,
        spec.build === null ? 'the same image for another platform' : 'a different build',
        spec.build === null ? 'Set the same platform for both' : 'Set a different `name` on one of the builds',
      );
    }
    return existing.placed.reference;
  }
}

/** What has to be the same for all workloads with an image. */
function identityOf({ name, platform, build, pushTo }: ImageSpec): unknown {
  return { name, platform, content: build?.contentHash ?? null, pushTo };
}
