import { chmodSync, symlinkSync, utimesSync } from 'node:fs';
import { Image, type ImageBuildOptions } from '../../../lib';
import { hashBuildContext, listBuildContext } from '../../../lib/workload/images/build-context';
import { createStack } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

beforeEach(() => {
  project.write('bot/Dockerfile', 'FROM python:3.13-slim AS base\nFROM base AS api\n');
  project.write('bot/main.py', 'pass\n');
});

function hash(): string {
  return hashBuildContext(project.locate('bot'));
}

function files(): string[] {
  return listBuildContext(project.locate('bot'));
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
    expect(files()).toEqual(['config/keep.yaml', 'main.py']);
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
});
