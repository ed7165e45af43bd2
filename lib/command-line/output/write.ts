/** Writes to a stream, as fast as it is read. If its reader has ended, it returns at once. */
export async function writeTo(stream: NodeJS.WriteStream, content: string | Buffer): Promise<void> {
  if (stream.write(content) || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stream.on(event, done);
  });
}
