import { Output } from '../../../lib/command-line/output/output';

function withTerminal(columns: number, written: string[]): () => void {
  jest.useFakeTimers();
  const { isTTY, columns: before } = process.stderr;
  const spy = jest.spyOn(process.stderr, 'write').mockImplementation((piece) => {
    written.push(String(piece));
    return true;
  });
  Object.assign(process.stderr, { isTTY: true, columns });
  return () => {
    Object.assign(process.stderr, { isTTY, columns: before });
    spy.mockRestore();
    jest.useRealTimers();
  };
}

test('The counter fits the terminal, so that it can be cleared', async () => {
  const written: string[] = [];
  const restore = withTerminal(40, written);
  try {
    const work = new Promise<void>((resolve) => setTimeout(resolve, 5000));
    const done = new Output().during('desk-market-data, desk-strategy-runner, desk-api and 3 more', work);
    await jest.advanceTimersByTimeAsync(5000);
    await done;
  } finally {
    restore();
  }
  expect(written[0]).toBe('\r\u001b[Kdesk-market-data, desk-strategy-r … 2 s');
});

test('An error clears the counter from the terminal if it is shown', async () => {
  const written: string[] = [];
  const restore = withTerminal(80, written);
  try {
    const output = new Output();
    const work = new Promise<void>((resolve) => setTimeout(resolve, 5000));
    const done = output.during('terraform plan', work);
    output.complain('at once');
    await jest.advanceTimersByTimeAsync(2600);
    output.complain('Error: no plan');
    await jest.advanceTimersByTimeAsync(3000);
    await done;
    output.complain('at last');
  } finally {
    restore();
  }
  expect(written[0]).toBe('at once\n');
  expect(written).toContain('\r\u001b[KError: no plan\n');
  expect(written.slice(-2)).toEqual(['\r\u001b[K', 'at last\n']);
});
