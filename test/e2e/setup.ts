import { describeImages, MissingImageError, provideImages } from './harness/images';
import { checkPrerequisites } from './harness/prerequisites';
import { STAND_INS } from './images/images';

/** Runs once before all end-to-end tests: stops with one sentence if they cannot run, and provides the images. */
export default async function setup(): Promise<void> {
  const prerequisites = await checkPrerequisites();
  if (!prerequisites.ok) stop(prerequisites.missing);
  try {
    const images = await provideImages(STAND_INS.map(({ name }) => name));
    process.stderr.write(`\nThe end-to-end tests run against:\n${describeImages(images)}\n\n`);
  } catch (error) {
    if (error instanceof MissingImageError) stop(error.message);
    throw error;
  }
}

function stop(reason: string): never {
  process.stderr.write(`\nThe end-to-end tests did not run. ${reason}\n`);
  process.exit(1);
}
