import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Configuration } from '../src/configuration';
import { LogFile } from '../src/log-file';
import { Service } from '../src/service';

describe('the log file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-file-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('contains the lines of the service', () => {
    const path = join(folder, 'new', 'service.log');
    const service = new Service('market-data', new Configuration({ LOG_FILE: path }));
    service.log.info('started');
    const line = JSON.parse(readFileSync(path, 'utf8')) as { readonly msg: string };
    assert.equal(line.msg, 'started');
  });

  it('is replaced when it is full, keeps one predecessor, and continues after a restart', () => {
    const path = join(folder, 'small.log');
    const shown: string[] = [];
    const output = { write: (line: string) => shown.push(line) };
    for (const line of ['1\n', '2\n', '3\n', '4\n', '5\n']) new LogFile(path, output, 4).write(line);
    assert.equal(readFileSync(path, 'utf8'), '5\n');
    assert.equal(readFileSync(`${path}.1`, 'utf8'), '3\n4\n');
    assert.deepEqual(shown, ['1\n', '2\n', '3\n', '4\n', '5\n']);
  });

  it('is not written without LOG_FILE', () => {
    assert.equal(LogFile.optional(new Configuration({})), undefined);
    assert.ok(!existsSync(join(folder, 'none.log')));
  });
});
