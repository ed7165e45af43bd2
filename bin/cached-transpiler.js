// A transpiler for ts-node with a cache. ts-node transpiles every file at every start, which took most of the time of
// `npm run synth`, and has had no cache of its own since version 8.
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const FOLDER = join(__dirname, '../node_modules/.cache/ts-node');

function keep(file, text) {
  try {
    mkdirSync(FOLDER, { recursive: true });
    // In two steps, so that a process that starts at the same time never reads half a file.
    writeFileSync(`${file}.${process.pid}`, text);
    renameSync(`${file}.${process.pid}`, file);
  } catch (error) {
    // Another user's checkout, or a read-only one, runs without a cache.
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
  }
}

/** @type {import('ts-node').TranspilerFactory} */
exports.create = (options) => {
  const { config } = options.service;
  const salt = JSON.stringify([config.options, require('@swc/core/package.json').version]);
  // Loaded for the first file that is not in the cache.
  let swc;
  return {
    transpile(code, { fileName }) {
      const name = createHash('sha1').update(`${salt}\0${fileName}\0${code}`).digest('hex');
      const file = join(FOLDER, `${name}.json`);
      try {
        return JSON.parse(readFileSync(file, 'utf8'));
      } catch (error) {
        if (!['ENOENT', 'EACCES'].includes(error.code) && !(error instanceof SyntaxError)) throw error;
      }
      swc ??= require('ts-node/transpilers/swc').create(options);
      const made = swc.transpile(code, { fileName });
      keep(file, JSON.stringify(made));
      return made;
    },
  };
};
