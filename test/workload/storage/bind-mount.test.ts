import { BindMount, Image, Workload } from '../../../lib';
import { containerNamed, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

function containerWith(mount: BindMount): TerraformBlock {
  const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
  const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image, bindMounts: [mount] }));
  return containerNamed(terraform, 'desk-bot');
}

/** Whether a container with the mount is replaced when the change is made. */
function isReplaced(mount: BindMount, change: () => void): boolean {
  const before = containerWith(mount).labels;
  change();
  return JSON.stringify(containerWith(mount).labels) !== JSON.stringify(before);
}

beforeEach(() => {
  project.write('config/bot.yaml', 'risk: 1\n');
});

test.each([
  [BindMount.readOnly('config', '/app/config'), true],
  [BindMount.writable('config', '/app/config'), false],
])('a folder is mounted from where the project is when Terraform runs', (mount, readOnly) => {
  expect(containerWith(mount).volumes).toEqual([
    { host_path: '${abspath("${path.root}/../../../config")}', container_path: '/app/config', read_only: readOnly },
  ]);
});

test.each([
  ['a folder', 'config', 'config/bot.yaml'],
  ['a file', 'config/bot.yaml', 'config/bot.yaml'],
  ['a file deep in a folder', 'config', 'config/deep/bot.yaml'],
])('a change of %s that the program reads replaces the container', (_what, source, changed) => {
  const change = (): void => {
    project.write(changed, 'risk: 2\n');
  };
  expect(isReplaced(BindMount.readOnly(source, '/app/config'), change)).toBe(true);
});

test('a change of a file that an image build would ignore replaces the container', () => {
  project.write('config/.dockerignore', '*.yaml\n');
  const change = (): void => {
    project.write('config/bot.yaml', 'risk: 2\n');
  };
  expect(isReplaced(BindMount.readOnly('config', '/app/config'), change)).toBe(true);
});

test('a change beside what is mounted replaces nothing', () => {
  const change = (): void => {
    project.write('notes.md', 'x\n');
  };
  expect(isReplaced(BindMount.readOnly('config', '/app/config'), change)).toBe(false);
});

test.each([
  ['a program that looks for changes itself', BindMount.readOnly('config', '/app/config', { restartOnChange: false })],
  ['a program that writes', BindMount.writable('config', '/app/config')],
])('a change is left to %s', (_what, mount) => {
  const change = (): void => {
    project.write('config/bot.yaml', 'risk: 2\n');
  };
  expect(isReplaced(mount, change)).toBe(false);
});

test.each([BindMount.readOnly('confg', '/a'), BindMount.writable('confg', '/a')])(
  'a source that is not there is refused: Docker would make an empty folder',
  (mount) => {
    expect(() => containerWith(mount)).toThrow(
      `desk/bot: the mounted file or folder 'confg' is not there: looked for ${project.locate('confg')}. ` +
        `Create it, or give its path from ${project.locate('')}, the folder that the app runs in.`,
    );
  },
);
