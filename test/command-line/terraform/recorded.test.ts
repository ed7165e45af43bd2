import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkConflicts,
  type Diagnostic,
  type Message,
  parseMessage,
} from '../../../lib/command-line/terraform/messages';
import { parsePlan } from '../../../lib/command-line/plan/changes';

/** What one version of Terraform or OpenTofu printed; `record.ts` writes it. */
export interface Recording {
  readonly program: string;
  /** Lines of an apply that creates two resources. */
  readonly applied: readonly string[];
  /** Lines of an apply of a plan that was made before that. */
  readonly stale: readonly string[];
  /** Part of a plan that replaces one resource and updates the other, as `show -json` prints it. */
  readonly replacement: object;
  /** Lines of an apply whose postcondition fails. */
  readonly failedCondition: readonly string[];
  /** Lines of an apply in which a resource fails. */
  readonly failedResource: readonly string[];
  /** Lines of a plan while another process holds the lock of the state. */
  readonly locked: readonly string[];
}

const FOLDER = join(__dirname, 'recorded');
const RECORDINGS = readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Recording);

/** The messages in the output. OpenTofu prints warnings about its own configuration between them. */
function messagesIn(lines: readonly string[]): Message[] {
  return lines.flatMap((line) => parseMessage(line) ?? []);
}

function errorsIn(lines: readonly string[]): Diagnostic[] {
  return messagesIn(lines).flatMap((message) =>
    message.kind === 'diagnostic' && message.diagnostic.severity === 'error' ? [message.diagnostic] : [],
  );
}

test('There are recordings of the oldest supported Terraform, a newer one and OpenTofu', () => {
  const programs = RECORDINGS.map(({ program }) => program);
  expect(programs).toEqual(expect.arrayContaining([expect.stringMatching(/^Terraform 1\.5\./)]));
  expect(programs).toEqual(expect.arrayContaining([expect.stringMatching(/^Terraform 1\.1[1-9]\./)]));
  expect(programs).toEqual(expect.arrayContaining([expect.stringMatching(/^OpenTofu 1\./)]));
});

describe.each(RECORDINGS)('$program', (recording) => {
  test('reports the start and the end of each resource', () => {
    const events = messagesIn(recording.applied).flatMap((message) =>
      message.kind === 'apply' ? [message.event] : [],
    );
    for (const name of ['job', 'service']) {
      const event = { address: `terraform_data.${name}`, action: 'create' };
      expect(events).toContainEqual({ ...event, stage: 'start', elapsed: 0 });
      expect(events).toContainEqual(expect.objectContaining({ ...event, stage: 'complete' }));
    }
  });

  test('reports a failed postcondition with the path of its block', () => {
    expect(errorsIn(recording.failedCondition)).toMatchObject([
      { address: 'terraform_data.job', isCondition: true, detail: expect.stringContaining('exit code 3') as string },
    ]);
  });

  test('reports a failed resource with its address', () => {
    expect(errorsIn(recording.failedResource)).toMatchObject([{ address: 'terraform_data.job', isCondition: false }]);
    const events = messagesIn(recording.failedResource);
    expect(events).toContainEqual({
      kind: 'apply',
      event: expect.objectContaining({ stage: 'errored', address: 'terraform_data.job' }) as object,
    });
  });

  test('reports a plan that is out of date', () => {
    expect(() => {
      checkConflicts(errorsIn(recording.stale), 'terraform');
    }).toThrow(expect.objectContaining({ code: 'plan-stale' }) as Error);
  });

  test('reports who holds the lock of the state', () => {
    expect(() => {
      checkConflicts(errorsIn(recording.locked), 'terraform');
    }).toThrow(
      expect.objectContaining({
        code: 'state-locked',
        message: expect.stringMatching(
          /desk@laptop .* since 20\d\d-.* \(OperationTypeApply\)\. Run the command again when it has finished\.$/,
        ) as string,
      }) as Error,
    );
  });

  test('shows the actions of a plan and why a resource is replaced', () => {
    const { changes } = parsePlan(JSON.stringify(recording.replacement));
    expect(changes).toMatchObject([
      { address: 'terraform_data.job', action: 'replace', before: { input: 'one' }, after: { input: 'two' } },
      { address: 'terraform_data.service', action: 'update', unknown: { output: true } },
    ]);
  });
});
