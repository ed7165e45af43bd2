import fc from 'fast-check';
import { parse } from 'yaml';
import { ConfigFile, Engine, Image, Workload } from '../../../lib';
import { containerNamed, createStack, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

function containerWith(...files: ConfigFile[]): TerraformBlock {
  const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
  const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image, files }));
  return containerNamed(terraform, 'desk-bot');
}

function bind(file: ConfigFile): { content: string; mode: string } {
  return file.bind(createStack().platform, 'desk/bot');
}

test('a file is uploaded before the container starts, with read permission for all', () => {
  expect(containerWith(ConfigFile.fromText('/etc/bot.conf', 'risk = 1\n')).upload).toEqual([
    { file: '/etc/bot.conf', content: 'risk = 1\n', permissions: '0444' },
  ]);
});

test('text that looks like a template is not interpolated', () => {
  const file = ConfigFile.fromText('/etc/nginx.conf', 'proxy_set_header Host ${host};\n');
  expect(containerWith(file).upload).toMatchObject([{ content: 'proxy_set_header Host $${host};\n' }]);
});

describe('a late text', () => {
  const late = (engine = Engine.docker()) =>
    synthesizeStack(
      (stack) => {
        const users = ['admin'];
        const file = ConfigFile.fromLateText('/etc/users', () => `\${USERS}=${users.join()}\n`);
        new Workload(stack, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4'), files: [file] });
        users.push('risk');
      },
      { engine },
    );

  test('a late text contains what was added after its workload, without interpolation', () => {
    expect(containerNamed(late(), 'desk-bot').upload).toMatchObject([{ content: '$${USERS}=admin,risk\n' }]);
  });

  test('a late text is a config object on a Swarm, which Terraform names by the hash of its content', () => {
    const { locals = {}, resource } = late(Engine.swarm());
    const [[address, text] = []] = Object.entries(locals);

    expect(text).toBe('$${USERS}=admin,risk\n');
    expect(Object.values(resource.docker_config ?? {})).toMatchObject([
      {
        name: `desk-bot-etc-users-\${substr(sha256(local.${address ?? ''}), 0, 16)}`,
        data: `\${base64encode(local.${address ?? ''})}`,
      },
    ]);
  });
});

test('a value is written as YAML', () => {
  const value = { strategies: ['momentum'], note: 'yes: "quoted"' };
  expect(parse(bind(ConfigFile.fromYaml('/a.yaml', value)).content)).toEqual(value);
});

test('a value is written as JSON with one property per line', () => {
  expect(bind(ConfigFile.fromJson('/a.json', { risk: 1 })).content).toBe('{\n  "risk": 1\n}\n');
});

describe('a value as YAML', () => {
  const yaml = (value: unknown): string => bind(ConfigFile.fromYaml('/a.yaml', value)).content;

  const AWKWARD = Array.from('0123456789-+.:_eExXoOnNyYaif~=<>&*!%@|"\'#?,[]{}\\ \t\n\r');
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...AWKWARD), maxLength: 10 }),
    fc.constantFrom('ON', 'off', 'y', '=', '<<', '~', '10:30', '1_000', '2026-01-02', '0o17', '1e3', '.inf', '# x\ny'),
    fc.string({ unit: 'binary' }),
  );
  const number = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(1e-7, 1e21, 2 ** 60, -0, Infinity));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.oneof(text, number, fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));

  test.each(['1.1', '1.2'] as const)('a value reads back as the same value in YAML %s', (version) => {
    fc.assert(
      fc.property(value, (given) => {
        expect(parse(yaml(given), { version })).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  // Values that PyYAML 6.0.3 misreads, or cannot read, without the quotes, the point or the escape.
  test.each<[unknown, string]>([
    [['AAPL', 'ON', 'NO'], '- AAPL\n- "ON"\n- "NO"\n'],
    ['off', '"off"\n'],
    ['10:30', '"10:30"\n'],
    ['1_000', '"1_000"\n'],
    ['2026-01-02', '"2026-01-02"\n'],
    ['=', '"="\n'],
    ['<<', '"<<"\n'],
    ['~', '"~"\n'],
    ['0o17', '"0o17"\n'],
    ['017', '"017"\n'],
    ['1e3', '"1e3"\n'],
    ['.inf', '".inf"\n'],
    ['a\tb', '"a\\tb"\n'],
    ['\ufeffa\u2028b\x85', '"\\ufeffa\\u2028b\\u0085"\n'],
    ['x\n# y\n', '"x\\n# y\\n"\n'],
    [0.0000001, '1.0e-7\n'],
    [-0.00000025, '-2.5e-7\n'],
    [1e21, '1.0e+21\n'],
    [2 ** 60, '1152921504606846976\n'],
    [-0, '-0.0\n'],
    [[NaN, Infinity, -Infinity], '- .nan\n- .inf\n- -.inf\n'],
    [{ NO: 1, '10:30': 2 }, '"NO": 1\n"10:30": 2\n'],
  ])('%j is written so that PyYAML reads it back', (given, expected) => {
    expect(yaml(given)).toBe(expected);
  });

  test('decomposed characters, which Terraform would compose, are written as escape sequences', () => {
    const value = { 'Zu\u0308rich': 'é', note: '🚀e\u0301' };
    expect(yaml(value)).toBe('"Zu\\u0308rich": "\\u00e9"\nnote: "\\U0001f680e\\u0301"\n');
    expect(parse(yaml(value))).toEqual(value);
  });

  test('a property that is undefined is left out of YAML', () => {
    expect(yaml({ risk: 1, note: undefined })).toBe('risk: 1\n');
  });

  test.each<[unknown, string, string]>([
    [{ start: new Date(0) }, "'start' in /a.yaml is a Date", 'date.toISOString()'],
    [{ symbols: /USD$/ }, "'symbols' in /a.yaml is a regular expression", 'expression.source'],
    [{ size: () => 1 }, "'size' in /a.yaml is a function", 'Pass what it returns'],
    [{ side: Symbol('buy') }, "'side' in /a.yaml is a symbol", 'Pass a string'],
    [{ symbols: ['AAPL', undefined] }, "'1' in /a.yaml is undefined", 'Pass null, or leave it out'],
    [new Date(0), 'the value in /a.yaml is a Date', 'date.toISOString()'],
  ])('a value that YAML 1.1 and 1.2 cannot both express is refused: %p', (given, what, fix) => {
    expect(() => yaml(given)).toThrowCode('config-file-invalid', 'desk/bot: ', what, fix);
  });
});

describe('a value as JSON', () => {
  const json = (value: unknown): string => bind(ConfigFile.fromJson('/a.json', value)).content;

  test('a value is formatted as JSON.stringify does, and reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(JSON.parse(json(value))).toEqual(value);
        expect(JSON.parse(json(value).normalize('NFC'))).toEqual(value);
      }),
    );
    const value = { risk: [1, { a: null }], empty: [[], {}], note: 'a "b"\n\u2028', none: undefined, size: () => 1 };
    expect(json(value)).toBe(`${JSON.stringify(value, null, 2)}\n`);
  });

  test.each<[unknown, string]>([
    [2 ** 60, '1152921504606846976\n'],
    [123456789012345678901n, '123456789012345678901\n'],
    [1e300, '1.0e+300\n'],
    [-0, '-0.0\n'],
    [{ start: new Date(0) }, '{\n  "start": "1970-01-01T00:00:00.000Z"\n}\n'],
    ['Zu\u0308rich 🚀', '"Zu\\u0308rich \\ud83d\\ude80"\n'],
  ])('%p is written so that other languages read the same value', (given, expected) => {
    expect(json(given)).toBe(expected);
  });

  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;

  test.each<[unknown, string, string]>([
    [{ tick: NaN }, "'tick' in /a.json is NaN", 'null'],
    [[Infinity], "'0' in /a.json is Infinity", 'null'],
    [{ limits: new Map() }, "'limits' in /a.json is a Map", 'Object.fromEntries'],
    [{ symbols: new Set() }, "'symbols' in /a.json is a Set", '[...set]'],
    [{ symbols: /USD$/ }, "'symbols' in /a.json is a regular expression", 'expression.source'],
    [[() => 1], "'0' in /a.json is a function", 'what it returns'],
    [{ symbols: ['AAPL', undefined] }, "'1' in /a.json is undefined", 'null'],
    [cycle, "'self' in /a.json is an object that contains itself", 'cycle'],
  ])('a value that JSON would lose is refused: %p', (given, what, fix) => {
    expect(() => json(given)).toThrowCode('config-file-invalid', 'desk/bot: ', what, fix);
  });
});

test('a file of the project is read at synthesis', () => {
  project.write('config/bot.yaml', 'risk: 1\n');
  expect(bind(ConfigFile.fromFile('/etc/bot.yaml', 'config/bot.yaml')).content).toBe('risk: 1\n');
});

test.each(['config/bto.yaml', '/srv/bto.yaml'])('the source %s, which does not exist, is refused', (source) => {
  expect(() => bind(ConfigFile.fromFile('/etc/bot.yaml', source))).toThrowCode(
    'path-missing',
    'desk/bot: ',
    `'${source}'`,
  );
});

test('a file with its source first is refused with the arguments in the right order', () => {
  project.write('config/bot.yaml', 'risk: 1\n');
  expect(() => bind(ConfigFile.fromFile('config/bot.yaml', '/etc/bot.yaml'))).toThrowCode(
    'invalid-path',
    'desk/bot: ',
    "ConfigFile.fromFile('/etc/bot.yaml', 'config/bot.yaml')",
  );
});

test('a file without an absolute path is refused with a slash before the first one', () => {
  expect(() => bind(ConfigFile.fromFile('etc/bot.yaml', 'config/bot.yaml'))).toThrowCode(
    'invalid-path',
    "got 'etc/bot.yaml'",
    "ConfigFile.fromFile('/etc/bot.yaml', 'config/bot.yaml')",
  );
});

test.each([
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff])],
  ['text in Latin-1', Buffer.from('Zürich', 'latin1')],
])('%s is refused as a configuration file, because it would arrive changed', (_what, content) => {
  project.write('config/bot.bin', content);
  expect(() => bind(ConfigFile.fromFile('/etc/bot.bin', 'config/bot.bin'))).toThrowCode(
    'config-file-invalid',
    "desk/bot: the configuration file 'config/bot.bin' is not UTF-8 text",
    'BindMount.readOnly',
  );
});

test('a file in UTF-8 arrives unchanged', () => {
  project.write('config/bot.yaml', 'desk: Zürich €\n');
  expect(bind(ConfigFile.fromFile('/etc/bot.yaml', 'config/bot.yaml')).content).toBe('desk: Zürich €\n');
});

test('the mode of a file can be chosen', () => {
  expect(bind(ConfigFile.fromText('/a', 'x', { mode: '0400' })).mode).toBe('0400');
});

test.each(['444', '0999', 'rw', '00444', ''])('the mode %j is refused', (mode) => {
  expect(() => bind(ConfigFile.fromText('/a', 'x', { mode }))).toThrowCode('invalid-value', 'desk/bot: the mode of /a');
});

test('a relative path in the container is refused', () => {
  expect(() => bind(ConfigFile.fromText('etc/bot.conf', 'x'))).toThrowCode(
    'invalid-path',
    'desk/bot: ',
    "'etc/bot.conf'",
    'an absolute path',
  );
});

test('an empty file is refused before the provider does', () => {
  expect(() => bind(ConfigFile.fromText('/etc/bot.conf', ''))).toThrowCode(
    'config-file-invalid',
    'desk/bot: /etc/bot.conf is empty',
  );
});

test('a service with a read-only root gets a writable one if it has files on the Docker engine', () => {
  const service = { defaults: { readOnlyRootFilesystem: true } };
  const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
  const files = [ConfigFile.fromText('/a', 'x')];
  expect(new Workload(createStack(), 'bot', { image, files }, service).spec.readOnlyRootFilesystem).toBe(false);
});

test.each([
  ['JSON', () => ConfigFile.fromJson('/x', undefined)],
  ['YAML', () => ConfigFile.fromYaml('/x', undefined)],
])('a value that cannot be written as %s is refused', (_kind, create) => {
  expect(() => bind(create())).toThrowCode('config-file-invalid', 'desk/bot: /x has no content');
});

test('a late text that is empty in the end is refused at synthesis', () => {
  const files = [ConfigFile.fromLateText('/x', () => '')];
  const create = (): unknown =>
    synthesizeStack((stack) => new Workload(stack, 'bot', { image: Image.fromRegistry('bot:1'), files }));
  expect(create).toThrowCode('config-file-invalid', 'desk/bot: /x is empty');
});

test('an option of a configuration file that does not exist is refused', () => {
  expect(() => ConfigFile.fromText('/x', 'x', { permissions: '0400' } as never)).toThrowCode(
    'unknown-option',
    "ConfigFile: there is no option 'permissions'",
  );
});
