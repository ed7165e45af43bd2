/** The promise's outcome, or an error once `milliseconds` have passed. */
export async function within<Result>(milliseconds: number, promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(noAnswer(milliseconds));
    }, milliseconds);
  });
  return Promise.race([promise, late]).finally(() => {
    clearTimeout(timer);
  });
}

export function noAnswer(milliseconds: number): Error {
  return new Error(`no answer within ${milliseconds} ms`);
}
