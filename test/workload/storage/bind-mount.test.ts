import { execFileSync } from 'node:child_process';
import fs, { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { BindMount, Engine, Image, Placement, Workload } from '../../../lib';
import { containerNamed, createStack, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

function containerWith(mount: BindMount): TerraformBlock {
  const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
  const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image, bindMounts: [mount] }));
  return containerNamed(terraform, 'desk-bot');
}

function createWorkload(mount: BindMount): Workload {
  return new Workload(createStack(), 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4'), bindMounts: [mount] });
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
])('a bind mount starts at the folder of the project, wherever Terraform runs', (mount, readOnly) => {
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

test('a change outside of the mounted folder does not replace the container', () => {
  const change = (): void => {
    project.write('notes.md', 'x\n');
  };
  expect(isReplaced(BindMount.readOnly('config', '/app/config'), change)).toBe(false);
});

test.each([
  ['restartOnChange is false', BindMount.readOnly('config', '/app/config', { restartOnChange: false })],
  ['the mount is writable', BindMount.writable('config', '/app/config')],
])('a change does not replace the container if %s', (_what, mount) => {
  const change = (): void => {
    project.write('config/bot.yaml', 'risk: 2\n');
  };
  expect(isReplaced(mount, change)).toBe(false);
});

describe('sources without content of their own', () => {
  const mounted = (mount: BindMount) => createWorkload(mount).spec.bindMounts[0]?.contentHash;

  test('a socket is mounted, and its content does not count', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(project.locate('docker.sock'), resolve));
    try {
      expect(mounted(BindMount.readOnly('docker.sock', '/var/run/docker.sock'))).toBeNull();
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('a named pipe is mounted, and the rest of its folder counts', () => {
    execFileSync('mkfifo', [project.locate('config/orders')]);
    expect(mounted(BindMount.readOnly('config/orders', '/orders'))).toBeNull();
    expect(mounted(BindMount.readOnly('config', '/config'))).toMatch(/^[0-9a-f]+$/);
  });

  test.each(['/dev/null', '/dev', '/'])('%s is mounted, and its content does not count', (source) => {
    expect(mounted(BindMount.readOnly(source, '/host'))).toBeNull();
  });

  (process.platform === 'linux' ? test : test.skip).each(['/dev/zero', '/proc', '/proc/self/status', '/sys'])(
    '%s of Linux is mounted, and its content does not count',
    (source) => {
      expect(mounted(BindMount.readOnly(source, '/host'))).toBeNull();
    },
  );

  (existsSync('/dev/shm') ? test : test.skip)('the files of a project in /dev/shm count', () => {
    const before = process.cwd();
    const drive = mkdtempSync('/dev/shm/project-');
    try {
      process.chdir(drive);
      writeFileSync('bot.yaml', 'risk: 1\n');
      expect(mounted(BindMount.readOnly('bot.yaml', '/bot.yaml'))).toMatch(/^[0-9a-f]+$/);
    } finally {
      process.chdir(before);
      rmSync(drive, { recursive: true });
    }
  });

  test('a link to /dev is mounted, and its content does not count', () => {
    symlinkSync('/dev', project.locate('config/devices'));
    expect(mounted(BindMount.readOnly('config/devices', '/devices'))).toBeNull();
  });
});

test('an unreadable file is refused unless restartOnChange is false', () => {
  const file = project.locate('config/key.pem');
  project.write('config/key.pem', 'x');
  // Some tests run as root, which can read every file.
  const read = jest.spyOn(fs, 'readFileSync').mockImplementation((path) => {
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path });
  });
  const create = (options = {}) => createWorkload(BindMount.readOnly('config/key.pem', '/app/key.pem', options));
  try {
    expect(() => create()).toThrowCode(
      'path-unreadable',
      `desk/bot: ${file} of the mount 'config/key.pem' cannot be read (EACCES)`,
      "BindMount.readOnly('config/key.pem', '/app/key.pem', { restartOnChange: false })",
    );
    expect(() => create({ restartOnChange: false })).not.toThrow();
  } finally {
    read.mockRestore();
  }
});

test.each([BindMount.readOnly('confg', '/a'), BindMount.writable('confg', '/a')])(
  'a source that does not exist is refused, where Docker would create an empty folder',
  (mount) => {
    expect(() => containerWith(mount)).toThrowCode('path-missing', 'desk/bot: ', "'confg'", project.locate('confg'));
  },
);

test.each([() => BindMount.readOnly('', '/a'), () => BindMount.writable('', '/a')])(
  'an empty source is refused',
  (create) => {
    expect(create).toThrowCode('invalid-path', 'BindMount: ');
  },
);

test('an option of a bind mount that does not exist is refused', () => {
  const options = { restartOnChang: false } as never;
  expect(() => BindMount.readOnly('config', '/a', options)).toThrowCode('unknown-option', "'restartOnChange'");
});

test('a folder that is missing on the host is created by Docker, and this machine does not look for it', () => {
  const container = containerWith(BindMount.writable('/srv/no-such-folder', '/data', { ifMissing: 'create' }));
  expect(container.volumes).toEqual([{ host_path: '/srv/no-such-folder', container_path: '/data', read_only: false }]);
  expect(container.mounts).toBeUndefined();
});

test.each([
  [BindMount.writable('/srv/no-such-folder', '/data', { ifMissing: 'fail' }), false],
  [BindMount.readOnly('/srv/no-such-folder', '/data', { ifMissing: 'fail' }), true],
])(
  'Docker refuses the container if a path of the host is missing that this machine did not look for',
  (mount, readOnly) => {
    expect(containerWith(mount).mounts).toEqual([
      { type: 'bind', source: '/srv/no-such-folder', target: '/data', read_only: readOnly },
    ]);
  },
);

test.each(['/var/run/docker.sock', '/run/user/1000/docker.sock', '/proc/no-such', '/sys/no-such', '/dev/no-such'])(
  '%s need not exist on the machine that synthesizes, and Docker does not create it',
  (source) => {
    expect(containerWith(BindMount.readOnly(source, '/it')).mounts).toEqual([
      { type: 'bind', source, target: '/it', read_only: true },
    ]);
  },
);

test('a missing absolute path is refused with the option for a path that only the host of the engine has', () => {
  expect(() => createWorkload(BindMount.readOnly('/srv/no-such-folder', '/a'))).toThrowCode(
    'path-missing',
    "the mounted file or folder '/srv/no-such-folder' does not exist. Create it, or set ifMissing: 'fail' if",
  );
});

test.each([
  ['./data', 'data'],
  ['.cache', 'data'],
])(
  'a missing folder %s that a program writes to is refused with what needs no folder of the project',
  (source, name) => {
    expect(() => createWorkload(BindMount.writable(source, '/app/data'))).toThrowCode(
      'path-missing',
      `does not exist at ${project.locate(source)}`,
      `volumes: [Volume.retained('${name}').mountAt('/app/data')], or`,
      `BindMount.writable('/srv/desk/${name}', '/app/data', { ifMissing: 'create' })`,
    );
  },
);

test('a missing folder is refused on a Swarm with a volume only, as a Swarm creates no folders', () => {
  const bindMounts = [BindMount.writable('./data', '/app/data')];
  const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
  const deploy = () =>
    createStack((stack) => new Workload(stack, 'bot', { image, bindMounts }), { engine: Engine.swarm() });
  expect(deploy).toThrowCode('path-missing', "Volume.retained('data').mountAt('/app/data')]. [path-missing]");
});

test('a missing file is refused with the folder that its path starts from', () => {
  expect(() => createWorkload(BindMount.writable('state.db', '/app/state.db'))).toThrowCode(
    'path-missing',
    'set its path relative to',
  );
});

test('a missing absolute path that a program writes to is refused with both ways to treat it', () => {
  expect(() => createWorkload(BindMount.writable('/srv/no-such-folder', '/a'))).toThrowCode(
    'path-missing',
    "set ifMissing: 'create' if Docker should create the folder, or 'fail' if only the engine's host has it",
  );
});

test('a folder of a remote engine is created there', () => {
  const mount = BindMount.writable('/srv/no-such-folder', '/data', { ifMissing: 'create' });
  const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
  const engine = Engine.docker({ host: 'ssh://desk@trading-1' });
  const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image, bindMounts: [mount] }), { engine });
  expect(containerNamed(terraform, 'desk-bot').volumes).toMatchObject([{ host_path: '/srv/no-such-folder' }]);
});

test('a path that this machine does not look for has to be absolute, and a Swarm creates none', () => {
  expect(() => createWorkload(BindMount.writable('data', '/data', { ifMissing: 'create' }))).toThrowCode(
    'invalid-path',
    "'data'",
  );
  const onSwarm = (): unknown => {
    const bindMounts = [BindMount.writable('/srv/data', '/data', { ifMissing: 'create' })];
    const placement = [Placement.node('desk-1')];
    const stack = createStack(() => undefined, { engine: Engine.swarm() });
    return new Workload(stack, 'bot', { image: Image.fromRegistry('bot:1'), bindMounts, placement });
  };
  expect(onSwarm).toThrowCode('unsupported-by-engine', '/data');
});

test.each(['.secrets', '.secrets/desk/api_key', 'terraform.desk.tfstate', '.'])(
  '%s of the project is not mounted even if this machine does not look for it',
  (path) => {
    const source = project.locate(path);
    const mount = BindMount.readOnly(source, '/x', { ifMissing: 'fail' });
    expect(() => createWorkload(mount)).toThrowCode('private-file-exposed', 'desk/bot', `'${source}'`);
  },
);

test('rejects a restart on changes that this machine would not notice', () => {
  const options = { ifMissing: 'fail', restartOnChange: true } as const;
  expect(() => BindMount.readOnly('/srv/models', '/models', options)).toThrowCode('option-conflict', 'restartOnChange');
  expect(() => BindMount.readOnly('/srv/models', '/models', { ...options, restartOnChange: false })).not.toThrow();
});

test('rejects an unknown way to treat a missing path', () => {
  expect(() => BindMount.writable('/srv', '/data', { ifMissing: 'ignore' as 'fail' })).toThrowCode(
    'invalid-value',
    'ignore',
  );
});
