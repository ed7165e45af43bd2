import { RestartPolicy } from '../../../lib';

test.each([
  [
    'unless it was stopped manually',
    RestartPolicy.unlessStopped(),
    { condition: 'unless-stopped', maximumRetries: null },
  ],
  ['after every exit', RestartPolicy.always(), { condition: 'always', maximumRetries: null }],
  ['after a failure, without a limit', RestartPolicy.onFailure(), { condition: 'on-failure', maximumRetries: null }],
  ['after a failure, at most five times', RestartPolicy.onFailure(5), { condition: 'on-failure', maximumRetries: 5 }],
  ['never', RestartPolicy.never(), { condition: 'no', maximumRetries: null }],
])('a workload is restarted %s', (_when, policy, spec) => {
  expect(policy.toSpec()).toEqual(spec);
});

test.each([0, -1, 1.5, NaN])('rejects a limit of %d retries', (retries) => {
  expect(() => RestartPolicy.onFailure(retries)).toThrowCode('invalid-value', `maximumRetries cannot be ${retries}`);
});
