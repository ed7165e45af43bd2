import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const CORRECTIONS = 'conformance/corrections.md';

const DOCUMENTS = [
  'README.md',
  // docs/reference is generated, and not in the repository.
  ...filesBelow('docs', /^(?!.*docs\/reference).*\.md$/),
  ...filesBelow('conformance', /\.md$/),
  ...filesBelow('examples', /(^|\/)README\.md$/),
];
const READMES = DOCUMENTS.filter((file) => file.startsWith('examples/'));
/** Files that refer to corrections by their ids. */
const CITING = filesBelow('conformance', /\.(ts|md)$/);

function filesBelow(folder: string, name: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(path, name);
    return name.test(path) ? [path] : [];
  });
}

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** A document without its code, where brackets are not links. */
function proseOf(file: string): string {
  return textOf(file)
    .replace(/^```.*?^```$/gms, '')
    .replace(/`[^`\n]*`/g, '');
}

interface Link {
  readonly file: string;
  readonly text: string;
  readonly target: string;
}

function linksOf(file: string): Link[] {
  return [...proseOf(file).matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, text = '', target = '']) => ({
    file,
    text,
    target,
  }));
}

const RELATIVE = DOCUMENTS.flatMap(linksOf).filter(({ target }) => !/^[a-z]+:/i.test(target));

/** The file that a link leads to, and the heading in it. */
function placeOf({ file, target }: Link): { readonly file: string; readonly anchor: string | undefined } {
  const [path = '', anchor] = target.split('#');
  return { file: path === '' ? file : posix.join(dirname(file), path), anchor };
}

/** The anchors that GitHub generates for the headings of a file. */
function anchorsOf(file: string): string[] {
  const withoutCode = textOf(file).replace(/^```.*?^```$/gms, '');
  return [...withoutCode.matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) =>
    heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replace(/ /g, '-'),
  );
}

function idsIn(text: string): string[] {
  return text.match(/\bB-\d+\b/g) ?? [];
}

function show({ file, target }: Link): string {
  return `${file}: ${target}`;
}

describe('links in the documentation', () => {
  test('every relative link leads to a file that exists', () => {
    expect(RELATIVE.filter((link) => !existsSync(join(ROOT, placeOf(link).file))).map(show)).toEqual([]);
    expect(RELATIVE.length).toBeGreaterThan(100);
  });

  test('every link to a heading leads to one that exists', () => {
    const toHeadings = RELATIVE.filter((link) => {
      const { file, anchor } = placeOf(link);
      return anchor !== undefined && file.endsWith('.md') && existsSync(join(ROOT, file));
    });
    const lost = toHeadings.filter((link) => {
      const { file, anchor = '' } = placeOf(link);
      return !anchorsOf(file).includes(anchor);
    });

    expect(lost.map(show)).toEqual([]);
    expect(toHeadings.length).toBeGreaterThan(20);
  });
});

describe('conformance/corrections.md', () => {
  const sections = textOf(CORRECTIONS).split(/^#{2,3} /m);
  const explained = new Map(sections.map((section) => [/^B-\d+$/m.exec(section.split('\n')[0] ?? '')?.[0], section]));

  test('every id of a correction that is cited has an explanation', () => {
    const unexplained = CITING.flatMap((file) =>
      idsIn(textOf(file)).flatMap((id) => (explained.has(id) ? [] : [`${file}: ${id}`])),
    );

    expect(unexplained).toEqual([]);
    expect(CITING.filter((file) => idsIn(textOf(file)).length > 0).length).toBeGreaterThan(5);
  });

  test('every correction says what the original does and what this repository does instead', () => {
    const ids = Array.from({ length: 50 }, (_, index) => `B-${String(index + 1).padStart(2, '0')}`);
    const silent = ids.filter((id) => !/\n\*\*.+?\*\* \S.*\n\n\*\*Here:\*\* \S/.test(explained.get(id) ?? ''));

    expect(silent).toEqual([]);
    expect(explained.size - 1).toBe(ids.length);
  });

  test.each(READMES)('%s explains its differences in words instead of ids', (readme) => {
    expect(idsIn(textOf(readme))).toEqual([]);
  });
});
