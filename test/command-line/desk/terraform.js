#!/usr/bin/env node
// A stand-in for Terraform that records its arguments and answers as the environment says. CHANGES_FILE contains the
// remaining changes, in the order of Terraform: { "address": { "actions": [...], "needs": ["address"], "fails": true }
// }.
const { appendFileSync, existsSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } = require('node:fs');
const {
  CHANGES_FILE,
  CHECKPOINT_DISABLE,
  FAKE_APPLY,
  FAKE_ERROR,
  FAKE_PLAN,
  FAKE_PLAN_FAILS_AT,
  FAKE_SYNTH_IN,
  FAKE_VERSION,
  FAKE_WARNING,
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
// One line of `-json`.
const emit = (message) => console.log(JSON.stringify(message));
// FAKE_ERROR is a summary, or a whole diagnostic as JSON.
const fail = (address) => {
  const diagnostic = FAKE_ERROR?.startsWith('{') ? JSON.parse(FAKE_ERROR) : { summary: FAKE_ERROR ?? 'it failed' };
  if (FAKE_ERROR || address) {
    emit({
      type: 'diagnostic',
      diagnostic: { severity: 'error', detail: '', ...(address && { address }), ...diagnostic },
    });
  }
  process.exit(1);
};
const apply_event = (type, address, action) =>
  emit({ type, hook: { resource: { addr: address }, action, elapsed_seconds: 0 } });
// Rewrites the configuration during 'plan' or 'apply', like a synth in another terminal.
const synthIn = (place) => {
  if (FAKE_SYNTH_IN === place) appendFileSync(`${valuesOf('-chdir=')[0]}/cdk.tf.json`, '\n');
};
// FAKE_INTERRUPT is where the user interrupts the command: 'plan', 'show' or 'apply'.
const interruptAt = (place) => {
  if (process.env.FAKE_INTERRUPT !== place) return;
  // Terraform does not exit immediately, and a forwarded signal must not end this program.
  process.on('SIGINT', () => undefined);
  setTimeout(() => undefined, 500);
  process.kill(process.ppid, 'SIGINT');
};

function plan() {
  // FAKE_DEMAND is the error for a folder that has to be initialized again.
  if (process.env.FAKE_DEMAND && !readFileSync(TRACE_FILE, 'utf8').includes(' init ')) {
    emit({
      type: 'diagnostic',
      diagnostic: { severity: 'error', summary: 'it failed', detail: process.env.FAKE_DEMAND },
    });
    process.exit(1);
  }
  const targets = valuesOf('-target=');
  const changes = left();
  for (const address of valuesOf('-replace=')) {
    changes[address] ??= { actions: ['delete', 'create'], before: {}, after: {}, reason: 'replace_by_request' };
  }
  const isWanted = (address) =>
    targets.length === 0 || targets.some((target) => target === address || changes[target]?.needs?.includes(address));
  const planned = Object.keys(changes).filter(isWanted);
  writeFileSync(valuesOf('-out=')[0], JSON.stringify(Object.fromEntries(planned.map((one) => [one, changes[one]]))));
  emit({ type: 'version', terraform: '1.11.4' });
  if (FAKE_WARNING) emit({ type: 'diagnostic', diagnostic: { severity: 'warning', summary: FAKE_WARNING } });
  if (process.env.FAKE_STOPS_IN_PLAN) unlinkSync(process.env.FAKE_STOPS_IN_PLAN.replace('unix://', ''));
  interruptAt('plan');
  synthIn('plan');
  if (FAKE_PLAN === '1' || planNumber() === Number(FAKE_PLAN_FAILS_AT)) fail();
  // The default changes for a test that names none.
  const isEmpty = planned.length === 0 && existsSync(CHANGES_FILE);
  process.exit(Number(FAKE_PLAN ?? (isEmpty ? 0 : 2)));
}

function show(planned) {
  interruptAt('show');
  // The state is that of another version of the provider, and a plan with targets does not read all of it.
  const trace = readFileSync(TRACE_FILE, 'utf8');
  const lastPlan = trace.slice(trace.lastIndexOf(' plan '));
  if (process.env.FAKE_OUTDATED_STATE && lastPlan.includes('-target=') && !trace.includes('-refresh-only')) {
    console.error(
      'Failed to marshal plan to json: error marshaling prior state: unsupported attribute "check_duplicate"',
    );
    process.exit(1);
  }
  if (!command.includes('-json')) {
    console.log(`broker_key = ${process.env.FAKE_SECRET}`);
    return;
  }
  const resource_changes = Object.entries(planned).map(([address, change]) => {
    const { actions, after, before, unknown, replacePaths, reason } = change;
    const type = address.split('.')[0];
    return {
      address,
      type,
      action_reason: reason,
      change: { actions, after, before, after_unknown: unknown, replace_paths: replacePaths },
    };
  });
  const resource_drift = Object.entries(planned)
    .filter(([, { gone }]) => gone)
    .map(([address, { gone }]) => ({
      address,
      type: address.split('.')[0],
      change: { actions: ['delete'], before: gone },
    }));
  console.log(JSON.stringify({ resource_changes, resource_drift }));
}

function apply(planned) {
  const changes = left();
  emit({ type: 'log' });
  // The engine stops.
  if (process.env.FAKE_STOPS) unlinkSync(process.env.FAKE_STOPS.replace('unix://', ''));
  interruptAt('apply');
  synthIn('apply');
  for (const [address, { actions, fails, removes = [], thenAdds }] of Object.entries(planned)) {
    const action = actions.at(-1);
    apply_event('apply_start', address, action);
    if (fails) fail(address);
    apply_event('apply_complete', address, action);
    Object.assign(changes, thenAdds);
    for (const one of [address, ...removes]) delete changes[one];
    writeFileSync(CHANGES_FILE, JSON.stringify(changes));
  }
  if (FAKE_APPLY === '1') fail();
}

// An address that is not in the configuration: the next plan removes it.
function moveInState() {
  const [from, to] = command.slice(-2);
  const { [from]: moved, ...others } = left();
  const changes = { ...others, [to]: { actions: ['delete'], before: moved.before } };
  changes[from] = { ...moved, actions: ['create'], before: null };
  writeFileSync(CHANGES_FILE, JSON.stringify(changes));
}

if (verb === 'state' && process.env.FAKE_STATE === '1') fail();
if (verb === 'state') moveInState();
if (verb === 'version') console.log(JSON.stringify({ terraform_version: FAKE_VERSION ?? '1.11.4' }));
if (verb === 'init') {
  if (!(CHECKPOINT_DISABLE && TF_IN_AUTOMATION)) process.exit(1);
  mkdirSync(`${valuesOf('-chdir=')[0]}/.terraform`, { recursive: true });
}
if (verb === 'plan') plan();
if (verb === 'show') show(JSON.parse(readFileSync(command.at(-1), 'utf8')));
if (verb === 'apply' && !command.includes('-refresh-only')) apply(JSON.parse(readFileSync(command.at(-1), 'utf8')));
