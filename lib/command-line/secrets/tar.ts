/** Size of a header in bytes. */
export const BLOCK = 512;
const LONGEST_NAME = 100;

/** A regular file in a tar archive. */
export interface TarFile {
  readonly name: string;
  readonly content: Buffer;
}

/** An archive of world-readable, read-only files that belong to root. */
export function writeTar(files: readonly TarFile[]): Buffer {
  const entries = files.flatMap(({ name, content }) => {
    const bytes = Buffer.from(name);
    // Longer names are the content of an entry before the file, as GNU tar writes them.
    const long =
      bytes.length > LONGEST_NAME ? entry('././@LongLink', Buffer.concat([bytes, Buffer.alloc(1)]), 'L') : [];
    return [...long, ...entry(name, content, '0')];
  });
  return Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]);
}

function entry(name: string, content: Buffer, type: string): Buffer[] {
  const header = Buffer.alloc(BLOCK);
  header.write(Buffer.from(name).subarray(0, LONGEST_NAME).toString('latin1'), 0, 'latin1');
  header.write('0000444\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(type, 156);
  header.write('ustar\u000000', 257);
  // The checksum counts its own field as spaces.
  header.write(' '.repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, content, Buffer.alloc(paddingOf(content.length))];
}

/** The regular files of an archive, as Docker writes it. */
export function readTar(archive: Buffer): TarFile[] {
  const files: TarFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const size = parseInt(textIn(header, 124, 12), 8) || 0;
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'L') longName = textIn(content, 0, size);
    else if (type === 'x') longName = paxPath(content) ?? longName;
    else {
      const prefix = textIn(header, 345, 155);
      const name = longName ?? [prefix, textIn(header, 0, LONGEST_NAME)].filter((part) => part !== '').join('/');
      if (type === '0' || type === '\0') files.push({ name, content });
      longName = undefined;
    }
    at += BLOCK + size + paddingOf(size);
  }
  return files;
}

/** Whose a folder is, and what its mode allows. */
export interface Owned {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * The owner of the folder that an archive is of.
 * @param header its first block
 * @returns `undefined` for something else than a folder, and for numbers that the block cannot contain
 */
export function ownerIn(header: Buffer | undefined): Owned | undefined {
  if (header === undefined || header.length < BLOCK || String.fromCharCode(header[156] ?? 0) !== '5') return undefined;
  const numberAt = (start: number): number => parseInt(textIn(header, start, 8), 8);
  return { uid: numberAt(108), gid: numberAt(116), mode: numberAt(100) & 0o777 };
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function textIn(bytes: Buffer, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('utf8');
}

/** A record is its length, a space, and `key=value`. */
function paxPath(content: Buffer): string | undefined {
  return /(?:^|\n)\d+ path=(.*)\n/.exec(content.toString('utf8'))?.[1];
}
