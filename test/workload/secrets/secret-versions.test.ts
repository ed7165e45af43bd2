import { readFileSync, rmSync, statSync } from 'node:fs';
import { Image, Secret, type TradingStack, Workload, writeSecretFiles } from '../../../lib';
import { containerNamed, createStack, synthesizeStack } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

function read(name: string): string {
  return readFileSync(project.locate(`.secrets/desk/${name}`), 'utf8');
}

function modeOf(path: string): string {
  return (statSync(project.locate(path)).mode & 0o777).toString(8);
}

describe('the version of a secret', () => {
  const createGenerated = (): TradingStack =>
    createStack((desk) => {
      Secret.generated(desk, 'one');
      Secret.generated(desk, 'other');
    });

  function versionOf(name: string): string | undefined {
    const versions = JSON.parse(read('.versions.json')) as Record<string, { version: string } | undefined>;
    return versions[name]?.version;
  }

  test('is random and unrelated to the content', () => {
    writeSecretFiles(createGenerated());
    const before = versionOf('one');
    expect(before).toMatch(/^[0-9a-f]{12}$/);
    expect(versionOf('other')).not.toBe(before);

    const content = read('one');
    rmSync(project.locate('.secrets/desk/.versions.json'));
    writeSecretFiles(createGenerated());
    expect(read('one')).toBe(content);
    expect(versionOf('one')).not.toBe(before);
  });

  test('stays the same while the content does', () => {
    writeSecretFiles(createGenerated());
    const before = read('.versions.json');
    writeSecretFiles(createGenerated());
    expect(read('.versions.json')).toBe(before);
  });

  test('changes with the content, and only then', () => {
    writeSecretFiles(createGenerated());
    const [one, other] = [versionOf('one'), versionOf('other')];
    rmSync(project.locate('.secrets/desk/one'));
    project.write('.secrets/desk/one', 'another');
    writeSecretFiles(createGenerated());
    expect(versionOf('one')).not.toBe(one);
    expect(versionOf('other')).toBe(other);
  });

  test('changes with the last line break, which containers see too', () => {
    const create = () => createStack((desk) => Secret.provided(desk, 'one', { description: 'a key' }));
    project.write('.secrets/desk/one', 'key');
    writeSecretFiles(create());
    const before = versionOf('one');
    rmSync(project.locate('.secrets/desk/one'));
    project.write('.secrets/desk/one', 'key\n');
    writeSecretFiles(create());
    expect(versionOf('one')).not.toBe(before);
  });

  test('is kept for secrets that are not in the app', () => {
    writeSecretFiles(createGenerated());
    const one = versionOf('one');
    writeSecretFiles(createStack((desk) => Secret.generated(desk, 'third')));
    expect(versionOf('one')).toBe(one);
    expect(versionOf('third')).toBeDefined();
  });

  test('is in a file that other users of the host cannot read', () => {
    writeSecretFiles(createGenerated());
    expect(modeOf('.secrets/desk/.versions.json')).toBe('600');
  });

  test('exists for provided and derived secrets', () => {
    project.write('.secrets/desk/password', 's3cret');
    const stack = createStack((desk) => {
      const password = Secret.provided(desk, 'password', { description: 'a password' });
      Secret.derived(desk, 'url', { parts: { password }, compose: (part) => `redis://:${part.password}@db` });
    });
    writeSecretFiles(stack);
    expect([versionOf('password'), versionOf('url')]).toEqual([expect.any(String), expect.any(String)]);
  });

  test('is the only part of a secret in the output, apart from its path', () => {
    const terraform = synthesizeStack((stack) => {
      const secrets = { ONE: Secret.generated(stack, 'one'), OTHER: Secret.generated(stack, 'other') };
      new Workload(stack, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4'), secrets });
      writeSecretFiles(stack);
    });
    const { labels } = containerNamed(terraform, 'desk-bot');
    const versions = 'jsondecode(file(abspath("${path.root}/../../../.secrets/desk/.versions.json")))';
    expect(labels).toContainEqual({
      label: 'cdktf-trading-stack.secrets',
      value: `\${join(".", [try(${versions}["one"].version, ""), try(${versions}["other"].version, "")])}`,
    });
    expect(JSON.stringify(terraform)).not.toContain('sha256');
    expect(JSON.stringify(terraform)).not.toContain(versionOf('one'));
  });

  test('is not a label of a container without secrets', () => {
    const terraform = synthesizeStack((stack) => {
      new Workload(stack, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4') });
    });
    expect(JSON.stringify(terraform)).not.toContain('cdktf-trading-stack.secrets');
  });
});
