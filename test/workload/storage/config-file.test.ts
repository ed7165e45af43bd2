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

test('a text is put into the container before it starts, readable for everybody', () => {
  expect(containerWith(ConfigFile.fromText('/etc/bot.conf', 'risk = 1\n')).upload).toEqual([
    { file: '/etc/bot.conf', content: 'risk = 1\n', permissions: '0444' },
  ]);
});

test('what looks like a template is put there letter by letter', () => {
  const file = ConfigFile.fromText('/etc/nginx.conf', 'proxy_set_header Host ${host};\n');
  expect(containerWith(file).upload).toMatchObject([{ content: 'proxy_set_header Host $${host};\n' }]);
});

describe('a text that is complete when the app synthesizes', () => {
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

  test('tells of what is created after its container, letter by letter', () => {
    expect(containerNamed(late(), 'desk-bot').upload).toMatchObject([{ content: '$${USERS}=admin,risk\n' }]);
  });

  test('is on a Swarm in an object whose name Terraform makes from it', () => {
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

test('a value is written as JSON, a line each', () => {
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

  test.each(['1.1', '1.2'] as const)('reads back as the same value in YAML %s', (version) => {
    fc.assert(
      fc.property(value, (given) => {
        expect(parse(yaml(given), { version })).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  // What PyYAML 6.0.3 reads as something else, or not at all, without the quotes, the point or the escape.
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

  test('leaves out a property that is undefined', () => {
    expect(yaml({ risk: 1, note: undefined })).toBe('risk: 1\n');
  });

  test.each<[unknown, string]>([
    [
      { start: new Date(0) },
      "'start' in /a.yaml cannot be a Date. Give the string that the program reads: date.toISOString()",
    ],
    [
      { symbols: /USD$/ },
      "'symbols' in /a.yaml cannot be a regular expression. Give the string that the program reads: expression.source",
    ],
    [{ size: () => 1 }, "'size' in /a.yaml cannot be a function. Give what it returns"],
    [{ side: Symbol('buy') }, "'side' in /a.yaml cannot be a symbol. Give a string"],
    [{ symbols: ['AAPL', undefined] }, "'1' in /a.yaml cannot be undefined. Give null, or leave it out"],
    [new Date(0), 'the value in /a.yaml cannot be a Date.'],
  ])('refuses what YAML 1.1 and 1.2 have no common form for: %p', (given, message) => {
    expect(() => yaml(given)).toThrow(`desk/bot: ${message}`);
  });
});

test('a file of the project is read', () => {
  project.write('config/bot.yaml', 'risk: 1\n');
  expect(bind(ConfigFile.fromFile('config/bot.yaml', '/etc/bot.yaml')).content).toBe('risk: 1\n');
});

test('a file of the project that is not there is refused', () => {
  expect(() => bind(ConfigFile.fromFile('config/bto.yaml', '/etc/bot.yaml'))).toThrow(
    `desk/bot: the configuration file 'config/bto.yaml' is not there: looked for ${project.locate('config/bto.yaml')}. ` +
      `Create it, or give its path from ${project.locate('')}, the folder that the app runs in.`,
  );
});

test('a file that was given whole and is not there is refused', () => {
  expect(() => bind(ConfigFile.fromFile('/srv/bto.yaml', '/etc/bot.yaml'))).toThrow(
    "desk/bot: the configuration file '/srv/bto.yaml' is not there. Create it, or give another path.",
  );
});

test('the source of a file comes before its place, as it does in a mount; the other way around is refused', () => {
  project.write('config/bot.yaml', 'risk: 1\n');
  expect(() => bind(ConfigFile.fromFile('/etc/bot.yaml', 'config/bot.yaml'))).toThrow(
    "desk/bot: the file cannot be 'config/bot.yaml'. Give an absolute path inside the container.",
  );
});

test.each([
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff])],
  ['a text in Latin-1', Buffer.from('Zürich', 'latin1')],
])('%s is refused: it would arrive as something else', (_what, content) => {
  project.write('config/bot.bin', content);
  expect(() => bind(ConfigFile.fromFile('config/bot.bin', '/etc/bot.bin'))).toThrow(
    "desk/bot: the configuration file 'config/bot.bin' is no text in UTF-8. " +
      'Mount it with BindMount.readOnly, put it into the image, or save it as UTF-8.',
  );
});

test('a text in UTF-8 arrives as it is', () => {
  project.write('config/bot.yaml', 'desk: Zürich €\n');
  expect(bind(ConfigFile.fromFile('config/bot.yaml', '/etc/bot.yaml')).content).toBe('desk: Zürich €\n');
});

test('permissions can be chosen', () => {
  expect(bind(ConfigFile.fromText('/a', 'x', { mode: '0400' })).mode).toBe('0400');
});

test.each(['444', '0999', 'rw', '00444', ''])('%j are no permissions', (mode) => {
  expect(() => bind(ConfigFile.fromText('/a', 'x', { mode }))).toThrow(
    `desk/bot: the mode of /a cannot be '${mode}'. Give four octal digits: '0444'.`,
  );
});

test('a relative path is refused', () => {
  expect(() => bind(ConfigFile.fromText('etc/bot.conf', 'x'))).toThrow(
    "desk/bot: the file cannot be 'etc/bot.conf'. Give an absolute path inside the container.",
  );
});

test('an empty file is refused, as the provider does later', () => {
  expect(() => bind(ConfigFile.fromText('/etc/bot.conf', ''))).toThrow(
    "desk/bot: /etc/bot.conf cannot be ''. Give a content: the provider refuses an empty file.",
  );
});

test('a workload with files has a writable root: the two cannot be combined', () => {
  const service = { defaults: { readOnlyRootFilesystem: true } };
  const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
  const files = [ConfigFile.fromText('/a', 'x')];
  expect(new Workload(createStack(), 'bot', { image, files }, service).spec.readOnlyRootFilesystem).toBe(false);
});

test.each([
  ['JSON', () => ConfigFile.fromJson('/x', undefined)],
  ['YAML', () => ConfigFile.fromYaml('/x', undefined)],
  ['a text', () => ConfigFile.fromText('/x', 5 as never)],
])('nothing that can be written as %s is told so', (_kind, file) => {
  const create = (): unknown =>
    createStack((stack) => new Workload(stack, 'bot', { image: Image.fromRegistry('bot:1'), files: [file()] }));
  expect(create).toThrow(/^desk\/bot: the content of \/x cannot be .*\. Give a text/);
});

test('a late text that is empty in the end is refused at synthesis', () => {
  const files = [ConfigFile.fromLateText('/x', () => '')];
  const create = (): unknown =>
    synthesizeStack((stack) => new Workload(stack, 'bot', { image: Image.fromRegistry('bot:1'), files }));
  expect(create).toThrow("desk/bot: /x cannot be ''. Give a content: the provider refuses an empty file.");
});
