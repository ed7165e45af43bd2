// cdktf records where every token was made, which under a test runner's source maps is most of the time that a test
// takes. Nothing here reads those records. This reaches into cdktf's inside, so it stays in the tests.
jest.mock('cdktf/lib/tokens/private/stack-trace', () => ({ captureStackTrace: () => [] }));
