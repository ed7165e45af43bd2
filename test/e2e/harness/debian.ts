/** Root file systems of Debian's suites, made with `debootstrap` once per machine. */
import { copyFile, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from './run';

/** Bookworm has Docker 20.10, sid has 28.5. */
export type Suite = 'bookworm' | 'sid';

/** Kept after the tests, because each root takes half a minute. Delete the folder to get newer packages. */
const ROOTS = join(tmpdir(), 'trading-stack-roots');
const CA_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
/** Nothing that a package installs may start a service on this machine. */
const START_NO_SERVICES = '#!/bin/sh\nexit 101\n';
/** The mirror may be behind the date until which Debian calls its list of packages valid. */
const ACCEPT_OLD_LISTS = 'Acquire::Check-Valid-Until "false";\n';
const ENGINE_PACKAGES: Readonly<Record<Suite, readonly string[]>> = {
  bookworm: ['docker.io'],
  sid: ['docker.io', 'docker-cli'],
};
const SERVER_PACKAGES = ['iptables', 'iproute2', 'ca-certificates', 'openssh-server', 'curl'];

/** The bundle of certificates that this machine trusts. */
export function certificates(): string {
  return process.env['NODE_EXTRA_CA_CERTS'] ?? CA_BUNDLE;
}

/** A minimal root of the suite. */
export function debianRoot(suite: Suite): Promise<string> {
  return once(suite, async (root) => {
    await mustRun('debootstrap', ['--variant=minbase', suite, root]);
    await writeFile(join(root, 'usr/sbin/policy-rc.d'), START_NO_SERVICES, { mode: 0o755 });
    await writeFile(join(root, 'etc/apt/apt.conf.d/99-mirror'), ACCEPT_OLD_LISTS);
  });
}

/**
 * A root with the suite's Docker engine and an ssh server, and two accounts: `desk` may use the engine, `visitor` is an
 * ordinary user of the machine.
 */
export function serverRoot(suite: Suite): Promise<string> {
  return once(`${suite}-server`, async (root) => {
    await mustRun('cp', ['--archive', await debianRoot(suite), root]);
    const within = (...command: string[]): Promise<string> => mustRun('chroot', [root, ...command]);
    await copyFile('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
    await within('apt-get', 'update', '-q');
    const packages = [...ENGINE_PACKAGES[suite], ...SERVER_PACKAGES];
    const install = ['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages];
    await within('env', 'DEBIAN_FRONTEND=noninteractive', ...install);
    await within('apt-get', 'clean');
    // Where the network re-signs TLS, only this machine's bundle lets the engine reach a registry.
    await copyFile(certificates(), join(root, CA_BUNDLE));
    await within('useradd', '--create-home', '--groups', 'docker', '--password', '*', 'desk');
    await within('useradd', '--create-home', '--password', '*', 'visitor');
  });
}

/** Makes a root in a folder of another name, so that an interrupted run leaves none that is half made. */
async function once(name: string, make: (root: string) => Promise<void>): Promise<string> {
  const root = join(ROOTS, name);
  if (await exists(root)) return root;
  await mkdir(ROOTS, { recursive: true });
  const unfinished = await mkdtemp(join(ROOTS, `.${name}-`));
  try {
    await make(join(unfinished, 'root'));
    // Another run may have finished first.
    await rename(join(unfinished, 'root'), root).catch(async (error: unknown) => {
      if (!(await exists(root))) throw error;
    });
    return root;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
