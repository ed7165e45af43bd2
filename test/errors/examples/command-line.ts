import type { ErrorCode } from '../../../lib';
import type { ErrorExample } from './example';

/** The errors of `lib/command-line`. */
export const COMMAND_LINE_ERRORS = {
  'address-unavailable': {
    command: 'npm run deploy -- desk',
    output:
      'The host port 10.8.0.1:8000/tcp of desk-api binds to an address that this machine does not have. Use an address ' +
      'that `ip address` lists, or PublishedPort.loopback. [address-unavailable]',
  },
  'cpu-limit-too-high': {
    command: 'npm run deploy -- desk',
    output:
      'The CPU limit of desk-backtest is 16, and no node of the Swarm has more than 8 CPUs, so none would start it. Lower ' +
      'it: resources: { cpus: Cpu.cores(8) } [cpu-limit-too-high]',
  },
  'docker-failed': {
    command: 'npm run deploy -- desk',
    output:
      'Docker at unix:///var/run/docker.sock answered GET /containers/json with 500: no space left on device. Run the ' +
      'command again; if the error persists, check the log of the engine: journalctl --unit docker [docker-failed]',
  },
  'docker-unreachable': {
    command: 'npm run deploy -- desk',
    output:
      'Docker does not answer at unix:///var/run/docker.sock (GET /version: connect ENOENT /var/run/docker.sock). Start ' +
      'Docker, or set DOCKER_HOST to the address of the engine. [docker-unreachable]',
  },
  'duplicate-id': {
    command: 'npm run synth',
    output:
      "desk: two constructs have the id 'db'. Choose an id for each that is unique in its scope. [duplicate-id]\n" +
      '  at desk.ts:50:17',
  },
  'not-swarm-manager': {
    command: 'npm run deploy -- desk',
    output:
      'The engine is not a Swarm manager. Run `docker swarm init` on it, or set DOCKER_HOST to a manager of the Swarm. ' +
      '[not-swarm-manager]',
  },
  'password-lost': {
    command: 'npm run deploy -- desk',
    output:
      'The file .secrets/desk/db_password is missing, and the server with the data in the volume desk_db_data only ' +
      'accepts the password that it was first started with. If another checkout deployed this stack, copy its .secrets ' +
      'folder. If the service was renamed, rename its former file. Otherwise restore the file from a backup, or set a ' +
      'new password in the server (PostgreSQL: ALTER ROLE; Grafana: grafana cli admin reset-admin-password) and write ' +
      'it into the file. If you no longer need the data, remove the volume: docker volume rm desk_db_data ' +
      '[password-lost]',
  },
  'remote-secrets': {
    command: 'npm run deploy -- desk',
    output:
      'The secrets of desk are files on this machine, but the engine at ssh://desk@trading-1 may be on another one, where ' +
      'these services would start without them: desk-redis. [remote-secrets]',
  },
  'placement-mismatch': {
    command: 'npm run deploy -- desk',
    output:
      'No node has the label trading.data=true of cluster.dataNode. Add it to one: docker node update --label-add ' +
      'trading.data=true <node> [placement-mismatch]',
  },
  'port-in-use': {
    command: 'npm run deploy -- desk',
    output:
      'The host port 127.0.0.1:8000/tcp of desk-api is in use by the container old-api. Stop it, or choose another host ' +
      'port: PublishedPort.loopback(8000, { hostPort: 18000 }) [port-in-use]',
  },
  'secret-missing': {
    command: 'npm run deploy -- desk',
    output:
      'The secret desk/broker_key is missing. Write the API key of the paper account into the file ' +
      '.secrets/desk/broker_key. [secret-missing]',
  },
  'several-problems': {
    command: 'npm run deploy -- desk --yes --json',
    output: `{
  "outcome": "failed",
  "code": "several-problems",
  "message": "The secret desk/broker_key is missing. …",
  "problems": [
    { "code": "secret-missing", "message": "The secret desk/broker_key is missing. …" },
    { "code": "port-in-use", "message": "The host port 127.0.0.1:8000/tcp of desk-api is in use by …" }
  ]
}`,
  },
  'subnet-in-use': {
    command: 'npm run deploy -- desk',
    output:
      'The subnet 172.20.0.0/16 of the network desk overlaps the subnet 172.20.0.0/16 of the network blog_default. Set ' +
      'another `network.subnet`, or remove that network if it is not needed: docker network rm blog_default [subnet-in-use]',
  },
  'terraform-missing': {
    command: 'npm run deploy -- desk',
    output:
      "The program 'terraform' cannot be started. Install Terraform (https://developer.hashicorp.com/terraform/install), " +
      'or OpenTofu and set TERRAFORM_BINARY_NAME=tofu. [terraform-missing]',
  },
  'unknown-stack': {
    command: 'npm run deploy -- dusk',
    output: "The stack 'dusk' does not exist. Pass the name of one that does: desk, night. [unknown-stack]",
  },
  usage: {
    command: 'npm run deploy -- desk --force',
    output: "error: unknown option '--force' [usage]",
  },
  'validation-failed': {
    command: 'npm run synth',
    output: 'desk/executor: no risk limits [validation-failed]',
  },
  'volume-in-use': {
    command: 'npm run deploy -- desk',
    output:
      'The container desk-cache still uses the volume desk_redis_data of desk-redis, and two servers would corrupt its ' +
      'data. Stop it first (docker stop desk-cache) and deploy again. [volume-in-use]',
  },
  'volume-missing': {
    command: 'npm run deploy -- desk',
    output:
      'The volume archive of Volume.fromName does not exist. Correct the name, or create an empty volume: docker volume ' +
      'create archive [volume-missing]',
  },
  'configuration-changed': {
    command: 'npm run deploy -- desk',
    output:
      'The configuration in cdktf.out/stacks/desk was rewritten by another process, such as a synth in another terminal, and may differ from what was planned. Run the command again. [configuration-changed]',
  },
  'deploy-failed': {
    command: 'npm run deploy -- desk --yes',
    output:
      'The deploy of desk failed while services were being replaced. Fix the cause and run deploy again: it continues from here. [deploy-failed]',
  },
  'destroy-failed': {
    command: 'npm run destroy -- desk --yes',
    output: 'The destroy of desk failed. Run it again to continue. [destroy-failed]',
  },
  'engine-unreachable': {
    command: 'npm run destroy -- desk --volumes',
    output:
      'The volumes cannot be removed from here: only Terraform can reach the engine at ssh://desk@trading-1. Destroy without --volumes, and remove them there with `docker volume rm`. [engine-unreachable]',
  },
  interrupted: {
    command: 'npm run destroy -- desk --yes',
    output: 'The destroy of desk was interrupted. Run it again to continue. [interrupted]',
  },
  'no-terminal': {
    command: 'npm run deploy -- desk < /dev/null',
    output:
      'This needs confirmation, but there is no terminal to ask on. Use --yes to skip the question. [no-terminal]',
  },
  'not-confirmed': {
    command: 'npm run deploy -- desk',
    output: "Apply these changes? Only 'yes' is accepted: no\nNot confirmed: nothing is applied. [not-confirmed]",
  },
  'path-unreadable': {
    command: 'npm run synth',
    output:
      "desk/bot: /home/desk/project/certs/key.pem of the mount 'certs' cannot be read (EACCES), so changes of it would go unnoticed. Make it readable for the user that runs the app, or mount it with BindMount.readOnly('certs', '/certs', { restartOnChange: false }). [path-unreadable]",
  },
  'plan-stale': {
    command: 'npm run deploy -- desk --yes',
    output:
      'Another deploy of this stack finished after this plan was made, so the plan is out of date and was not applied. Run the command again. [plan-stale]',
  },
  'state-locked': {
    command: 'npm run deploy -- desk',
    output:
      'Another deploy of this stack is running: desk@laptop has held the lock of its state since 2026-11-29 09:30:00 UTC (OperationTypeApply). Run the command again when it has finished. If it was killed, remove its lock: terraform -chdir=cdktf.out/stacks/desk force-unlock 5f0c…  [state-locked]',
  },
  'terraform-failed': { command: 'npm run deploy -- desk', output: 'terraform plan failed. [terraform-failed]' },
  'volume-not-removed': {
    command: 'npm run destroy -- desk --volumes',
    output: 'The volume desk_db_data could not be removed: volume is in use - [4f1d…] [volume-not-removed]',
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;
