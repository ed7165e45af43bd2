#!/usr/bin/env node
// Stands in for Terraform: remembers what it was asked for, and answers as the environment says. In CHANGES_FILE is what
// is left to change, in the order of Terraform: { "address": { "actions": [...], "needs": ["address"], "fails": true } }.
const { appendFileSync, existsSync, readFileSync, unlinkSync, writeFileSync } = require('node:fs');
const {
  CHANGES_FILE,
  CHECKPOINT_DISABLE,
  FAKE_APPLY,
  FAKE_ERROR,
  FAKE_PLAN,
  FAKE_PLAN_FAILS_AT,
  FAKE_SYNTH_IN,
  FAKE_VERSION,
  TF_IN_AUTOMATION,
  TRACE_FILE,
} = process.env;

const command = process.argv.slice(2);
const verb = command.find((word) => !word.startsWith('-'));
const valuesOf = (option) => command.filter((word) => word.startsWith(option)).map((word) => word.slice(option.length));
appendFileSync(TRACE_FILE, `${command.join(' ')}\n`);

// The number of this plan among those of the deploy.
const planNumber = () => readFileSync(TRACE_FILE, 'utf8').match(/ plan /g).length;
const left = () => (existsSync(CHANGES_FILE) ? JSON.parse(readFileSync(CHANGES_FILE, 'utf8')) : {});
const fail = (address) => {
  if (FAKE_ERROR) console.error(FAKE_ERROR);
  if (address) console.error(`│   with ${address},\n│   on cdk.tf.json line 7, in resource.${address}:`);
  process.exit(1);
};
// As a synth in another terminal does, in 'plan' or 'apply'.
const synthIn = (place) => {
  if (FAKE_SYNTH_IN === place) appendFileSync(`${valuesOf('-chdir=')[0]}/cdk.tf.json`, '\n');
};
// As a terminal does, to all programs of the command. FAKE_INTERRUPT is where: 'plan', 'show' or 'apply'.
const interruptAt = (place) => {
  if (process.env.FAKE_INTERRUPT === place) process.kill(process.ppid, 'SIGINT');
};

function plan() {
  const targets = valuesOf('-target=');
  const changes = left();
  for (const address of valuesOf('-replace=')) changes[address] ??= { actions: ['delete', 'create'] };
  const isWanted = (address) =>
    targets.length === 0 || targets.some((target) => target === address || changes[target]?.needs?.includes(address));
  const planned = Object.keys(changes).filter(isWanted);
  writeFileSync(valuesOf('-out=')[0], JSON.stringify(Object.fromEntries(planned.map((one) => [one, changes[one]]))));
  console.log(`broker_key = ${process.env.FAKE_SECRET}`);
  if (process.env.FAKE_STOPS_IN_PLAN) unlinkSync(process.env.FAKE_STOPS_IN_PLAN.replace('unix://', ''));
  interruptAt('plan');
  synthIn('plan');
  if (FAKE_PLAN === '1' || planNumber() === Number(FAKE_PLAN_FAILS_AT)) fail();
  process.exit(Number(FAKE_PLAN ?? (targets.length > 0 && planned.length === 0 ? 0 : 2)));
}

function show(planned) {
  const resource_changes = Object.entries(planned).map(([address, { actions, after, before }]) => {
    return { address, type: address.split('.')[0], change: { actions, after, before } };
  });
  interruptAt('show');
  console.log(JSON.stringify({ resource_changes }));
}

function apply(planned) {
  const changes = left();
  console.log('a line of the apply');
  // The engine stops.
  if (process.env.FAKE_STOPS) unlinkSync(process.env.FAKE_STOPS.replace('unix://', ''));
  interruptAt('apply');
  synthIn('apply');
  for (const [address, { fails, thenAdds }] of Object.entries(planned)) {
    console.log(`${address}: Changing...`);
    if (fails) fail(address);
    Object.assign(changes, thenAdds);
    delete changes[address];
    writeFileSync(CHANGES_FILE, JSON.stringify(changes));
  }
  if (FAKE_APPLY === '1') fail();
}

if (verb === 'version') console.log(JSON.stringify({ terraform_version: FAKE_VERSION ?? '1.11.4' }));
if (verb === 'init' && !(CHECKPOINT_DISABLE && TF_IN_AUTOMATION)) process.exit(1);
if (verb === 'plan') plan();
if (verb === 'show') show(JSON.parse(readFileSync(command.at(-1), 'utf8')));
if (verb === 'apply') apply(JSON.parse(readFileSync(command.at(-1), 'utf8')));
