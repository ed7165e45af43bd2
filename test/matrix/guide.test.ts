import { readFileSync } from 'node:fs';
import { VERSIONS_GUIDE, versionsGuide } from './guide';

test('The guide about versions shows the recorded results; `npm run docs:generate` updates it', () => {
  expect(readFileSync(VERSIONS_GUIDE, 'utf8')).toBe(versionsGuide());
});
