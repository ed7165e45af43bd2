import { parseImageName } from '../../../lib/workload/images/image-name';

const REPOSITORY = 'a'.repeat(255);
const TAG = 'b'.repeat(128);
const DIGEST = `sha256:${'c'.repeat(64)}`;

test('the longest name is valid', () => {
  expect(parseImageName(`${REPOSITORY}:${TAG}@${DIGEST}`)).toEqual({
    repository: REPOSITORY,
    tag: TAG,
    digest: DIGEST,
  });
});

test.each(['a.', 'a/', 'a-'])('a long name of %j is refused at once', (part) => {
  const started = performance.now();
  expect(parseImageName(`${part.repeat(30_000)}!`)).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(500);
});
