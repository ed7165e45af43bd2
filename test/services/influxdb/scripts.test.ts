import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, InfluxDb } from '../../../lib';
import { containerNamed, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { environmentOf } from '../fixtures';

/**
 * Stands in for the `influx` command on a server whose tokens and buckets are the lines of two files. A file with the
 * name of a command makes that fail, as it does without an answer.
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

/** Runs the script of a job against that server, in that folder. */
function run(job: TerraformBlock): { readonly ended: number | null; readonly said: string } {
  const [file] = job.upload as readonly { readonly content: string }[];
  const script = (file?.content ?? '').replace('/home/influxdb', home());
  const PATH = `${at('bin')}:${process.env.PATH ?? ''}`;
  const env = { ...environmentOf(job), PATH, SERVER: at('server'), OPERATOR_TOKEN_FILE: at('operator') };
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' });
  return { ended: status, said: `${stdout}${stderr}` };
}

function accessJob(options: { read?: boolean; write?: boolean }): TerraformBlock {
  const terraform = synthesizeStack((stack) => new InfluxDb(stack, 'influxdb').token('bot', options));
  return containerNamed(terraform, 'desk-influxdb-bot');
}

const READ = { read: true };
const BOTH = { read: true, write: true };

/** What the consumer with these rights reads. */
function token(options: { read?: boolean; write?: boolean }): string | undefined {
  const file = at('home', environmentOf(accessJob(options)).FILE ?? '');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** The ids of the tokens that the server knows, but for the operator's. */
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

describe('the job of an access', () => {
  test('makes a token once, for its consumer to read', () => {
    expect(run(accessJob(READ))).toEqual({ ended: 0, said: 'made a token for read of desk\n' });
    const [id] = known();

    expect(token(READ)).toBe(`token-of-${id ?? ''}`);
    expect(run(accessJob(READ)).said).toBe('the token is there, and the server knows it\n');
    expect(known()).toEqual([id]);
  });

  test('makes another one for other rights, and revokes the first one after that', () => {
    run(accessJob(READ));
    run(accessJob(BOTH));
    const calls = readFileSync(at('server', 'calls'), 'utf8').split('\n');

    expect(known()).toHaveLength(1);
    expect(token(BOTH)).toBe(`token-of-${known()[0] ?? ''}`);
    expect(token(READ)).toBeUndefined();
    const changes = calls.filter((call) => /^auth (create|delete)/.test(call)).map((call) => call.slice(0, 17));
    expect(changes).toEqual(['auth create --jso', 'auth create --jso', 'auth delete --id ']);
  });

  test.each(['auth list', 'bucket list', 'auth create'])(
    'leaves the token that works where %s has no answer, and goes on from there later',
    (command) => {
      run(accessJob(READ));
      const [first] = known();
      const mend = fail(command);

      expect(run(accessJob(BOTH)).ended).not.toBe(0);
      expect(known()).toEqual([first]);
      expect(token(READ)).toBe(`token-of-${first ?? ''}`);
      mend();
      expect(run(accessJob(BOTH)).ended).toBe(0);
      expect(known()).toHaveLength(1);
    },
  );

  test('revokes later what it could not revoke at once', () => {
    run(accessJob(READ));
    const mend = fail('auth delete');

    expect(run(accessJob(BOTH)).ended).not.toBe(0);
    expect(known()).toHaveLength(2);
    mend();
    run(accessJob(BOTH));
    expect(known().map((id) => `token-of-${id}`)).toEqual([token(BOTH)]);
  });

  test('does not take a server without an answer for one that does not know the token', () => {
    run(accessJob(READ));
    fail('auth list');

    expect(run(accessJob(READ))).toEqual({ ended: 1, said: 'Error: no answer\nthe server tells of no auth list\n' });
    expect(known()).toHaveLength(1);
  });

  test('makes a new one where the server does not know the token, and where the volume has lost it', () => {
    run(accessJob(READ));
    writeFileSync(at('server', 'auth'), "a0\tadmin's Token\tREDACTED\n");
    run(accessJob(READ));
    expect(known()).toHaveLength(1);

    rmSync(home(), { recursive: true });
    mkdirSync(home());
    run(accessJob(READ));
    expect(known().map((id) => `token-of-${id}`)).toEqual([token(READ)]);
  });

  test('says that there is no bucket', () => {
    writeFileSync(at('server', 'bucket'), 'b1\t_tasks\t72h0m0s\n');

    expect(run(accessJob(READ))).toEqual({ ended: 1, said: 'there is no bucket desk\n' });
  });
});

describe('the job of buckets', () => {
  const job = () => {
    const props = { retention: Duration.days(1), buckets: [{ name: 'bars' }] };
    const terraform = synthesizeStack((stack) => new InfluxDb(stack, 'influxdb', props));
    return containerNamed(terraform, 'desk-influxdb-buckets');
  };

  test('makes what is missing, and changes what is there', () => {
    expect(run(job()).ended).toBe(0);
    expect(readFileSync(at('server', 'calls'), 'utf8').split('\n')).toEqual([
      'bucket list --hide-headers',
      'bucket update --id b2 --retention 86400s --shard-group-duration 3600s',
      'bucket list --hide-headers',
      'bucket create --name bars',
      '',
    ]);
  });

  test('does not take a server without an answer for one without the bucket', () => {
    fail('bucket list');

    expect(run(job())).toEqual({ ended: 1, said: 'Error: no answer\nthe server tells of no bucket list\n' });
  });
});
