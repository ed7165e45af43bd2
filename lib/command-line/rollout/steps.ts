/** A part of a deploy that is planned and applied separately. */
export type Step = 'images' | 'pushes' | 'jobs' | 'turns' | 'rest';

/** What the steps do, as a deploy announces it. */
export const STEP_TITLES: Readonly<Record<Step, string>> = {
  images: 'Images first: running services stay up if one cannot be built or pulled.',
  pushes: 'Versions of images, to their registries.',
  jobs: 'Jobs before services: if one fails, running services stay up, except those that it waits for and that changed.',
  turns: 'Services without downtime: each old container serves until the new one is healthy.',
  rest: 'Services and everything else.',
};
