import { isDeepStrictEqual } from 'node:util';
import { type TradingStack, Workload } from '../../lib';
import { Reviewed } from '../setup/review-snapshot';
import type { Terraform } from '../setup/synthesize';

type Block = Readonly<Record<string, unknown>>;

/**
 * A stack for a reviewer: for each type of resource, first what all resources have in common, then what each adds to it.
 * Without the contents of files, labels and messages, which have their own tests.
 */
export function reviewStack(terraform: Terraform): Reviewed {
  return new Reviewed(
    Object.fromEntries(
      Object.entries(terraform.resource).map(([type, resources]) => {
        const blocks = Object.entries(resources).map(([address, block]) => [address, shorten(block) as Block] as const);
        return [type, withSharedPart(blocks)];
      }),
    ),
  );
}

/** Fields of a specification that refer to resources, which have other types on another engine. */
const REFERENCES = new Set(['image', 'secrets', 'secretEnvironment', 'files', 'network', 'dependsOn']);

/** The fields of a stack's workloads that differ on another engine from those of `reference`. */
export function reviewDifference(stack: TradingStack, reference: TradingStack): Reviewed {
  const specsOf = (one: TradingStack) =>
    one.node.findAll().flatMap((construct) => (construct instanceof Workload ? [construct.spec] : []));
  const expected = new Map(specsOf(reference).map((spec) => [spec.path, spec as unknown as Block]));
  const differences = specsOf(stack).map((spec) => {
    const before = expected.get(spec.path) ?? {};
    const changed = Object.entries(spec).filter(
      ([field, value]) => !REFERENCES.has(field) && !isDeepStrictEqual(value, before[field]),
    );
    return [spec.path, Object.fromEntries(changed)] as const;
  });
  return new Reviewed(withSharedPart(differences));
}

/** Blocks by name, after the part that they have in common. */
function withSharedPart(blocks: readonly (readonly [string, Block])[]): Block {
  if (blocks.length <= 1) return Object.fromEntries(blocks);
  const shared = commonOf(blocks.map(([, block]) => block));
  return { EACH: shared, ...Object.fromEntries(blocks.map(([name, block]) => [name, without(block, shared)])) };
}

function shorten(block: Block): unknown {
  return JSON.parse(
    JSON.stringify(block, (key, value: unknown) => {
      if (key === 'labels' || key === 'lifecycle') return undefined;
      return key === 'content' && typeof value === 'string' ? '<text>' : value;
    }),
  );
}

/** The part that is the same in all blocks. */
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

/** A block without the part that it shares with others. */
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
