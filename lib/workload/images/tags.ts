/** Words that publishers move from one version to the next. */
const MOVING =
  /^(latest|stable|develop|development|dev|devel|nightly|main|master|trunk|edge|lts|current|canary|snapshot)$/i;

/** Releases of Debian and Ubuntu. */
const RELEASE = /^(bullseye|bookworm|trixie|forky|focal|jammy|noble)$/;

/** Whether a tag names no version: one without a number, or one that starts with a word such as `latest`. */
export function isMoving(tag = 'latest'): boolean {
  const [first = ''] = tag.split(/[-_.]/);
  return MOVING.test(first) || !(/[0-9]/.test(tag) || RELEASE.test(first));
}
