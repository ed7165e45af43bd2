/** Does the work and prints how many seconds it took. */
export async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  const result = await work();
  process.stderr.write(`${what}: ${Math.round((Date.now() - start) / 1000)} s\n`);
  return result;
}
