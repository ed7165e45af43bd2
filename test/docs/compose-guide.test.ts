import { readFileSync } from 'node:fs';
import { COMPOSE_GUIDE, composeGuide } from './compose-guide';

test('The guide for Compose users lists every key with its hint; `npm run docs:generate` updates it', () => {
  expect(readFileSync(COMPOSE_GUIDE, 'utf8')).toBe(composeGuide());
});
