import type { ErrorCode } from '../../../lib';

/** The errors of `lib/command-line/{commands,rollout,terraform}`. */
export const ROLLOUT_ERRORS = {
  'configuration-changed': {
    command: 'npm run deploy -- desk',
    output:
      'The configuration in cdktf.out/stacks/desk was rewritten by another process, such as a synth in another terminal, ' +
      'and may differ from what was planned. Run the command again.\nNothing was changed. [configuration-changed]',
  },
  'deploy-failed': {
    command: 'npm run deploy -- desk',
    output:
      'desk-bot: exited with code 1, 5 times since the deploy began\n  no route to the broker\n\n' +
      'The deploy of desk failed.\ndesk-bot: exited with code 1, 5 times since the deploy began.\n' +
      'Running: desk-redis.\nNot running or not healthy: desk-bot (restarting, 5 restarts).\nFix the cause and run deploy again: it continues from here. [deploy-failed]',
  },
  'destroy-failed': {
    command: 'npm run destroy -- desk',
    output: 'The destroy of desk failed. Run it again to continue. [destroy-failed]',
  },
  interrupted: {
    command: 'npm run deploy -- desk',
    output:
      'Interrupted: waiting for Terraform to finish what it has started.\n\n' +
      'The deploy of desk was interrupted before running the jobs. Running services were not changed.\n' +
      'Running: desk-redis, desk-bot.\nRun deploy again: it continues from here. [interrupted]',
  },
  'name-in-use': {
    command: 'npm run deploy -- desk',
    output:
      "desk needs names that belong to the Compose project 'bot' in /srv/bot on the engine at unix:///var/run/docker.sock: the " +
      'container desk-redis. Set another `name` on the stack, or remove the project, which keeps its volumes: docker ' +
      'compose -p bot down\nNothing was changed. [name-in-use]',
  },
  'no-terminal': {
    command: 'npm run deploy -- desk < /dev/null',
    output:
      'This needs confirmation, but there is no terminal to ask on. Use --yes to skip the question: npm run deploy -- desk --yes [no-terminal]',
  },
  'not-confirmed': {
    command: 'npm run deploy -- desk',
    output: "Apply these changes? Only 'yes' is accepted: no\nNot confirmed: nothing is applied. [not-confirmed]",
  },
  'plan-stale': {
    command: 'npm run deploy -- desk',
    output:
      'Another deploy of this stack finished after this plan was made, so the plan is out of date and was not applied. ' +
      'Run the command again.\nThe deploy of desk failed before changing the services. Running services were not changed.\n' +
      'Running: desk-redis, desk-bot.\nRun deploy again: it continues from here. [plan-stale]',
  },
  'state-locked': {
    command: 'npm run deploy -- desk',
    output:
      'Another command (`deploy`) of desk, started by anna@host (process 4711) at 2026-01-02T03:04:05.678Z, holds the lock. Run the command ' +
      'again when it has finished. If it is no longer running, remove its lock: rm terraform.desk.tfstate.lock\nNothing was changed. ' +
      '[state-locked]',
  },
  'terraform-failed': {
    command: 'npm run diff -- desk',
    output:
      'Error: the secret broker_key is missing. Write it into the file .secrets/desk/broker_key\n' +
      'terraform plan failed.\nNothing was changed. [terraform-failed]',
  },
  'volume-not-removed': {
    command: 'npm run destroy -- desk --volumes',
    output:
      'The volume desk_logs could not be removed: remove desk_logs: volume is in use - [2f1c9a].\n' +
      'Stop what uses it, and remove it: docker volume rm desk_logs [volume-not-removed]',
  },
} as const satisfies Partial<Record<ErrorCode, { readonly command: string; readonly output: string }>>;
