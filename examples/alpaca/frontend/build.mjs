// Does what Vite would do for this application: replaces VITE_ variables in the script with their values, adds a hash
// of its content to the name of each asset, and writes the names into the page.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';

const CLIENT = 'node_modules/socket.io-client/dist/socket.io.esm.min.js';

await rm('dist', { recursive: true, force: true });
await mkdir('dist/assets', { recursive: true });

const client = await emit('socket.io.js', withoutSourceMap(await readFile(CLIENT, 'utf8')));
const script = await emit(
  'app.js',
  withVariables(await readFile('src/app.js', 'utf8')).replace('socket.io-client', client),
);
const style = await emit('app.css', await readFile('src/app.css', 'utf8'));
const page = await readFile('index.html', 'utf8');
await writeFile('dist/index.html', page.replace('/src/app.js', script).replace('/src/app.css', style));

/** Writes an asset, and returns the path under which the browser asks for it. */
async function emit(name, content) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8);
  const path = `/assets/${name.slice(0, -extname(name).length)}-${hash}${extname(name)}`;
  await writeFile(`dist${path}`, content);
  console.log(`dist${path}`);
  return path;
}

function withVariables(source) {
  return source.replace(/import\.meta\.env\.(VITE_\w+)/g, (_, name) => {
    const value = process.env[name];
    if (!value) throw new Error(`${name} is not set: pass it as a build argument`);
    return JSON.stringify(value);
  });
}

function withoutSourceMap(source) {
  return source.replace(/^\/\/# sourceMappingURL=.*$/m, '');
}
