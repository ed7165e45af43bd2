import type { IConstruct } from 'constructs';
import { TradingStackError } from '../errors';
import { Platform } from '../platform/platform';
import type { Image } from '../workload/images/image';
import { isCopyOf, nameInRegistry } from '../workload/images/image-name';

/** What the construct of a server knows about one image. */
export interface ServerImageLayout {
  /** Name on Docker Hub, without `library/`. */
  readonly repository: string;
}

/** The image with a server, as far as its name says it. */
export interface ServerImage<Layout extends ServerImageLayout> {
  /** Name of the image, or of the one that it is built on. */
  readonly name: string;
  readonly tag: string | undefined;
  /** `undefined` for an image that is not in the table. */
  readonly layout: Layout | undefined;
}

/** Finds the layout of an image, or of its base image. */
export function serverImage<Layout extends ServerImageLayout>(
  image: Image,
  layouts: readonly Layout[],
  server: IConstruct,
): ServerImage<Layout> {
  const [name = ''] = image.baseImages(Platform.of(server), server.node.path);
  const { path, tag } = nameInRegistry(name);
  return { name, tag, layout: layouts.find(({ repository }) => isCopyOf(repository, path)) };
}

/**
 * The error for an image that is not in the table.
 * @param example an image of the table
 * @param otherwise what to do if it is not built on one of them, as an imperative without a full stop
 */
export function layoutUnknown(
  where: string,
  name: string,
  layouts: readonly ServerImageLayout[],
  { example, otherwise }: { readonly example: string; readonly otherwise: string },
): TradingStackError {
  const known = layouts.map(({ repository }) => repository).join(', ');
  return new TradingStackError(
    'image-layout-unknown',
    where,
    `the layout of the image ${name} is unknown, so its data could end up outside the volume. Supported: ${known}`,
    `If it is built on one of these, pass { baseImage: '${example}' } to Image.fromRegistry or Image.fromBuild. ${otherwise}`,
  );
}

/**
 * The image of a server whose data folder and user follow from the table.
 * @param example an image of the table
 * @throws TradingStackError for an image that is not in the table
 */
export function requireLayout<Layout extends ServerImageLayout>(
  image: Image,
  layouts: readonly Layout[],
  server: IConstruct,
  example: string,
): ServerImage<Layout> & { readonly layout: Layout } {
  const { name, tag, layout } = serverImage(image, layouts, server);
  if (layout !== undefined) return { name, tag, layout };
  const otherwise = 'Otherwise run it in a Workload, with a volume for its data';
  throw layoutUnknown(server.node.path, name, layouts, { example, otherwise });
}
