import { describeImages, provideImages } from './harness/images';
import { checkPrerequisites } from './harness/prerequisites';
import { STAND_INS } from './images/images';

/** Once before all end-to-end tests: stops with one sentence where they cannot run, and provides the images. */
export default async function setup(): Promise<void> {
  const prerequisites = await checkPrerequisites();
  if (!prerequisites.ok) {
    process.stderr.write(`\nThe end-to-end tests did not run. ${prerequisites.missing}\n`);
    process.exit(1);
  }
  const images = await provideImages(STAND_INS.map(({ name }) => name));
  process.stderr.write(`\nThe end-to-end tests run against:\n${describeImages(images)}\n\n`);
}
