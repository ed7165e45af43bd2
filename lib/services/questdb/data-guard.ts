/** The location of a server's data. */
export interface QuestDbData {
  /** Folder of the volume inside the container. */
  readonly folder: string;
  /** Folder for the libraries that the JVM unpacks at each start. */
  readonly libraries: string;
  /** Name of the volume, for messages. */
  readonly volume: string;
}

/**
 * What the container starts: a check of the volume, then the image's own entry point. Without the check, tables in a
 * folder where QuestDB does not read them, such as those of a volume that was mounted at `/var/lib/questdb/db`, would
 * silently get an empty database next to them.
 */
export function guardedEntrypoint(data: QuestDbData): string[] {
  return ['/bin/sh', '-c', guard(data), 'sh', '/docker-entrypoint.sh'];
}

/** A file in the folder of all tables. */
const MARKER = '_tab_index.d';

/**
 * Statements that move a folder's content into `db`, for a string in double quotes. The marker is last: without it, the
 * next start refuses the volume again.
 */
function moveTables(folder: string): string {
  const move = `[ ! -e \\"\\$f\\" ] || mv \\"\\$f\\" /data/db/ || exit 1`;
  return [
    `mkdir -p /data/db && cd \\"/data\${tables#${folder}}\\"`,
    `for f in * .[!.]*; do case \\"\\$f\\" in db|${MARKER}) ;; *) ${move};; esac; done`,
    `mv ${MARKER} /data/db/`,
  ].join(' && ');
}

function guard({ folder, libraries, volume }: QuestDbData): string {
  const fromOutside = `docker run --rm --volume ${volume}:/data alpine`;
  return [
    `for path in ${folder} ${folder}/db ${folder}/db/${MARKER}; do`,
    '  [ ! -e "$path" ] || [ -w "$path" ] || {',
    `    echo "QuestDB runs as user id $(id -u) and cannot write to $path, which belongs to user id $(stat -c %u "$path"): set runAs to the owner, or change it with ${fromOutside} chown -R $(id -u):$(id -g) /data" >&2; exit 1; }`,
    'done',
    `if [ ! -e ${folder}/db/${MARKER} ]; then`,
    `  other=$(find ${folder} -maxdepth 3 -name ${MARKER} | head -n 1)`,
    '  [ -z "$other" ] || {',
    `    tables=$(dirname "$other"); echo "the volume ${volume} has tables in $tables, and this would create an empty database in ${folder}/db: move them with ${fromOutside} sh -c '${moveTables(folder)} && chown -R $(id -u):$(id -g) /data/db'" >&2; exit 1; }`,
    'fi',
    // A server that was killed leaves its libraries behind.
    `mkdir -p ${libraries} && rm -f ${libraries}/lib*.so`,
    'exec "$@"',
  ].join('\n');
}
