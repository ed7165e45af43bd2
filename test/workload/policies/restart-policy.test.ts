import { RestartPolicy } from '../../../lib';

test.each([
  ['unless it was stopped manually', RestartPolicy.unlessStopped(), { condition: 'unless-stopped' }],
  ['after every exit', RestartPolicy.always(), { condition: 'always' }],
  ['after a failure, without a limit', RestartPolicy.onFailure(), { condition: 'on-failure' }],
  ['after a failure, at most five times', RestartPolicy.onFailure(5), { condition: 'on-failure', maximumRetries: 5 }],
  ['never', RestartPolicy.never(), { condition: 'no' }],
  [
    'unless it was stopped manually, and when it is unhealthy',
    RestartPolicy.unlessStopped({ whenUnhealthy: true }),
    { condition: 'unless-stopped', whenUnhealthy: 'always' },
  ],
  [
    'after every exit, and when it is unhealthy',
    RestartPolicy.always({ whenUnhealthy: true }),
    { condition: 'always', whenUnhealthy: 'always' },
  ],
])('a workload is restarted %s', (_when, policy, spec) => {
  expect(policy.toSpec()).toEqual({ maximumRetries: null, whenUnhealthy: 'never', ...spec });
});

test.each([0, -1, 1.5, NaN])('rejects a limit of %d retries', (retries) => {
  expect(() => RestartPolicy.onFailure(retries)).toThrowCode('invalid-value', `maximumRetries cannot be ${retries}`);
});

test.each(['always', 'unlessStopped'] as const)('rejects an unknown option of %s', (method) => {
  const options = { onUnhealthy: true } as object;
  expect(() => RestartPolicy[method](options)).toThrowCode('unknown-option', `RestartPolicy.${method}`, 'onUnhealthy');
});
