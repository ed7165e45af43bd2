import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'transpiler-')));

beforeAll(() => {
  const transpiler = resolve(__dirname, '../../bin/cached-transpiler.js');
  const compilerOptions = { target: 'ES2022', module: 'commonjs', esModuleInterop: true };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ 'ts-node': { transpiler }, compilerOptions }));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function run(source: string): string {
  writeFileSync(join(folder, 'app.ts'), source);
  const program = ['-r', require.resolve('ts-node/register/transpile-only'), 'app.ts'];
  const { stdout, stderr } = spawnSync(process.execPath, program, { cwd: folder, encoding: 'utf8' });
  return stdout + stderr;
}

test('A TypeScript program runs the same from the cache, and a changed one is transpiled again', () => {
  const source = 'const price: number = 5;\nconsole.log(`price ${price}`);\n';

  expect([run(source), run(source)]).toEqual(['price 5\n', 'price 5\n']);
  expect(run(source.replace('= 5', '= 6'))).toBe('price 6\n');
});

test('A line number in an error from the cache is that of the TypeScript source', () => {
  const source = "interface Order {\n  readonly id: string;\n}\n\nthrow new Error('no order' satisfies string);\n";

  expect(run(source)).toContain('app.ts:5:');
  expect(run(source)).toContain('app.ts:5:');
});
