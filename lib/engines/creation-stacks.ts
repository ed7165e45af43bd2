/**
 * Creates a resource without the stack traces that cdktf records for each of its attributes: recording them takes most of
 * the time of a synthesis, and all of them point into this library. cdktf has no setting for it. Errors keep their stack
 * traces, and so do tokens that are created elsewhere.
 */
export function withoutCreationStacks<Resource>(create: () => Resource): Resource {
  const recorder: { captureStackTrace: unknown } = Error;
  const { captureStackTrace } = recorder;
  // Errors do not use it: the JavaScript engine records their stack traces itself.
  recorder.captureStackTrace = () => undefined;
  try {
    return create();
  } finally {
    recorder.captureStackTrace = captureStackTrace;
  }
}
