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
  'app-created-before': {
    command: 'npm run deploy -- desk',
    output:
      'The app was created before the command had selected the engine at ssh://desk@trading-1, so its output would be for ' +
      'this machine. Move `new App` and the stacks into the function that is passed to runCommandLine. [app-created-before]',
  },
  'backup-failed': {
    command: 'npm run backup -- desk db',
    output:
      'db: Fatal: unable to save snapshot: write /backup/repository/db/data/5e/5e3a: no space left on device\n' +
      'The backup of db failed; the lines above say why. Older backups are untouched. [backup-failed]',
  },
  'backup-missing': {
    command: 'npm run restore -- desk db 1f3c9a70',
    output: "There is no backup '1f3c9a70'. List those that exist: npm run backups -- desk db [backup-missing]",
  },
  'restore-unfinished': {
    command: 'npm run deploy -- desk',
    output:
      'A restore of db was cut short, and the data from before it could not be put back; the lines above say why. ' +
      'Services that are started now would write to data that is dropped when it is put back. That is possible while ' +
      'the server runs: docker start desk-db; then run the command again. Nothing was changed. [restore-unfinished]',
  },
  'time-not-reachable': {
    command: 'npm run restore -- desk db --at 2026-01-30T22:00:00Z',
    output:
      '2026-01-30T22:00:00.000Z cannot be reached: it is before the first time that a backup reaches. These can be ' +
      'reached: 2026-01-31T03:00:05Z to 2026-01-31T14:00:00Z. List the backups: npm run backups -- desk db ' +
      '[time-not-reachable]',
  },
  'bind-source-missing': {
    command: 'npm run deploy -- desk',
    output:
      'The engine at ssh://desk@trading-1 cannot mount /srv/models for desk-bot: bind source path does not exist: ' +
      '/srv/models. Create it on that machine, or send a file along with ConfigFile.fromFile instead of BindMount. ' +
      '[bind-source-missing]',
  },
  'secret-not-delivered': {
    command: 'npm run deploy -- desk',
    output:
      'The secrets of desk-redis could not be delivered to the engine at ssh://desk@trading-1: write ' +
      '/var/lib/docker/volumes/desk-redis-secrets-46fe42f7e918/_data/redis_password: no space left on device. No service ' +
      'was changed. Fix the cause and run the command again. [secret-not-delivered]',
  },
  'cpu-limit-too-high': {
    command: 'npm run deploy -- desk',
    output:
      'The CPU limit of desk-backtest is 16, and no node of the Swarm has more than 8 CPUs, so none would start it. Lower ' +
      'it: resources: { cpus: Cpu.cores(8) } [cpu-limit-too-high]',
  },
  'file-not-written': {
    command: 'npm run deploy -- desk',
    output:
      'terraform.desk.tfstate.lock cannot be written (ENOSPC): the disk is full. Free some space on it: df -h . ' +
      '[file-not-written]',
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
  'engine-too-old': {
    command: 'npm run deploy -- desk',
    output:
      'Docker 20.10.24 at unix:///var/run/docker.sock is too old: desk is for 25.0 or later. Update it, or set the version ' +
      "that it has: Engine.docker({ engineVersion: '20.10' }) [engine-too-old]",
  },
  'not-swarm-manager': {
    command: 'npm run deploy -- desk',
    output:
      'The engine is not a Swarm manager. Run `docker swarm init` on it, or set DOCKER_HOST to a manager of the Swarm. ' +
      '[not-swarm-manager]',
  },
  'other-engine': {
    command: 'npm run deploy -- desk',
    output:
      'desk is deployed to the engine at ssh://desk@trading-1, and unix:///var/run/docker.sock is another engine. Select ' +
      'that engine again: export DOCKER_HOST=ssh://desk@trading-1, or set `host` if the code does. If that engine was ' +
      'replaced and nothing of desk is left on it, remove the record of it: rm terraform.desk.tfstate.engine [other-engine]',
  },
  'password-lost': {
    command: 'npm run deploy -- desk',
    output:
      'The file .secrets/desk/db_password is missing, and the server with the data in the volume desk_db_data only ' +
      'accepts the password that it was first started with. If another checkout deployed this stack, copy its .secrets ' +
      'folder. If the service was renamed, rename its former file. Otherwise restore the file from a backup, or set a ' +
      'new password in the server (PostgreSQL: ALTER ROLE; Grafana: grafana cli admin reset-admin-password) and write ' +
      'it into the file. If you no longer need the data, remove the volume and the containers that use it: docker rm --force desk-db && ' +
      'docker volume rm desk_db_data [password-lost]',
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
  'changes-not-deployed': {
    command: 'npm run rotate -- desk db_password',
    output:
      'There are changes of desk that are not deployed yet, and a rotation would deploy them too. Deploy first: npm run ' +
      'deploy -- desk [changes-not-deployed]',
  },
  'rotation-by-hand': {
    command: 'npm run rotate -- desk alpaca_api_key',
    output:
      'alpaca_api_key cannot be rotated by a command: a person provides it. Get a new one from where it was issued, write it into ' +
      '.secrets/desk/alpaca_api_key, and deploy: npm run deploy -- desk [rotation-by-hand]',
  },
  'rotation-failed': {
    command: 'npm run rotate -- desk db_password',
    output:
      'desk-db did not take the new password:\n' +
      'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: FATAL:  sorry, too many ' +
      'clients already\n' +
      'The rotation of db_password is not finished. Run it again, which continues it: npm run rotate -- desk db_password ' +
      '[rotation-failed]',
  },
  'unknown-deploy': {
    command: 'npm run rollback -- desk --to tp3k9b',
    output: 'desk has no deploy tp3k9b. To see those that it has: npm run deploys -- desk [unknown-deploy]',
  },
  'rollback-not-possible': {
    command: 'npm run rollback -- desk',
    output:
      'desk cannot go back to deploy tp3k9a of 2026-01-31T09:00:00.000Z (first deploy): desk-api:0999e44bac2ac4a5 is no longer on the engine at ' +
      'unix:///var/run/docker.sock. Check out the commit of that deploy, and deploy: npm run deploy -- desk. Or choose ' +
      'another deploy: npm run deploys -- desk\nNothing was changed. [rollback-not-possible]',
  },
  'image-not-removed': {
    command: 'npm run images -- desk --prune',
    output:
      'desk-api:0999e44bac2ac4a5 could not be removed: conflict: unable to remove repository reference ' +
      '"desk-api:0999e44bac2ac4a5" (must force) - container 3f1d7a is using its referenced image 8d1c0f.\n' +
      '2 removed, 212 MiB freed. Run the command again. [image-not-removed]',
  },
  'scale-not-possible': {
    command: 'npm run scale -- desk api 3',
    output:
      'desk-api cannot be scaled: on one host every replica is a container of its own, which the code has to know. Set ' +
      "replicas: 3 on 'api', and deploy: npm run deploy -- desk [scale-not-possible]",
  },
  'scale-failed': {
    command: 'npm run scale -- desk api 9',
    output:
      '4 of 9 replicas of desk-api run (no suitable node (insufficient resources on 2 nodes)). To see what the others wait ' +
      'for: docker service ps desk-api. To return to the number of the code: npm run deploy -- desk [scale-failed]',
  },
  'unknown-secret': {
    command: 'npm run rotate -- desk db_pasword',
    output: "desk has no secret 'db_pasword'. These can be rotated: db_password, redis_password. [unknown-secret]",
  },
  'no-console': {
    command: 'npm run console -- desk api',
    output:
      'api has no console. These have one: db, redis. For a shell in its container: npm run exec -- desk api -- sh ' +
      '[no-console]',
  },
  'service-not-running': {
    command: 'npm run exec -- desk api -- sh',
    output:
      'desk-api is not running (exited with 1). Its log may say why: npm run logs -- desk desk-api --tail 20 ' +
      '[service-not-running]',
  },
  'unknown-service': {
    command: 'npm run logs -- desk databse',
    output:
      "The service 'databse' does not exist in desk. Pass the name of one that does: db, redis, api. [unknown-service]",
  },
  'unknown-stack': {
    command: 'npm run deploy -- dusk',
    output: "The stack 'dusk' does not exist. Pass the name of one that does: desk, night. [unknown-stack]",
  },
  usage: {
    command: 'npm run deploy -- desk --force',
    output: "error: unknown option '--force' [usage]",
  },
  'docker-config-invalid': {
    command: 'npm run deploy -- desk',
    output:
      "The file /home/desk/.docker/config.json of Docker's client cannot be read: Unexpected end of JSON input. Correct it, or " +
      'move it away and run `docker login` and `docker context use` again. [docker-config-invalid]',
  },
  'docker-context-missing': {
    command: 'DOCKER_CONTEXT=sever npm run deploy -- desk',
    output:
      "The Docker context 'sever', selected by DOCKER_CONTEXT, does not exist in /home/desk/.docker/contexts. There is server. " +
      'Create it: docker context create sever --docker host=ssh://user@server. Or use another one: docker context use ' +
      'server; unset DOCKER_CONTEXT [docker-context-missing]',
  },
  'docker-denied': {
    command: 'DOCKER_HOST=ssh://desk@trading-1 npm run deploy -- desk',
    output:
      'The user of ssh://desk@trading-1 may not use Docker on trading-1 (GET /version: failed to open the raw stream ' +
      'connection: dial unix /var/run/docker.sock: connect: permission denied). Add it to the group of the socket: ' +
      "ssh -t desk@trading-1 'sudo usermod -aG docker $USER' [docker-denied]",
  },
  'docker-host-invalid': {
    command: 'DOCKER_HOST=10.0.0.7:2376 npm run deploy -- desk',
    output:
      "The address '10.0.0.7:2376' of the Docker Engine is invalid. Use one of these forms: unix:///var/run/docker.sock, " +
      'ssh://user@server, tcp://server:2376 [docker-host-invalid]',
  },
  'docker-missing': {
    command: 'DOCKER_HOST=ssh://desk@trading-1 npm run deploy -- desk',
    output:
      'The server trading-1 has no docker in the PATH of a command over ssh (GET /version: bash: line 1: docker: ' +
      'command not found). Install Docker there (https://docs.docker.com/engine/install), or add its folder to that PATH. ' +
      'To check: ssh desk@trading-1 docker version [docker-missing]',
  },
  'docker-tls': {
    command: 'DOCKER_HOST=tcp://10.0.0.7:2376 DOCKER_CERT_PATH=certificates npm run deploy -- desk',
    output:
      'The connection to tcp://10.0.0.7:2376 is encrypted, but the folder certificates has no key.pem. Copy the certificates ' +
      'that were made for this client into it, or set DOCKER_CERT_PATH to their folder. [docker-tls]',
  },
  'image-pull-failed': {
    command: 'npm run deploy -- desk --pull',
    output:
      'desk/base:1 cannot be pulled: pull access denied for desk/base, repository does not exist or may require ' +
      "'docker login'. The engine has an image of that name: deploy without --pull to use it. Otherwise check its name, " +
      'and that the engine reaches its registry\nNothing was changed. [image-pull-failed]',
  },
  'registry-login-missing': {
    command: 'npm run deploy -- desk',
    output:
      'There is no login for ghcr.io on this machine. Log in: docker login ghcr.io\nNothing was changed. [registry-login-missing]',
  },
  'registry-login-refused': {
    command: 'npm run deploy -- desk',
    output:
      'ghcr.io refuses the login of desk on this machine (Get "https://ghcr.io/v2/": unauthorized: authentication required). ' +
      'Log in again: docker login ghcr.io\nNothing was changed. [registry-login-refused]',
  },
  'registry-login-unusable': {
    command: 'npm run deploy -- desk',
    output:
      "The credential helper docker-credential-pass, which Docker's config.json sets for ghcr.io, failed: spawn " +
      'docker-credential-pass ENOENT. Install it on the PATH and check that it works: echo ghcr.io | docker-credential-pass get\n' +
      'Nothing was changed. [registry-login-unusable]',
  },
  'ssh-host-key': {
    command: 'DOCKER_HOST=ssh://desk@trading-1 npm run deploy -- desk',
    output:
      'This machine does not know the host key of trading-1 yet (GET /version: Host key verification failed.). Log in once, ' +
      'compare the fingerprint and accept it: ssh desk@trading-1 [ssh-host-key]',
  },
  'ssh-login-refused': {
    command: 'DOCKER_HOST=ssh://desk@trading-1 npm run deploy -- desk',
    output:
      'The server trading-1 refuses the login (GET /version: desk@trading-1: Permission denied (publickey).). Commands ' +
      'cannot enter a password, so a key is needed: ssh-copy-id desk@trading-1. A key with a passphrase has to be in the ' +
      'agent: ssh-add. To see which keys are tried: ssh -v desk@trading-1 true [ssh-login-refused]',
  },
  'ssh-missing': {
    command: 'DOCKER_HOST=ssh://desk@trading-1 npm run deploy -- desk',
    output:
      'The program ssh cannot be started (GET /version: spawn ssh ENOENT). Install the OpenSSH client, and check that PATH ' +
      'contains it. [ssh-missing]',
  },
  'ssh-unreachable': {
    command: 'DOCKER_HOST=ssh://desk@trading-1 npm run deploy -- desk',
    output:
      'The server of ssh://desk@trading-1 cannot be reached over ssh (GET /version: ssh: connect to host trading-1 port 22: ' +
      'Connection refused). Check the address, and that the login works: ssh desk@trading-1 [ssh-unreachable]',
  },
  'validation-failed': {
    command: 'npm run synth',
    output: 'desk/executor: no risk limits [validation-failed]',
  },
  'version-taken': {
    command: 'npm run deploy -- desk',
    output:
      'registry.example.com/desk/gateway:v1.0.0 is in its registry already, with other content. Set a new version in the ' +
      "name of the build, or run what is there: Image.fromRegistry('registry.example.com/desk/gateway:v1.0.0'). To replace " +
      'it: npm run deploy -- desk --overwrite\nNothing was changed. [version-taken]',
  },
  'volume-in-use': {
    command: 'npm run deploy -- desk',
    output:
      'The container desk-cache still uses the volume desk_redis_data of desk-redis, and two servers would corrupt its ' +
      'data. Stop it first (docker stop desk-cache) and run the command again. [volume-in-use]',
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
  interrupted: {
    command: 'npm run destroy -- desk --yes',
    output: 'The destroy of desk was interrupted. Run it again to continue. [interrupted]',
  },
  'network-in-use': {
    command: 'npm run destroy -- desk',
    output:
      'The network desk cannot be removed while others than the stack are connected to it: the container debug. ' +
      'Disconnect them, and run the command again: docker network disconnect desk debug\nNothing was changed. ' +
      '[network-in-use]',
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
  'state-invalid': {
    command: 'npm run deploy -- desk',
    output:
      'The Terraform state in terraform.desk.tfstate is damaged (Unterminated string in JSON at position 18). Restore the ' +
      'state from before the last change, which Terraform keeps: cp terraform.desk.tfstate.backup terraform.desk.tfstate\n' +
      'Nothing was changed. [state-invalid]',
  },
  'state-locked': {
    command: 'npm run deploy -- desk',
    output:
      'Another command uses the state of this stack: desk@laptop has held its lock since 2026-11-29 09:30:00 UTC (OperationTypeApply). Run the command again when it has finished. If it was killed, remove its lock: terraform -chdir=cdktf.out/stacks/desk force-unlock 5f0c…  [state-locked]',
  },
  'terraform-failed': { command: 'npm run deploy -- desk', output: 'terraform plan failed. [terraform-failed]' },
} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;
