import { Output } from '../../../lib/command-line/output/output';

test('An error clears the counter from the terminal if it is shown', async () => {
  jest.useFakeTimers();
  const { isTTY } = process.stderr;
  const written: string[] = [];
  const spy = jest.spyOn(process.stderr, 'write').mockImplementation((piece) => {
    written.push(String(piece));
    return true;
  });
  process.stderr.isTTY = true;
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
    process.stderr.isTTY = isTTY;
    spy.mockRestore();
    jest.useRealTimers();
  }
  expect(written[0]).toBe('at once\n');
  expect(written).toContain('\r\u001b[KError: no plan\n');
  expect(written.slice(-2)).toEqual(['\r\u001b[K', 'at last\n']);
});
