import { isDeepStrictEqual } from 'node:util';
import { Reviewed } from '../setup/review-snapshot';
import type { Terraform } from '../setup/synthesize';

type Block = Readonly<Record<string, unknown>>;

/**
 * A whole stack for a reviewer: of each type of resource first what all have in common, then what each has of its own.
 * Contents of files, labels and messages have tests of their own.
 */
export function reviewStack(terraform: Terraform): Reviewed {
  return new Reviewed(
    Object.fromEntries(
      Object.entries(terraform.resource).map(([type, resources]) => {
        const blocks = Object.entries(resources).map(([address, block]) => [address, shorten(block) as Block] as const);
        const shared = commonOf(blocks.map(([, block]) => block));
        const own = blocks.map(([address, block]) => [address, without(block, shared)] as const);
        return [type, blocks.length > 1 ? { EACH: shared, ...Object.fromEntries(own) } : Object.fromEntries(blocks)];
      }),
    ),
  );
}

function shorten(block: Block): unknown {
  return JSON.parse(
    JSON.stringify(block, (key, value: unknown) => {
      if (key === 'labels' || key === 'lifecycle') return undefined;
      return key === 'content' && typeof value === 'string' ? '<text>' : value;
    }),
  );
}

/** What is in all blocks the same. */
function commonOf(blocks: readonly Block[]): Block {
  const [first = {}, ...others] = blocks;
  return Object.fromEntries(
    Object.entries(first).flatMap(([key, value]) => {
      const values = others.map((other) => other[key]);
      if (values.every((other) => isDeepStrictEqual(other, value))) return [[key, value]];
      if (![value, ...values].every(isBlock)) return [];
      const common = commonOf([value, ...values] as Block[]);
      return Object.keys(common).length > 0 ? [[key, common]] : [];
    }),
  );
}

/** What a block has beside what it shares with others. */
function without(block: Block, shared: Block): Block {
  return Object.fromEntries(
    Object.entries(block).flatMap(([key, value]) => {
      if (!(key in shared)) return [[key, value]];
      if (isDeepStrictEqual(value, shared[key])) return [];
      return [[key, without(value as Block, shared[key] as Block)]];
    }),
  );
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
