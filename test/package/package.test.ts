import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix, resolve } from 'node:path';
import { Consumer, movedManifest } from './consumer';
import { FRAGMENTS } from './documentation';
import * as library from '../../lib';

const ROOT = resolve(__dirname, '../..');
const NAMES = Object.keys(library).sort();

let packed: string;
let packageFile: string;

beforeAll(() => {
  packed = mkdtempSync(join(tmpdir(), 'packed-'));
  execFileSync('npm', ['pack', '--pack-destination', packed], { cwd: ROOT, stdio: 'pipe' });
  packageFile = join(packed, readdirSync(packed).find((file) => file.endsWith('.tgz')) ?? '');
});

afterAll(() => {
  rmSync(packed, { recursive: true, force: true });
});

describe('the package file', () => {
  let files: string[];

  beforeAll(() => {
    const listing = execFileSync('tar', ['-tzf', packageFile], { encoding: 'utf8' });
    files = listing.split('\n').filter((line) => line !== '');
  });

  test('contains the build output, its sources for debuggers, and the documents', () => {
    const allowed =
      /^package\/(dist\/.+\.(js|d\.ts)(\.map)?|lib\/.+\.ts|lib\/backup\/container\/[^/]+|docs\/.+\.md|examples\/[^/]+\/([^/]+\.ts|README\.md|publish\.yml)|[A-Z]+(\.md)?|package\.json)$/;

    expect(files.filter((file) => !allowed.test(file))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining(
        [
          'dist/index.js',
          'dist/index.d.ts',
          'lib/index.ts',
          'LICENSE',
          'README.md',
          'CHANGELOG.md',
          'package.json',
        ].map((file) => `package/${file}`),
      ),
    );
  });

  test('contains every file that one of its documents links to', () => {
    const documents = files.filter((file) => file.endsWith('.md'));
    const links = documents.flatMap((document) =>
      relativeLinksOf(document).map((link) => ({ document, link, target: posix.join(posix.dirname(document), link) })),
    );
    // Folders have no entries, only files do.
    const isPacked = (target: string): boolean =>
      files.some((file) => file === target || file.startsWith(`${target}/`));
    const dead = links.filter(({ target }) => !isPacked(target));

    expect(dead.map(({ document, link }) => `${document}: ${link}`)).toEqual([]);
    expect(links.length).toBeGreaterThan(100);
  });

  test('contains nothing that is not in the repository', () => {
    const sources = files
      .filter((file) => /^package\/(lib|docs|examples)\//.test(file))
      .map((file) => file.slice('package/'.length));

    expect(sources.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect(files.filter((file) => /^package\/test\/|\.test\.|\.secrets\/|\.tfstate|node_modules/.test(file))).toEqual(
      [],
    );
  });
});

describe('a project that installs the package', () => {
  const consumer = new Consumer();
  let output: string;

  beforeAll(() => {
    // The oldest peers that the package allows.
    consumer.install(packageFile, { cdktf: '0.21.0', constructs: '10.4.2' });
  });

  afterAll(() => {
    consumer.remove();
  });

  test('compiles a stack of its own, with the types of the package checked too', () => {
    expect(consumer.run('npx', 'tsc')).toBe('');
  });

  test('compiles it with the module resolution of Node 10 too, which ignores the exports of a package', () => {
    expect(consumer.run('npx', 'tsc', '--project', 'tsconfig.node10.json', '--noEmit')).toBe('');
  });

  test('gets a compiler error for a mistake', () => {
    consumer.run('cp', 'mistake.txt', 'mistake.ts');

    expect(() => consumer.run('npx', 'tsc', '--noEmit')).toThrow("Property 'kubernetes' does not exist");

    consumer.run('rm', 'mistake.ts');
  });

  test('synthesizes it with the same output on every machine', () => {
    output = consumer.synthesize();

    expect(Object.keys(containersOf(output)).length).toBe(4);
    expect(output).not.toContain(consumer.folder);
    expect(output).not.toContain(ROOT);
  });

  test('runs every fragment of code in the README and the guides', () => {
    const outputs = JSON.parse(consumer.run('node', 'out/fragments.js')) as object[];
    const containers = FRAGMENTS.map(({ text }, index) => ({ text, of: containersOf(JSON.stringify(outputs[index])) }));
    const withSecret = containers.find(({ text }) => text.includes("'alpaca_api_key'"))?.of;
    const withMigration = containers.find(({ text }) => text.includes('new DatabaseMigration'))?.of;

    expect(withSecret?.['desk-gateway']?.env).toContain('ALPACA_API_KEY_FILE=/run/secrets/alpaca_api_key');
    expect(withMigration?.['desk-reporter']?.depends_on).toContain('docker_container.desk-migrate');
    expect(outputs.length).toBeGreaterThan(15);
  });

  describe('with the command line of the guide', () => {
    let shown: string;

    beforeAll(() => {
      shown = consumer.run('npm', 'run', '--silent', 'synth');
    });

    test('shows what the stack consists of', () => {
      expect(shown).toMatch(/^desk on the docker engine$/m);
      expect(shown).toMatch(/^desk-grafana .* 127\.0\.0\.1:3000 -> 3000 +desk-prometheus +1 CPU, 512 MiB$/m);
    });

    test('gets the stack that the README describes, and its secrets', () => {
      const services = containersOf(consumer.read('cdktf.out/stacks/desk/cdk.tf.json'));
      const { 'desk-feature-api': features, 'desk-strategy-runner': runner } = services;

      expect(features?.env).toEqual([
        'DATABASE_URL_FILE=/run/secrets/db_url',
        'PORT=8000',
        'REDIS_URL_FILE=/run/secrets/redis_url',
      ]);
      expect(features?.depends_on).toEqual(['docker_container.desk-db', 'docker_container.desk-redis']);
      expect(runner?.env).toContain('FEATURE_API_URL=http://feature-api:8000');
      expect(runner?.depends_on).toEqual(['docker_container.desk-feature-api']);
      expect(existsSync(join(consumer.folder, '.secrets/desk/redis_password'))).toBe(true);
      // Docker could not be queried for data that requires an earlier one.
      expect(shown).toMatch(/^Will be generated by deploy, .*: \.secrets\/desk\/db_password, /m);
    });

    test('reports an engine that does not answer before anything is deployed', () => {
      expect(() => consumer.run('npm', 'run', '--silent', 'deploy', '--', 'desk', '--yes')).toThrow(
        'Docker does not answer at',
      );
    });
  });

  test('keeps a snapshot of it in its own tests', () => {
    const runTests = (...options: string[]) => consumer.run('npm', 'test', '--', 'desk.test.ts', ...options);

    runTests('--ci=false');
    expect(consumer.read('__snapshots__/desk.test.ts.snap')).toContain('desk-strategy-runner');
    runTests('--ci');
  });

  test('can require every public name, and nothing else', () => {
    expect((JSON.parse(consumer.run('node', 'required.cjs')) as string[]).sort()).toEqual(NAMES);
    expect(() => consumer.run('node', '-e', "require('cdktf-trading-stack/dist/platform/platform')")).toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });

  test('loads the command line only if it imports it', () => {
    const loaded = (name: string): string =>
      consumer.run('node', '-e', `require('${name}'); console.log(Object.keys(require.cache).join())`);

    expect(loaded('cdktf-trading-stack')).not.toMatch(/\/(command-line|commander)\//);
    expect(loaded('cdktf-trading-stack/command-line')).toMatch(/\/commander\//);
  });

  test('can import every public name as a module', () => {
    const [engine, stack, commandLine, ...names] = JSON.parse(consumer.run('node', 'imported.mjs')) as string[];

    expect([engine, stack, commandLine]).toEqual(['function', 'function', 'function']);
    expect(names).toEqual(expect.arrayContaining(NAMES));
  });

  test('can step from the types into the sources', () => {
    const installed = join(consumer.folder, 'node_modules/cdktf-trading-stack');
    const maps = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.d.ts.map'),
    );
    const missing = maps.filter((file) => {
      const { sources } = JSON.parse(readFileSync(join(installed, 'dist', file), 'utf8')) as { sources: string[] };
      return !sources.every((source) => existsSync(resolve(installed, 'dist', dirname(file), source)));
    });

    expect(missing).toEqual([]);
    expect(maps.length).toBeGreaterThan(50);
  });

  describe('after moving to CDK Terrain', () => {
    const moved = new Consumer();

    beforeAll(() => {
      const { dependencies, overrides } = movedManifest();
      moved.install(packageFile, dependencies, overrides);
    });

    afterAll(() => {
      moved.remove();
    });

    test('runs on it alone', () => {
      expect(JSON.parse(moved.read('node_modules/cdktf/package.json'))).toMatchObject({ name: 'cdktn' });
      expect(existsSync(join(moved.folder, 'node_modules/@cdktf/provider-docker/node_modules'))).toBe(false);
    });

    test('compiles and synthesizes the same', () => {
      expect(moved.run('npx', 'tsc')).toBe('');
      expect(withoutVersion(moved.synthesize())).toEqual(withoutVersion(output));
    });
  });
});

/** Paths that a packed document links to, without those of its code and to its own headings. */
function relativeLinksOf(document: string): string[] {
  const text = readFileSync(join(ROOT, posix.relative('package', document)), 'utf8');
  const prose = text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/gi)].map(([, target = '']) => target);
}

type Containers = Readonly<Record<string, { readonly env: string[]; readonly depends_on: string[] } | undefined>>;

function containersOf(output: string): Containers {
  const { resource } = JSON.parse(output) as { readonly resource?: { readonly docker_container?: Containers } };
  return resource?.docker_container ?? {};
}

/** The Terraform without the version of the tool that wrote it. */
function withoutVersion(output: string): unknown {
  const terraform = JSON.parse(output) as { '//': { metadata: Record<string, unknown> } };
  delete terraform['//'].metadata.version;
  return terraform;
}
