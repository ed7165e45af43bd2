import { RestartPolicy } from '../../../lib';

test.each([
  [
    'unless it was stopped by hand',
    RestartPolicy.unlessStopped(),
    { condition: 'unless-stopped', maximumRetries: null },
  ],
  ['always', RestartPolicy.always(), { condition: 'always', maximumRetries: null }],
  ['after a failure, without end', RestartPolicy.onFailure(), { condition: 'on-failure', maximumRetries: null }],
  ['after a failure, five times', RestartPolicy.onFailure(5), { condition: 'on-failure', maximumRetries: 5 }],
  ['never', RestartPolicy.never(), { condition: 'no', maximumRetries: null }],
])('starts again %s', (_when, policy, spec) => {
  expect(policy.toSpec()).toEqual(spec);
});

test.each([0, -1, 1.5, NaN])('%d retries are refused', (retries) => {
  expect(() => RestartPolicy.onFailure(retries)).toThrow(
    `RestartPolicy.onFailure: maximumRetries cannot be ${retries}. Give a whole number, 1 or more.`,
  );
});
