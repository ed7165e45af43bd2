import { TradingStackError } from '../../lib';
import {
  checkOptions,
  each,
  HINTS,
  type Hints,
  type OptionShapes,
  required,
  withExamples,
} from '../../lib/options/options';

class Size {
  readonly bytes = 1;
}

class Image {
  readonly name = 'bot';
}

interface VolumeOptions {
  readonly label: string;
  readonly size?: Size;
}

interface Options {
  readonly name: string;
  readonly count?: number;
  readonly tags?: readonly string[];
  readonly volumes?: readonly VolumeOptions[];
  readonly size?: Size;
  readonly image?: Image;
  readonly value?: string | number;
  readonly labels?: Readonly<Record<string, string>>;
}

const OPTIONS: OptionShapes<Options> = {
  name: required('string'),
  count: 'number',
  tags: ['string'],
  volumes: [{ label: required('string'), size: Size }],
  size: Size,
  image: Image,
  value: 'any',
  labels: each('string'),
  [HINTS]: {
    unknown: new Map([['cap_add', { text: "Use `labels: { a: 'b' }`", code: ["labels: { a: 'b' }"] }]]),
    wrongType: new Map([['tags', { text: "Use `tags: ['a']`", code: ["tags: ['a']"] }]]),
  },
};

// @ts-expect-error a table without all of the options does not compile
export const INCOMPLETE: OptionShapes<VolumeOptions> = { label: required('string') };

// @ts-expect-error neither does one that gives an option another shape
export const WRONG: OptionShapes<VolumeOptions> = { label: required('number'), size: Size };

function errorFor(options: unknown): TradingStackError | undefined {
  try {
    checkOptions(options as Options, OPTIONS, 'desk/db');
    return undefined;
  } catch (error) {
    return error as TradingStackError;
  }
}

test('a hint for an option that this table does not have is not given', () => {
  const narrow: OptionShapes<{ readonly name?: string }> = { name: 'string', [HINTS]: OPTIONS[HINTS] as Hints };
  expect(() => {
    checkOptions({ cap_add: [] } as never, narrow, 'desk/db');
  }).toThrowCode('unknown-option', 'Leave it out: this construct has no `labels`');
});

test('options that exist and have their type are accepted', () => {
  const volumes = [{ label: 'data', size: new Size() }];
  expect(errorFor({ name: 'db', count: 1, tags: ['a'], volumes, size: new Size(), value: 5, labels: {} })).toBe(
    undefined,
  );
});

test('an option that is undefined counts as omitted, whatever its name', () => {
  expect(errorFor({ name: 'db', count: undefined, typo: undefined })).toBe(undefined);
});

test.each([
  [{ name: 'db', cuont: 1 }, "there is no option 'cuont'", "Did you mean 'count'?"],
  [{ name: 'db', Labels: {} }, "there is no option 'Labels'", "Did you mean 'labels'?"],
  [{ name: 'db', cap_add: [] }, "there is no option 'cap_add'", "Use `labels: { a: 'b' }`"],
  [{ name: 'db', volumes: [{ label: 'a', sice: 1 }] }, "there is no option 'volumes[0].sice'", "Did you mean 'size'?"],
  [
    { name: 'db', other: 1 },
    "there is no option 'other'",
    'Known options are count, image, labels, name, size, tags, value, volumes',
  ],
])('an unknown option in %j is refused with the name that was probably meant', (options, what, fix) => {
  expect(errorFor(options)).toMatchObject({ code: 'unknown-option', where: 'desk/db', what, fix });
});

test.each([
  [{}, "the option 'name' is missing"],
  [{ name: 'db', volumes: [{}] }, "the option 'volumes[0].label' is missing"],
])('a required option that is missing from %j is named', (options, what) => {
  expect(errorFor(options)).toMatchObject({ code: 'missing-option', what });
});

test.each([
  [undefined, 'the options must be an object, got undefined'],
  [{ name: 5 }, 'name must be a string, got a number'],
  [{ name: 'db', tags: 'a b' }, 'tags must be a list, got a string'],
  [{ name: 'db', tags: ['a', 1] }, 'tags[1] must be a string, got a number'],
  [{ name: 'db', size: '1g' }, 'size must be a Size, got a string'],
  [{ name: 'db', size: {} }, 'size must be a Size, got an object'],
  [{ name: 'db', size: new Image() }, 'size must be a Size, got an Image'],
  [{ name: 'db', image: 'bot:1' }, 'image must be an Image, got a string'],
  [{ name: 'db', labels: ['A=1'] }, 'labels must be an object, got a list'],
  [{ name: 'db', labels: { a: 'x', b: 5 } }, 'labels.b must be a string, got a number'],
  [{ name: 'db', labels: { a: undefined } }, 'labels.a must be a string, got undefined'],
  [{ name: Object.create(null) as object }, 'name must be a string, got an object'],
  [{ name: 'db', size: Object.create(null) as object }, 'size must be a Size, got an object'],
  [{ name: 'db', size: { constructor: null } }, 'size must be a Size, got an object'],
])('a value of the wrong type in %j is refused with both types', (options, what) => {
  expect(errorFor(options)).toMatchObject({ code: 'wrong-type', what });
});

test.each([{ tags: 'a b' }, { tags: ['a', 1] }])(
  'the wrong value in %j is refused with the hint of its option',
  (wrong) => {
    expect(errorFor({ name: 'db', ...wrong })).toMatchObject({ code: 'wrong-type', fix: "Use `tags: ['a']`" });
  },
);

test('an option without a hint is explained with the names that its object has', () => {
  const shapes: OptionShapes<{ readonly host?: { readonly port?: number } }> = { host: { port: 'number' } };
  expect(() => {
    checkOptions({ host: true as never }, shapes, 'desk');
  }).toThrowCode('wrong-type', 'Set host to an object with options of port');
});

test('hints are kept when a table is spread into another one', () => {
  const wider: OptionShapes<Options & { readonly extra?: boolean }> = { ...OPTIONS, extra: 'boolean' };
  expect(() => {
    checkOptions({ name: 'db', cap_add: [] } as Options, wider, 'desk/db');
  }).toThrowCode('unknown-option', "labels: { a: 'b' }");
});

test('a value of the wrong type is never shown, as it may be a password', () => {
  expect(errorFor({ name: 'db', size: 'canary-password' })?.message).not.toContain('canary');
});

test('an object of the same class in another copy of the library is distinguished from a wrong one', () => {
  const copy = class Size {
    readonly bytes = 1;
  };
  expect(errorFor({ name: 'db', size: new copy() })?.what).toContain('another copy');
});

test('an option that is missing, or has another type, is shown as it is pasted', () => {
  interface Named {
    readonly name: string;
  }
  const shapes = withExamples<Named>({ name: required('string') }, { name: "'orders'" });
  for (const options of [{}, { name: 1 }]) {
    expect(() => {
      checkOptions(options as Named, shapes, 'desk/db');
    }).toThrow("Use `name: 'orders'`");
  }
});

test('a string that other tools take for a size gets the call that creates one', () => {
  expect(errorFor({ name: 'a', size: '512mb' })?.message).toContain('Pass a Size: Size.mebibytes(512)');
});
