import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '..');

/** The layers: each file may import from its own layer and from those before it. */
const LAYERS: readonly (readonly [string, RegExp])[] = [
  ['errors', /^lib\/errors\//],
  ['options', /^lib\/options\//],
  ['platform', /^lib\/platform\//],
  ['workload', /^lib\/(workload|engines)\//],
  ['backup', /^lib\/backup\//],
  ['services', /^lib\/(services|monitoring)\//],
  ['reports', /^lib\/reports\//],
  ['stack', /^lib\/(trading-stack|machine)\.ts$/],
  ['index', /^lib\/(index|internal)\.ts$/],
  ['command line', /^lib\/command-line\//],
  ['apps', /^(bin|examples)\//],
];

/**
 * The code that services share: that of all servers, the base of the trading roles, and what an order executor needs.
 */
const SHARED_BY_SERVICES = /^lib\/services\/(server(-image)?|app\/app-service|trading\/risk-.+)\.ts$/;

/** The entry points of the package. */
const ENTRIES = ['lib/index.ts', 'lib/command-line/index.ts'];

/** The file that the command line may import in addition to the public names. */
const INTERNAL = 'lib/internal.ts';

/** Code that uses the library through its public names only. */
const USERS = /^(bin|examples|lib\/command-line)\//;

interface Import {
  readonly from: string;
  /** File of this project, or name of a package. */
  readonly to: string;
}

const FILES = ['lib', 'bin', 'examples'].flatMap((folder) => sourcesBelow(folder));
const IMPORTS = FILES.flatMap((file) => importsOf(file));
const INSIDE = IMPORTS.filter(({ to }) => FILES.includes(to));

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    // A separate application.
    if (path === 'examples/reference-service' || entry.name === 'node_modules') return [];
    if (entry.isDirectory()) return sourcesBelow(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function importsOf(file: string): Import[] {
  return parse(file).statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const { moduleSpecifier } = statement;
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return [];
    return [{ from: file, to: resolveImport(file, moduleSpecifier.text) }];
  });
}

function resolveImport(file: string, name: string): string {
  if (!name.startsWith('.')) return name;
  const target = relative(ROOT, resolve(ROOT, dirname(file), name));
  return existsSync(join(ROOT, `${target}.ts`)) ? `${target}.ts` : posix.join(target, 'index.ts');
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, textOf(file), ts.ScriptTarget.ES2022, true);
}

function layerOf(file: string): number {
  return LAYERS.findIndex(([, pattern]) => pattern.test(file));
}

function isWithinOne(from: string, to: string): boolean {
  return layerOf(from) === layerOf(to);
}

function show({ from, to }: Import): string {
  return `${from} imports ${to}`;
}

/** The files of a cycle that starts at a file, if there is one. */
function cycleFrom(file: string, path: readonly string[] = []): readonly string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  if (WITHOUT_CYCLE.has(file)) return undefined;
  for (const { to } of INSIDE.filter(({ from }) => from === file)) {
    const cycle = cycleFrom(to, [...path, file]);
    if (cycle !== undefined) return cycle;
  }
  WITHOUT_CYCLE.add(file);
  return undefined;
}
const WITHOUT_CYCLE = new Set<string>();

describe('imports', () => {
  test('every file belongs to a layer', () => {
    expect(FILES.filter((file) => layerOf(file) === -1)).toEqual([]);
    expect(INSIDE.length).toBeGreaterThan(100);
  });

  test('imports point one way: from apps through the stack, services and workloads to the platform', () => {
    expect(INSIDE.filter(({ from, to }) => layerOf(to) > layerOf(from)).map(show)).toEqual([]);
  });

  test('imports form no cycle', () => {
    expect(FILES.map((file) => cycleFrom(file)?.join(' -> ')).filter((cycle) => cycle !== undefined)).toEqual([]);
  });

  test('only lib/engines imports the Docker provider', () => {
    const ofProvider = IMPORTS.filter(({ to }) => to.startsWith('@cdktf/provider-docker'));

    expect(ofProvider.filter(({ from }) => !from.startsWith('lib/engines/')).map(show)).toEqual([]);
    expect(ofProvider).not.toEqual([]);
  });

  test('no file imports internal modules of cdktf, which may change', () => {
    expect(IMPORTS.filter(({ to }) => to.startsWith('cdktf/')).map(show)).toEqual([]);
  });

  test('no service imports another service', () => {
    const between = INSIDE.filter(
      ({ from, to }) =>
        from.startsWith('lib/services/') &&
        to.startsWith('lib/services/') &&
        dirname(from) !== dirname(to) &&
        !SHARED_BY_SERVICES.test(to),
    );

    expect(between.map(show)).toEqual([]);
  });

  test('workloads and engines do not import each other, but only the platform', () => {
    const across = INSIDE.filter(
      ({ from, to }) =>
        (from.startsWith('lib/workload/') && to.startsWith('lib/engines/')) ||
        (from.startsWith('lib/engines/') && to.startsWith('lib/workload/')),
    );

    expect(across.map(show)).toEqual([]);
  });

  test('no service imports monitoring', () => {
    const upwards = INSIDE.filter(
      ({ from, to }) => from.startsWith('lib/services/') && to.startsWith('lib/monitoring/'),
    );

    expect(upwards.map(show)).toEqual([]);
  });

  test('apps and the command line import public names only', () => {
    const ofUsers = INSIDE.filter(
      ({ from, to }) => USERS.test(from) && to.startsWith('lib/') && !isWithinOne(from, to),
    );

    const isAllowed = ({ from, to }: Import): boolean =>
      ENTRIES.includes(to) || (to === INTERNAL && from.startsWith('lib/command-line/'));
    expect(ofUsers.filter((one) => !isAllowed(one)).map(show)).toEqual([]);
    expect(ofUsers).not.toEqual([]);
  });

  test('the library imports only packages that it depends on', () => {
    const manifest = JSON.parse(textOf('package.json')) as Record<string, Record<string, string>>;
    const known = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const foreign = IMPORTS.filter(
      ({ from, to }) =>
        from.startsWith('lib/') &&
        !FILES.includes(to) &&
        !to.startsWith('node:') &&
        !known.some((name) => to === name || to.startsWith(`${name}/`)),
    );

    expect(foreign.map(show)).toEqual([]);
  });
});

describe('the files of the library', () => {
  const library = FILES.filter((file) => file.startsWith('lib/'));

  test('only the command line reads environment variables', () => {
    const constructs = library.filter((file) => !file.startsWith('lib/command-line/'));

    expect(constructs.filter((file) => /process\s*(\.env\b|\[)/.test(textOf(file)))).toEqual([]);
  });

  test('no file is longer than 300 lines', () => {
    expect(library.filter((file) => textOf(file).split('\n').length > 300)).toEqual([]);
  });

  test("the command line names the provider's resource types in one file", () => {
    const naming = library.filter(
      (file) => file.startsWith('lib/command-line/') && /['"`]docker_[a-z]+\b/.test(textOf(file)),
    );

    expect(naming).toEqual(['lib/command-line/plan/resources.ts']);
  });

  test('no code asks for the name of an engine', () => {
    expect(library.filter((file) => /engine\.name [!=]==/.test(textOf(file)))).toEqual([]);
  });

  test('the classes of engines are used in lib/engines only', () => {
    const others = library.filter((file) => !/^lib\/(engines\/|index\.ts)/.test(file));

    expect(others.filter((file) => /DockerEngine|SwarmEngine/.test(textOf(file)))).toEqual([]);
  });
});

describe('what the library exports', () => {
  const program = ownProgram();
  const checker = program.getTypeChecker();
  const names = ENTRIES.flatMap((entry) => exportsOf(entry, program, checker));

  test('every exported name has a doc comment', () => {
    const silent = names.filter((symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker)) === '');

    expect(silent.map((symbol) => symbol.name)).toEqual([]);
    expect(names.length).toBeGreaterThan(50);
  });

  test('every optional property documents its default', () => {
    const optional = names
      .filter((symbol) => /(Props|Options)$/.test(symbol.name))
      .flatMap((symbol) => symbol.declarations ?? [])
      .filter((declaration) => ts.isInterfaceDeclaration(declaration))
      .flatMap((owner) => owner.members.map((member) => ({ owner, member })))
      .filter(({ member }) => member.questionToken !== undefined);
    const silent = optional.filter(
      ({ member }) => !ts.getJSDocTags(member).some((tag) => tag.tagName.text === 'default'),
    );

    expect(silent.map(({ owner, member }) => `${owner.name.text}.${member.name?.getText() ?? ''}`)).toEqual([]);
    expect(optional.length).toBeGreaterThan(80);
  });
});

/**
 * Only the files of the library, without the packages that they import: exported names and their comments do not need
 * them.
 */
function ownProgram(): ts.Program {
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, noLib: true, types: [] };
  const host = ts.createCompilerHost(options, true);
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) =>
      text.startsWith('.') ? ts.resolveModuleName(text, from, options, host) : { resolvedModule: undefined },
    );
  return ts.createProgram(
    ENTRIES.map((entry) => join(ROOT, entry)),
    options,
    host,
  );
}

function exportsOf(entry: string, program: ts.Program, checker: ts.TypeChecker): ts.Symbol[] {
  const file = program.getSourceFile(join(ROOT, entry));
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${entry} has no exports`);
  return checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
}
