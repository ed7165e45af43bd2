#!/usr/bin/env bash
# Two packages that write .env files for dotenv write passwords that dotenv reads as other ones. dotenv-stringify escapes
# quotation marks with a backslash that dotenv keeps. envfile quotes nothing: dotenv ends the value at "#", and its own
# parser removes every quotation mark and apostrophe.
#
# Seen with dotenv-stringify 3.0.1, envfile 7.1.0 and dotenv 18.0.10 (npm).
# Expected: the same value, or an error for one that cannot be written; dotenv can hold all of these.
# Why it matters: generated passwords and API secrets have such characters. The file that a setup script writes has
# one that the database or the exchange refuses, and no step before the first login fails.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts dotenv-stringify@3.0.1 envfile@7.1.0 dotenv@18.0.10

cat > passwords.mjs <<'JS'
import assert from 'node:assert/strict';
import dotenv from 'dotenv';
import stringifyModule from 'dotenv-stringify';
import * as envfile from 'envfile';

const stringify = stringifyModule.default ?? stringifyModule;
const seen = ['plain', 'se"cret', 'se#cret', "it's"].map((password) => {
  const written = envfile.stringify({ PASSWORD: password });
  return {
    password,
    'dotenv-stringify, dotenv': dotenv.parse(stringify({ PASSWORD: password })).PASSWORD,
    'envfile, dotenv': dotenv.parse(written).PASSWORD,
    'envfile, envfile': envfile.parse(written).PASSWORD,
  };
});
console.log('dotenv-stringify 3.0.1, envfile 7.1.0, dotenv 18.0.10');
console.table(seen);

assert.deepEqual(seen.map((row) => Object.values(row)), [
  ['plain', 'plain', 'plain', 'plain'],
  ['se"cret', 'se\\"cret', 'se"cret', 'secret'],
  ['se#cret', 'se#cret', 'se', 'se#cret'],
  ["it's", "it's", "it's", 'its'],
]);
assert.deepEqual(dotenv.parse("A='se\"cret'\nB='se#cret'\nC=\"it's\""), { A: 'se"cret', B: 'se#cret', C: "it's" });
JS
node passwords.mjs
