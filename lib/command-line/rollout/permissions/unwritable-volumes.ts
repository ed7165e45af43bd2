import { type DockerApi, DockerApiError } from '../../engine/docker-api';
import { DockerWrites } from '../../engine/docker-writes';
import type { ContainerDetails } from '../../engine/responses';
import { restartCommand, type WorkloadState } from '../../engine/workload-state';
import { type Owned, ownerIn, readTar } from '../../secrets/tar';

/** A volume that the user of a container cannot write to. */
export interface UnwritableVolume {
  readonly service: string;
  readonly volume: string;
  /** Where it is mounted. */
  readonly path: string;
  /** Owner of the mounted folder: `0:0`. */
  readonly owner: string;
  /** The user of the container's process: `1000:1000`, or `1000` if its group is not known. */
  readonly user: string;
  /** What is wrong, and how to fix it. */
  readonly message: string;
}

/** The user and the groups of the process of a container. */
interface ProcessUser {
  readonly uid: number;
  /** `undefined` if it is not known. */
  readonly gid: number | undefined;
  /** `undefined` if the image cannot tell. */
  readonly groups: readonly number[] | undefined;
}

const WRITE_AND_ENTER = 0o3;

/**
 * The volumes that a workload mounts and cannot write to, as far as the mode of the mounted folder says so: a new volume
 * belongs to root unless the image has a folder at that path. A container of root is not checked, because its program may
 * switch to another user.
 */
export async function findUnwritableVolumes(
  states: readonly WorkloadState[],
  docker: DockerApi,
): Promise<UnwritableVolume[]> {
  const writes = new DockerWrites(docker);
  return (await Promise.all(states.map((state) => unwritableOf(state, writes)))).flat();
}

async function unwritableOf(state: WorkloadState, docker: DockerWrites): Promise<UnwritableVolume[]> {
  const { container, workload } = state;
  const paths = workload.spec.volumes.filter(({ readOnly }) => !readOnly).map(({ path }) => path);
  if (container === null || paths.length === 0) return [];
  try {
    const details = await docker.api.inspect(container);
    const files = new UserFiles(container, docker);
    const user = details && (await userOf(details, files));
    if (user === undefined) return [];
    const mounts = details?.Mounts.filter(({ Type, Destination }) => Type === 'volume' && paths.includes(Destination));
    const found = await Promise.all(
      (mounts ?? []).map(async ({ Name = '', Destination }) => {
        const owner = ownerIn(await docker.firstBlock(container, Destination));
        return owner === undefined || mayWrite(user, owner)
          ? []
          : [describe(state, user, owner, { volume: Name, path: Destination }, docker)];
      }),
    );
    return found.flat();
  } catch (error) {
    // Everything was applied, and whatever else asks the engine reports that it does not answer.
    if (error instanceof DockerApiError) return [];
    throw error;
  }
}

/** `undefined` for root, and for a user that the image does not have. */
async function userOf({ Config, HostConfig }: ContainerDetails, files: UserFiles): Promise<ProcessUser | undefined> {
  const [name = '', group = ''] = Config.User.split(':');
  if (['', '0', 'root'].includes(name)) return undefined;
  const account = isNumber(name) && isNumber(group) ? undefined : await files.account(name);
  const uid = isNumber(name) ? Number(name) : account?.uid;
  if (uid === undefined || uid === 0) return undefined;
  const gid = group === '' ? (account?.gid ?? (isNumber(name) ? 0 : undefined)) : await files.groupId(group);
  const own = group === '' && account !== undefined ? await files.groupsOf(account.name) : [];
  const added = await Promise.all((HostConfig.GroupAdd ?? []).map((one) => files.groupId(one)));
  const groups = [gid, ...own, ...added];
  return { uid, gid, groups: groups.every((one) => one !== undefined) ? groups : undefined };
}

/** Only one of the three parts of a mode counts. */
function mayWrite({ uid, groups }: ProcessUser, owner: Owned): boolean {
  const allows = (bits: number): boolean => (bits & WRITE_AND_ENTER) === WRITE_AND_ENTER;
  if (uid === owner.uid) return allows(owner.mode >> 6);
  if (allows(owner.mode)) return true;
  return allows(owner.mode >> 3) && (groups === undefined || groups.includes(owner.gid));
}

function describe(
  { workload, status }: WorkloadState,
  { uid, gid }: ProcessUser,
  owner: Owned,
  { volume, path }: Pick<UnwritableVolume, 'volume' | 'path'>,
  { api: { address } }: DockerWrites,
): UnwritableVolume {
  const { name, image } = workload.spec;
  const user = gid === undefined ? String(uid) : `${uid}:${gid}`;
  const mode = owner.mode.toString(8);
  const restart = status === 'running' ? ` && ${restartCommand(workload, address)}` : '';
  return {
    service: name,
    volume,
    path,
    owner: `${owner.uid}:${owner.gid}`,
    user,
    message:
      `${name} runs as ${user} and cannot write to ${path}: the volume ${volume} belongs to ${owner.uid}:${owner.gid}, ` +
      `mode ${mode}. Give it to that user: ${address.command} run --rm --user 0 --entrypoint chown --volume ` +
      `${volume}:/data ${image.name} -R ${user} /data${restart}\n` +
      `  For new volumes, create the folder in the Dockerfile: ${createFolder(path, user)}`,
  };
}

/** A line of a Dockerfile: a new volume gets the owner of the folder that the image has at its path. */
export function createFolder(path: string, user: string): string {
  return `RUN mkdir -p ${path} && chown ${user} ${path}`;
}

interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The users and groups of a container, which are only read if a number is not known without them. */
class UserFiles {
  private readonly read = new Map<string, Promise<string[][]>>();

  constructor(
    private readonly container: string,
    private readonly docker: DockerWrites,
  ) {}

  /** @param user name or number */
  async account(user: string): Promise<Account | undefined> {
    const row = (await this.rows('/etc/passwd')).find(([name, , uid]) => name === user || uid === user);
    if (row === undefined) return undefined;
    const [name = '', , uid = '', gid = ''] = row;
    return { name, uid: Number(uid), gid: Number(gid) };
  }

  /** @param group name or number */
  async groupId(group: string): Promise<number | undefined> {
    if (isNumber(group)) return Number(group);
    const row = (await this.rows('/etc/group')).find(([name]) => name === group);
    return row === undefined ? undefined : Number(row[2]);
  }

  async groupsOf(user: string): Promise<number[]> {
    const rows = await this.rows('/etc/group');
    return rows.filter(([, , , members = '']) => members.split(',').includes(user)).map(([, , gid]) => Number(gid));
  }

  private rows(file: string): Promise<string[][]> {
    const rows = this.read.get(file) ?? this.readRows(file);
    this.read.set(file, rows);
    return rows;
  }

  private async readRows(file: string): Promise<string[][]> {
    const archive = await this.docker.getArchive(this.container, file);
    const [content] = archive === undefined ? [] : readTar(archive);
    const lines = content?.content.toString('utf8').split('\n') ?? [];
    return lines.map((line) => line.split(':'));
  }
}

function isNumber(value: string): boolean {
  return /^\d+$/.test(value);
}
