import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, InfluxDb } from '../../../lib';
import { containerNamed, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { environmentOf } from '../fixtures';

/**
 * Replaces the `influx` command, with a server whose tokens and buckets are the lines of two files. A file named after a
 * command makes that command fail, as if the server did not respond.
 */
const INFLUX = `#!/bin/sh
cd "$SERVER"
echo "$*" >>calls
[ ! -e "fails $1 $2" ] || { echo "Error: no answer" >&2; exit 1; }
option() { while [ "$#" -gt 1 ]; do [ "$1" = "$name" ] && printf '%s' "$2"; shift; done; }
case "$1 $2" in
'auth list' | 'bucket list') cat "$1" ;;
'bucket create') name=--name; printf 'b9\\t%s\\n' "$(option "$@")" >>bucket ;;
'bucket update') ;;
'auth create')
  name=--description
  id="a$(wc -l <calls)"
  printf '%s\\t%s\\t\\ttoken of %s\\n' "$id" "$(option "$@")" "$id" >>auth
  printf '{\\n\\t"id": "%s",\\n\\t"token": "token-of-%s"\\n}\\n' "$id" "$id" ;;
'auth delete')
  grep -v "^$4	" auth >rest || true
  mv rest auth ;;
esac
`;

let folder: string;
const at = (...path: string[]) => join(folder, ...path);
const home = () => at('home');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'influx-'));
  for (const name of ['bin', 'server', 'home']) mkdirSync(at(name));
  writeFileSync(at('bin', 'influx'), INFLUX);
  chmodSync(at('bin', 'influx'), 0o755);
  writeFileSync(at('operator'), 'operator-token\n');
  writeFileSync(at('server', 'auth'), "a0\tadmin's Token\tREDACTED\n");
  writeFileSync(at('server', 'bucket'), 'b1\t_tasks\t72h0m0s\nb2\tdesk\tinfinite\n');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the script of a job against the server. */
function run(job: TerraformBlock): { readonly exitCode: number | null; readonly output: string } {
  const [file] = job.upload as readonly { readonly content: string }[];
  const script = (file?.content ?? '').replace('/home/influxdb', home());
  const PATH = `${at('bin')}:${process.env.PATH ?? ''}`;
  const env = { ...environmentOf(job), PATH, SERVER: at('server'), OPERATOR_TOKEN_FILE: at('operator') };
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' });
  return { exitCode: status, output: `${stdout}${stderr}` };
}

function tokenJob(options: { read?: boolean; write?: boolean }): TerraformBlock {
  const terraform = synthesizeStack((stack) => new InfluxDb(stack, 'influxdb').token('bot', options));
  return containerNamed(terraform, 'desk-influxdb-bot');
}

const READ = { read: true };
const BOTH = { read: true, write: true };

/** The token that a consumer with these permissions reads. */
function token(options: { read?: boolean; write?: boolean }): string | undefined {
  const file = at('home', environmentOf(tokenJob(options)).FILE ?? '');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** The ids of the tokens that the server knows, except the operator token. */
function known(): string[] {
  const lines = readFileSync(at('server', 'auth'), 'utf8').trim().split('\n');
  return lines.map((line) => line.split('\t')[0] ?? '').filter((id) => id !== 'a0');
}

function fail(command: string): () => void {
  writeFileSync(at('server', `fails ${command}`), '');
  return () => {
    rmSync(at('server', `fails ${command}`));
  };
}

describe('job for a token', () => {
  test('the job creates a token once, readable for its consumer', () => {
    expect(run(tokenJob(READ))).toEqual({ exitCode: 0, output: 'made a token for read of desk\n' });
    const [id] = known();

    expect(token(READ)).toBe(`token-of-${id ?? ''}`);
    expect(run(tokenJob(READ)).output).toBe('the token is there, and the server knows it\n');
    expect(known()).toEqual([id]);
  });

  test('the job creates a new token for other permissions, and revokes the first one after that', () => {
    run(tokenJob(READ));
    run(tokenJob(BOTH));
    const calls = readFileSync(at('server', 'calls'), 'utf8').split('\n');

    expect(known()).toHaveLength(1);
    expect(token(BOTH)).toBe(`token-of-${known()[0] ?? ''}`);
    expect(token(READ)).toBeUndefined();
    const changes = calls.filter((call) => /^auth (create|delete)/.test(call)).map((call) => call.slice(0, 17));
    expect(changes).toEqual(['auth create --jso', 'auth create --jso', 'auth delete --id ']);
  });

  test.each(['auth list', 'bucket list', 'auth create'])(
    'the job keeps the working token if %s fails, and continues later',
    (command) => {
      run(tokenJob(READ));
      const [first] = known();
      const recover = fail(command);

      expect(run(tokenJob(BOTH)).exitCode).not.toBe(0);
      expect(known()).toEqual([first]);
      expect(token(READ)).toBe(`token-of-${first ?? ''}`);
      recover();
      expect(run(tokenJob(BOTH)).exitCode).toBe(0);
      expect(known()).toHaveLength(1);
    },
  );

  test('the job revokes in the next run what it could not revoke', () => {
    run(tokenJob(READ));
    const recover = fail('auth delete');

    expect(run(tokenJob(BOTH)).exitCode).not.toBe(0);
    expect(known()).toHaveLength(2);
    recover();
    run(tokenJob(BOTH));
    expect(known().map((id) => `token-of-${id}`)).toEqual([token(BOTH)]);
  });

  test('the job does not create a second token while the server does not respond', () => {
    run(tokenJob(READ));
    fail('auth list');

    expect(run(tokenJob(READ))).toEqual({
      exitCode: 1,
      output: 'Error: no answer\nthe server tells of no auth list\n',
    });
    expect(known()).toHaveLength(1);
  });

  test('the job creates a new token if the server or the volume has lost it', () => {
    run(tokenJob(READ));
    writeFileSync(at('server', 'auth'), "a0\tadmin's Token\tREDACTED\n");
    run(tokenJob(READ));
    expect(known()).toHaveLength(1);

    rmSync(home(), { recursive: true });
    mkdirSync(home());
    run(tokenJob(READ));
    expect(known().map((id) => `token-of-${id}`)).toEqual([token(READ)]);
  });

  test('the job reports a missing bucket', () => {
    writeFileSync(at('server', 'bucket'), 'b1\t_tasks\t72h0m0s\n');

    expect(run(tokenJob(READ))).toEqual({ exitCode: 1, output: 'there is no bucket desk\n' });
  });
});

describe('job for buckets', () => {
  const job = () => {
    const props = { retention: Duration.days(1), buckets: [{ name: 'bars' }] };
    const terraform = synthesizeStack((stack) => new InfluxDb(stack, 'influxdb', props));
    return containerNamed(terraform, 'desk-influxdb-buckets');
  };

  test('the job creates missing buckets and updates existing ones', () => {
    expect(run(job()).exitCode).toBe(0);
    expect(readFileSync(at('server', 'calls'), 'utf8').split('\n')).toEqual([
      'bucket list --hide-headers',
      'bucket update --id b2 --retention 86400s --shard-group-duration 3600s',
      'bucket list --hide-headers',
      'bucket create --name bars',
      '',
    ]);
  });

  test('the job creates no bucket while the server does not respond', () => {
    fail('bucket list');

    expect(run(job())).toEqual({ exitCode: 1, output: 'Error: no answer\nthe server tells of no bucket list\n' });
  });
});
