/** Closes a run with one plain line that programs can read. */
module.exports = class SummaryReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const { numPendingTests: skipped, numTodoTests: toDo } = results;
    const others = skipped + toDo > 0 ? `${skipped} skipped, ${toDo} to do\n` : '';
    // After the default reporter's own summary, which goes to stderr.
    process.stderr.write('', () => {
      process.stdout.write(`${others}${results.numPassedTests} passed, ${failed} failed\n`);
    });
  }
};
