#!/usr/bin/env node
// Stands in for Terraform: remembers what it was asked for, and answers as the environment says.
const { appendFileSync, writeFileSync } = require('node:fs');
const { CHECKPOINT_DISABLE, FAKE_APPLY, FAKE_PLAN, FAKE_VERSION, TF_IN_AUTOMATION, TRACE_FILE } = process.env;

const command = process.argv.slice(2);
const verb = command.find((word) => !word.startsWith('-'));
appendFileSync(TRACE_FILE, `${command.join(' ')}\n`);

if (verb === 'version') console.log(JSON.stringify({ terraform_version: FAKE_VERSION ?? '1.11.4' }));
if (verb === 'init' && !(CHECKPOINT_DISABLE && TF_IN_AUTOMATION)) process.exit(1);
if (verb === 'plan') {
  writeFileSync(command.find((word) => word.startsWith('-out=')).slice('-out='.length), 'the plan');
  console.log(`broker_key = ${process.env.FAKE_SECRET}`);
  process.exit(Number(FAKE_PLAN ?? 2));
}
if (verb === 'apply') process.exit(Number(FAKE_APPLY ?? 0));
