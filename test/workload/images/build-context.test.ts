import fs, { chmodSync, symlinkSync, utimesSync } from 'node:fs';
import { Image, type ImageBuildOptions, Workload } from '../../../lib';
import { hashFiles, listBuildContext } from '../../../lib/workload/images/build-context';
import { warningsUnder } from '../../../lib/platform/warnings';
import { IgnoreRules } from '../../../lib/workload/images/dockerignore/ignore-rules';
import { createStack } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

beforeEach(() => {
  project.write('bot/Dockerfile', 'FROM python:3.13-slim AS base\nFROM base AS api\n');
  project.write('bot/main.py', 'pass\n');
});

function hash(): string {
  return hashFiles(project.locate('bot'), files());
}

function files(dockerfile = 'Dockerfile'): string[] {
  const folder = project.locate('bot');
  return listBuildContext(folder, IgnoreRules.ofFolder(folder, dockerfile, 'desk/bot'));
}

/** The files that are sent, without those that always are. */
function sent(rules: string, ...paths: string[]): string[] {
  for (const path of paths) project.write(`bot/${path}`, '');
  project.write('bot/.dockerignore', rules);
  return files().filter((path) => paths.includes(path));
}

describe('changes that change the hash of a build', () => {
  test.each([
    [
      'the content of a file',
      () => {
        project.write('bot/main.py', 'exit()\n');
      },
    ],
    [
      'a new file, though it is empty',
      () => {
        project.write('bot/sub/__init__.py', '');
      },
    ],
    [
      'the executable bit',
      () => {
        chmodSync(project.locate('bot/main.py'), 0o755);
      },
    ],
    [
      'a link',
      () => {
        symlinkSync('main.py', project.locate('bot/link.py'));
      },
    ],
    [
      'a rule that hides a file',
      () => {
        project.write('bot/.dockerignore', 'main.py\n');
      },
    ],
  ])('the hash of a build changes with %s', (_what, change) => {
    const before = hash();
    change();
    expect(hash()).not.toBe(before);
  });

  test.each<[string, ImageBuildOptions]>([
    ['the stage', { target: 'base' }],
    ['an argument', { buildArgs: { VERSION: '2' } }],
    ['the platform', { platform: 'linux/arm64' }],
    ['the Dockerfile', { dockerfile: '../other.Dockerfile' }],
  ])('the name of a build changes with %s', (_what, options) => {
    project.write('other.Dockerfile', 'FROM python:3.13-alpine\n');
    const name = (build: ImageBuildOptions) =>
      Image.fromBuild('bot', build).bind(createStack().platform, 'desk/bot').name;
    expect(name(options)).not.toBe(name({}));
  });

  test('the name of a build changes with a Dockerfile outside of the folder', () => {
    const name = (content: string): string => {
      project.write('other.Dockerfile', content);
      return Image.fromBuild('bot', { dockerfile: '../other.Dockerfile' }).bind(createStack().platform, 'desk/bot')
        .name;
    };
    expect(name('FROM python:3.13-slim\n')).not.toBe(name('FROM python:3.14-slim\n'));
  });
});

describe('changes that do not change the hash of a build', () => {
  test.each([
    [
      'another modification time',
      () => {
        utimesSync(project.locate('bot/main.py'), 1, 1);
      },
    ],
    [
      'other read and write permissions',
      () => {
        chmodSync(project.locate('bot/main.py'), 0o600);
      },
    ],
    [
      'a file that is ignored',
      () => {
        project.write('bot/logs/today.log', 'line\n');
      },
    ],
    [
      'a file outside of the folder',
      () => {
        project.write('notes.md', 'x\n');
      },
    ],
  ])('the hash of a build does not change with %s', (_what, change) => {
    project.write('bot/.dockerignore', 'logs\n');
    const before = hash();
    change();
    expect(hash()).toBe(before);
  });
});

describe('the build context', () => {
  test('the build context has every file, sorted', () => {
    project.write('bot/a/b.txt', '');
    project.write('bot/Z.txt', '');
    expect(files()).toEqual(['Dockerfile', 'Z.txt', 'a/b.txt', 'main.py']);
  });

  test('the build context has no file that .dockerignore excludes', () => {
    project.write('bot/.dockerignore', '# rules\n**/*.log\nnode_modules\n/secret.txt\n');
    for (const path of ['deep/x.log', 'node_modules/a/b.js', 'secret.txt', 'deep/secret.txt'])
      project.write(`bot/${path}`, '');
    expect(files()).toEqual(['.dockerignore', 'Dockerfile', 'deep/secret.txt', 'main.py']);
  });

  test('an exception in .dockerignore includes a file, even of an excluded folder', () => {
    project.write('bot/.dockerignore', '*\n!main.py\n!config/keep.yaml\n');
    project.write('bot/config/keep.yaml', '');
    project.write('bot/config/drop.yaml', '');
    expect(files()).toEqual(['.dockerignore', 'Dockerfile', 'config/keep.yaml', 'main.py']);
  });

  test('the last rule of .dockerignore that matches a file counts', () => {
    project.write('bot/.dockerignore', '!main.py\nmain.py\n');
    expect(files()).not.toContain('main.py');
  });

  test('the build context has a link itself, not its target', () => {
    symlinkSync('/nowhere', project.locate('bot/broken'));
    expect(files()).toContain('broken');
    expect(hash()).toMatch(/^[0-9a-f]{64}$/);
  });

  test('the build context has the Dockerfile and .dockerignore, even if all files are excluded', () => {
    project.write('bot/docker/Dockerfile', 'FROM scratch\n');
    project.write('bot/.dockerignore', '*\n');
    expect(files()).toEqual(['.dockerignore', 'Dockerfile']);
    expect(files('docker/Dockerfile')).toEqual(['.dockerignore', 'docker/Dockerfile']);
  });
});

// The paths that remain were listed by the packages of the provider: `npm run compare:dockerignore` does it for random rules.
describe('rules as Docker reads them', () => {
  test.each<[rules: string, paths: string[], sent: string[]]>([
    // A library that this one used before, and gitignore, read these in another way.
    ['*\n!**.py\n', ['main.py', 'a.txt'], ['main.py']],
    ['app/(admin)\n', ['app/(admin)/page.tsx', 'app/admin/page.tsx'], ['app/admin/page.tsx']],
    ['vendor/c++\n', ['vendor/c++/a.h', 'vendor/c/a.h'], ['vendor/c/a.h']],
    ['a|main.py\n', ['a', 'a|main.py', 'src/a'], ['a', 'src/a']],
    ['^a\n', ['a', '^a'], ['a']],
    ['a{2}\n', ['aa', 'a{2}'], ['aa']],
    // With a wildcard, Docker makes a regular expression of the rule and does not escape | and braces.
    ['*.log|*.tmp\n', ['a.log', 'a.logic', 'b.tmp', 'b.tmpl'], ['b.tmpl']],
    ['a{2}*\n', ['aab', 'ab', 'a{2}'], ['ab', 'a{2}']],
    ['*.{js,ts}\n', ['a.js', 'a.{js,ts}'], ['a.js']],
    ['[a-c]?\n', ['ax', 'dx', 'a'], ['a', 'dx']],
    ['[^a]x\n', ['ax', 'bx'], ['ax']],
    ['[!a]x\n', ['ax', 'bx', '!x'], ['bx']],
    ['\\d*\n', ['1.txt', 'd.txt'], ['d.txt']],
    ['\\*.py\n', ['*.py', 'a.py'], ['a.py']],
    // Exceptions that start with a wildcard do not bring back files of a folder that is left out.
    ['**\n!**/*.py\n', ['main.py', 'src/app.py'], ['main.py']],
    ['src\n!src/*.py\n', ['src/app.py', 'src/a.txt'], ['src/app.py']],
    ['*\n!src\n', ['src/app.py', 'lib/app.py'], ['src/app.py']],
    ['*\n!src/\nsrc/secret\n', ['src/app.py', 'src/secret/key'], ['src/app.py']],
    // Comments are lines that start with #, and white space around a rule does not count.
    ['# a\n #b\n\ta \n', ['# a', '#b', 'a'], ['# a']],
    ['\ufeffa\r\n! b\r\n', ['a', 'b'], ['b']],
    ['/a\n./b/\nc/../d\n', ['a', 'b/x', 'c/x', 'd'], ['c/x']],
    ['.\n..\n/\n', ['a'], ['a']],
    ['a/**\n', ['a/b/c', 'ab'], ['ab']],
    ['a**\n', ['a/b', 'ab', 'b'], ['b']],
    ['**/b\n', ['b', 'a/b', 'ab'], ['ab']],
    ['a/**/d\n', ['a/d', 'a/b/c/d', 'a/bd'], ['a/bd']],
    ['?\n', ['é', 'ab'], ['ab']],
  ])('with the rules %j, of %j only %j is sent', (rules, paths, expected) => {
    expect(sent(rules, ...paths)).toEqual(expected);
  });

  test.each([
    ['[a', "']' is missing", '\\['],
    ['a[z-a]b', 'reversed', '\\['],
    ['a\\', "'\\'", 'Write /'],
    ['src\\output', "'\\o'", 'Write /'],
    ['src\\public*', "'\\p'", 'Write /'],
    ['!', 'no pattern after the !', 'Remove the line'],
    ['!/', 'no pattern after the !', 'Remove the line'],
    ['[[:letter:]]', "'[:letter:]'", '\\['],
    ['*{2}', "'{2}'", '\\{'],
  ])('the rule %j, on which the builder fails, is refused with its line', (rule, problem, fix) => {
    project.write('bot/.dockerignore', `# rules\n${rule}\n`);
    const file = project.locate('bot/.dockerignore');
    expect(() => files()).toThrowCode('build-folder-invalid', `desk/bot: `, `${file}:2`, problem, fix);
  });

  test('a .dockerignore that is a folder is refused', () => {
    project.write('bot/.dockerignore/rules', 'a\n');
    expect(() => files()).toThrowCode('build-folder-invalid', project.locate('bot/.dockerignore'), 'EISDIR');
  });

  test('a Dockerfile that the builder would not get is refused with the line that sends it', () => {
    const build = (): unknown =>
      Image.fromBuild('bot', { dockerfile: 'docker/Dockerfile' }).bind(createStack().platform, 'desk/bot');
    project.write('bot/docker/Dockerfile', 'FROM scratch\n');
    project.write('bot/.dockerignore', '**/docker\n');
    expect(build).toThrowCode('build-folder-invalid', "'!docker/Dockerfile'");
    project.write('bot/.dockerignore', '**/docker\n!docker/Dockerfile\n');
    expect(build).not.toThrow();
  });
});

test('rules next to the Dockerfile, which the builder does not read, are a warning', () => {
  const warnings = (): string[] => {
    const stack = createStack();
    const image = Image.fromBuild('bot');
    for (const id of ['bot', 'other']) new Workload(stack, id, { image });
    return warningsUnder(stack).map(({ code, path, about }) => `${code} ${path}: ${about}`);
  };
  project.write('bot/.dockerignore', '*.key\n');
  project.write('bot/Dockerfile.dockerignore', '*.key\n');
  expect(warnings()).toEqual([]);
  project.write('bot/Dockerfile.dockerignore', '*.pem\n');
  expect(warnings()).toEqual([
    `ignore-file-unread desk: ${project.locate('bot/Dockerfile.dockerignore')}; the builder reads ${project.locate('bot/.dockerignore')}`,
  ]);
});

test('a file of the build folder that cannot be read is refused, as the builder would leave it out', () => {
  // Some tests run as root, which can read every file.
  const read = jest.spyOn(fs, 'readdirSync').mockImplementation((path) => {
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path });
  });
  try {
    expect(() => Image.fromBuild('bot').bind(createStack().platform, 'desk/bot')).toThrowCode(
      'path-unreadable',
      `desk/bot: ${project.locate('bot')}`,
      "the build folder 'bot' cannot be read (EACCES)",
      project.locate('bot/.dockerignore'),
    );
  } finally {
    read.mockRestore();
  }
});
