import { readFileSync } from 'node:fs';
import { ALERTS_GUIDE, alertsGuide } from './alerts-guide';

test('The guide has a section for every alert; `npm run docs:generate` updates it', () => {
  expect(readFileSync(ALERTS_GUIDE, 'utf8')).toBe(alertsGuide());
});
