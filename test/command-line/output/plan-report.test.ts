import { Output } from '../../../lib/command-line/output/output';
import { printPlan } from '../../../lib/command-line/output/plan-report';
import type { Detail } from '../../../lib/command-line/plan/detail';
import type { ChangeReport } from '../../../lib/command-line/plan/details';
import { createStack } from '../../setup/synthesize';

function report(change: Partial<ChangeReport>): ChangeReport {
  return {
    name: 'desk-bot',
    kind: 'service',
    address: 'x.y',
    action: 'replace',
    outcome: 'replaced',
    replacement: null,
    details: [],
    ...change,
  };
}

function detail(text: string, lines: readonly string[] = []): Detail {
  return { setting: text, before: null, after: null, text, lines };
}

function print(...reports: readonly ChangeReport[]): string[] {
  const output = new Output();
  const lines: string[] = [];
  jest.spyOn(output, 'say').mockImplementation((line) => lines.push(line));
  printPlan(
    reports,
    createStack(() => undefined),
    output,
  );
  return lines;
}

test('A change with one detail is one line, and one with several has a line for each', () => {
  const lines = print(
    report({ details: [detail('PCT 0.2 → 0.3')] }),
    report({ name: 'desk-api', details: [detail('PCT 1 → 2'), detail('memory 1 GiB → 2 GiB')] }),
    report({ name: 'desk-web' }),
  );
  expect(lines.slice(1, 6)).toEqual([
    'desk-bot: PCT 0.2 → 0.3 (replaced)',
    'desk-api (replaced)',
    '  PCT 1 → 2',
    '  memory 1 GiB → 2 GiB',
    'desk-web: replaced',
  ]);
});

test('Only the first changed lines of a long file are shown', () => {
  const lines = print(
    report({
      details: [
        detail(
          'file /x: 30 lines added',
          Array.from({ length: 30 }, (_, index) => `+ ${index}`),
        ),
      ],
    }),
  );
  expect(lines.filter((line) => line.startsWith('  + '))).toHaveLength(12);
  expect(lines).toContain('  … 18 more lines (--verbose)');
});

test('Changes that interrupt services are counted last, separately from images and jobs', () => {
  const lines = print(
    report({}),
    report({ action: 'replace-if-image-changes' }),
    report({ kind: 'job' }),
    report({ kind: 'image' }),
    report({ kind: 'image', action: 'delete' }),
    report({ kind: 'network', action: 'delete' }),
  );
  expect(lines.slice(-6)).toEqual([
    'To rebuild, pull or push again: 1 image.',
    'To run again: 1 job.',
    'To replace if the image changes: 1 service.',
    'To replace: 1 service.',
    'No longer used: 1 image.',
    'To remove: 1 network.',
  ]);
});
