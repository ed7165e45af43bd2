#!/usr/bin/env node
// Stands in for Terraform: remembers what it was asked for, and answers as the environment says. In CHANGES_FILE is what
// is left to change, in the order of Terraform: { "address": { "actions": [...], "needs": ["address"], "fails": true } }.
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');
const {
  CHANGES_FILE,
  CHECKPOINT_DISABLE,
  FAKE_APPLY,
  FAKE_ERROR,
  FAKE_PLAN,
  FAKE_VERSION,
  TF_IN_AUTOMATION,
  TRACE_FILE,
} = process.env;

const command = process.argv.slice(2);
const verb = command.find((word) => !word.startsWith('-'));
const valuesOf = (option) => command.filter((word) => word.startsWith(option)).map((word) => word.slice(option.length));
appendFileSync(TRACE_FILE, `${command.join(' ')}\n`);

const left = () => (existsSync(CHANGES_FILE) ? JSON.parse(readFileSync(CHANGES_FILE, 'utf8')) : {});
const fail = () => {
  if (FAKE_ERROR) console.error(FAKE_ERROR);
  process.exit(1);
};

const stop = () => {
  // As a terminal does, to all programs of the command.
  if (process.env.FAKE_INTERRUPT) process.kill(process.ppid, 'SIGINT');
  fail();
};

function plan() {
  const targets = valuesOf('-target=');
  const changes = left();
  const isWanted = (address) =>
    targets.length === 0 || targets.some((target) => target === address || changes[target]?.needs?.includes(address));
  const planned = Object.keys(changes).filter(isWanted);
  writeFileSync(valuesOf('-out=')[0], JSON.stringify(planned));
  console.log(`broker_key = ${process.env.FAKE_SECRET}`);
  if (FAKE_PLAN === '1') fail();
  process.exit(Number(FAKE_PLAN ?? (targets.length > 0 && planned.length === 0 ? 0 : 2)));
}

function show(planned) {
  const resource_changes = planned.map((address) => {
    const { actions, after } = left()[address];
    return { address, type: address.split('.')[0], change: { actions, after } };
  });
  console.log(JSON.stringify({ resource_changes }));
}

function apply(planned) {
  const changes = left();
  console.log('a line of the apply');
  for (const address of planned) {
    console.log(`${address}: Changing...`);
    if (changes[address].fails) stop();
    Object.assign(changes, changes[address].thenAdds);
    delete changes[address];
    writeFileSync(CHANGES_FILE, JSON.stringify(changes));
  }
  if (FAKE_APPLY === '1') stop();
}

if (verb === 'version') console.log(JSON.stringify({ terraform_version: FAKE_VERSION ?? '1.11.4' }));
if (verb === 'init' && !(CHECKPOINT_DISABLE && TF_IN_AUTOMATION)) process.exit(1);
if (verb === 'plan') plan();
if (verb === 'show') show(JSON.parse(readFileSync(command.at(-1), 'utf8')));
if (verb === 'apply') apply(JSON.parse(readFileSync(command.at(-1), 'utf8')));
