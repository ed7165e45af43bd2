import { readFileSync } from 'node:fs';
import { IMAGES_GUIDE, imagesGuide } from './images-guide';

test('The guide lists every image of the catalogue; `npm run docs:generate` updates it', () => {
  expect(readFileSync(IMAGES_GUIDE, 'utf8')).toBe(imagesGuide());
});
