import { REQUIREMENTS } from './requirements';

test('the requirements are all the rows of the five documents', () => {
  const rows = Object.keys(REQUIREMENTS).map((id) => id.split('-')[0]);
  const count = (system: string) => rows.filter((one) => one === system).length;

  expect(['S0', 'S1', 'S2', 'S3', 'S4'].map(count)).toEqual([67, 47, 41, 69, 34]);
});
