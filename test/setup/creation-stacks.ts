// cdktf records where every token is created. With the source maps of a test runner, this takes most of the time of a
// test, and no test reads these records. The module is internal to cdktf, so only tests replace it.
jest.mock('cdktf/lib/tokens/private/stack-trace', () => ({ captureStackTrace: () => [] }));
