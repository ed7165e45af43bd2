import {
  checkConflicts,
  type Diagnostic,
  describeDiagnostic,
  isFromStop,
  parseMessage,
} from '../../../lib/command-line/terraform/messages';
import { problem } from '../desk/problem';

const RANGE = { filename: 'cdk.tf.json', start: { line: 1 }, end: { line: 2 } };

function diagnosticOf(diagnostic: object): Diagnostic {
  const message = parseMessage(JSON.stringify({ '@level': 'error', type: 'diagnostic', diagnostic }));
  if (message?.kind !== 'diagnostic') throw new Error('no diagnostic');
  return message.diagnostic;
}

const FAILED_JOB = {
  severity: 'error',
  summary: 'Resource postcondition failed',
  detail: 'desk/migrate: the job ended with exit code 3.',
  range: RANGE,
  snippet: { context: 'resource.docker_container.desk-migrate.lifecycle.postcondition[0]', code: '' },
};

describe('A diagnostic', () => {
  test('has the address that Terraform gives it', () => {
    expect(diagnosticOf({ severity: 'error', summary: 'no such image\n\n', address: 'docker_image.bot' })).toEqual({
      severity: 'error',
      summary: 'no such image',
      detail: '',
      address: 'docker_image.bot',
      isCondition: false,
    });
  });

  test('has the address of its block if a condition failed, for which Terraform sets no address', () => {
    expect(diagnosticOf(FAILED_JOB)).toMatchObject({ address: 'docker_container.desk-migrate', isCondition: true });
  });

  test('has no address if it is about the whole configuration', () => {
    const context = 'terraform.required_providers';
    expect(diagnosticOf({ severity: 'warning', summary: 'old', snippet: { context } })).toMatchObject({
      severity: 'warning',
      address: undefined,
      isCondition: false,
    });
  });

  test.each<[string, object, string, 'service' | 'job', string]>([
    [
      'names the service',
      { summary: 'unhealthy', detail: 'a\nb' },
      'desk-bot',
      'service',
      'Error in desk-bot: unhealthy\n  a\n  b',
    ],
    [
      'of a job leaves the details to its log',
      FAILED_JOB,
      'desk-migrate',
      'job',
      'Error: the job desk-migrate failed.',
    ],
    ['of another condition is its message', FAILED_JOB, 'desk-bot', 'service', `Error: ${FAILED_JOB.detail}`],
  ])('%s', (_, diagnostic, name, kind, text) => {
    expect(describeDiagnostic(diagnosticOf({ severity: 'error', ...diagnostic }), { name, kind })).toBe(text);
  });
});

test('A bind mount of a file that exists here is refused by an engine with another file system', () => {
  const refusal = (path: string): string => {
    const summary = `invalid mount config for type "bind": bind source path does not exist: ${path}`;
    return describeDiagnostic(diagnosticOf({ severity: 'error', summary, detail: '' }), undefined);
  };
  expect(refusal(__filename)).toContain(
    `${__filename} exists on this machine, but the engine does not see it: it may run in a virtual machine`,
  );
  expect(refusal('/no/such/file')).toMatch(/does not exist: \/no\/such\/file$/);
});

test.each([
  ['execution halted', '', true],
  ['container failed to be in healthy state', '', true],
  ['Unable to create image', 'Get "http://…": context canceled', true],
  ['Unable to create image', 'no such host', false],
])('Whether %j (%j) is a consequence of a signal is %s', (summary, detail, expected) => {
  expect(isFromStop(diagnosticOf({ severity: 'error', summary, detail }))).toBe(expected);
});

test('An event of an apply says what happens to which resource, and for how long', () => {
  const hook = { resource: { addr: 'docker_container.bot' }, action: 'create', elapsed_seconds: 12 };
  expect(parseMessage(JSON.stringify({ type: 'apply_complete', hook }))).toEqual({
    kind: 'apply',
    event: { stage: 'complete', address: 'docker_container.bot', action: 'create', elapsed: 12 },
  });
});

test.each(['{"type":"version"}', '{"type":"refresh_start","hook":{"resource":{"addr":"x.y"}}}'])(
  '%s is a message that is not used',
  (line) => {
    expect(parseMessage(line)).toEqual({ kind: 'other' });
  },
);

test.each(['panic: runtime error', '12', ''])('%j is not a message', (line) => {
  expect(parseMessage(line)).toBeUndefined();
});

describe('A conflict with another Terraform process', () => {
  const conflictIn = (summary: string, detail = ''): unknown => {
    try {
      checkConflicts([diagnosticOf({ severity: 'error', summary, detail })], 'terraform -chdir=out');
      return undefined;
    } catch (error) {
      return error;
    }
  };

  test('reports the owner of the lock and how to remove it', () => {
    const detail =
      'Error message: operation error S3: PutObject, PreconditionFailed\nLock Info:\n  ID:        4f8b\n  Path:      x\n' +
      '  Operation: OperationTypeApply\n  Who:       anna@host\n  Version:   1.11.4\n  Created:   2026-01-02 03:04:05.6 +0000 UTC\n' +
      '  Info:      \n\n\nTerraform acquires a state lock to protect the state: read on.';
    expect(conflictIn('Error acquiring the state lock', detail)).toMatchObject(
      problem(
        'state-locked',
        'anna@host',
        '2026-01-02 03:04:05.6 +0000 UTC',
        'terraform -chdir=out force-unlock 4f8b',
      ) as object,
    );
  });

  test.each([
    'resource temporarily unavailable',
    'The process cannot access the file because another process has locked a portion of the file.',
  ])('about a local state has nothing to remove, because the lock ends with its process: %s', (text) => {
    const detail = `Error message: ${text}\nLock Info:\n  ID:        4f8b\n  Path:      x\n  Who:       anna@host\n`;
    const { message } = conflictIn('Error acquiring the state lock', detail) as Error;
    expect(message).toContain('Another command uses the state of this stack: anna@host has held its lock');
    expect(message).not.toContain('force-unlock');
  });

  const own =
    '\nLock Info:\n  ID:        0176\n  Operation: OperationTypePlan\n  Who:       me@laptop\n  Created:   now\n';

  test('of the http backend has the ID of the lock, and not the name of the one who was refused', () => {
    const message = 'Error message: HTTP remote state already locked: ID=7ed2';
    const error = conflictIn('Error acquiring the state lock', message + own);
    expect(error).toMatchObject(problem('state-locked', 'terraform -chdir=out force-unlock 7ed2') as object);
    expect((error as Error).message).not.toContain('me@laptop');
  });

  test.each(['Already locked for workspace creation: default', 'Workspace is already locked: default'])(
    'of PostgreSQL has nothing to remove: %s',
    (text) => {
      const error = conflictIn('Error acquiring the state lock', `Error message: ${text}${own}`);
      expect(error).toMatchObject(problem('state-locked', 'Another command uses the state of this stack') as object);
      expect((error as Error).message).not.toMatch(/me@laptop|force-unlock/);
    },
  );

  test('is not detected if the backend did not answer, or refused the user', () => {
    const refused = 'Failed to lock: LOCK http://localhost:8907/ giving up after 3 attempt(s): connection refused';
    expect(conflictIn('Error acquiring the state lock', `Error message: ${refused}\n`)).toBeUndefined();
    const unauthorized = 'HTTP remote state endpoint requires auth';
    expect(conflictIn('Error acquiring the state lock', `Error message: ${unauthorized}\n`)).toBeUndefined();
  });

  test('asks for a new plan if another one was applied', () => {
    expect(conflictIn('Saved plan is stale')).toMatchObject(problem('plan-stale', 'Run the command again') as object);
  });

  test('is not detected in other errors', () => {
    expect(conflictIn('no such image')).toBeUndefined();
  });
});
