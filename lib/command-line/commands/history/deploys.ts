import type { App } from 'cdktf';
import type { CommandContext } from '../../context';
import { History } from '../../history/history';
import { canBePulled } from '../../history/recorded-images';
import { secondsOf, shortAge } from '../../output/quantities';
import { ExitCode } from '../../output/output';
import { printTable } from '../../output/table';
import { warnOfPendingRotations } from '../../secrets/pending-rotation';
import { CommandLock } from '../../state/command-lock';
import { deployedEngine } from '../../state/deployed-engine';
import { outputOf, stackNamed } from '../../synthesis/stacks';

/** Lists the last deploys that succeeded, the newest first. */
export async function deploys(app: App, name: string | undefined, context: CommandContext): Promise<ExitCode> {
  const { output, environment, now } = context;
  const stack = stackNamed(app, name);
  const { id } = stack.node;
  const lock = new CommandLock(outputOf(app, stack), stack);
  const docker = await deployedEngine(app, stack, environment);
  const { attempt, current, deploys: recorded, damage } = new History(outputOf(app, stack), stack).read();
  if (damage !== undefined) output.warn(damage);
  const present = new Set(recorded.length === 0 ? [] : (await docker.images()).map((image) => image.Id));
  const listed = [...recorded].reverse().map((deploy) => {
    const { images } = deploy.content;
    const missing = images.filter((image) => !present.has(image.id));
    return {
      id: deploy.id,
      time: deploy.time,
      command: deploy.command,
      reason: deploy.reason,
      restores: deploy.restores,
      engine: deploy.address,
      changed: deploy.changed,
      images: images.map(({ name: image }) => image),
      missingImages: missing.map(({ name: image }) => image),
      canRollBack: missing.every(canBePulled),
      isCurrent: deploy.id === current?.id,
    };
  });
  if (output.isJson) {
    const unfinished = attempt === undefined ? null : { ...attempt, isRunning: lock.running() !== undefined };
    output.document({ stack: id, deploys: listed, unfinished });
    return ExitCode.DONE;
  }
  if (listed.length === 0) output.say(`${id} was never deployed from this folder, or it has been destroyed.`);
  else {
    printTable(
      output,
      ['DEPLOY', 'TIME', 'AGE', 'REASON', 'CHANGED', 'IMAGES', ''],
      listed.map((deploy) => [
        deploy.id,
        secondsOf(new Date(deploy.time)),
        shortAge(now() - Date.parse(deploy.time)),
        clip(deploy.reason),
        deploy.changed.length === 0 ? '' : String(deploy.changed.length),
        describeImages(deploy.images.length, deploy.missingImages.length, deploy.canRollBack),
        deploy.isCurrent ? output.colors.green('current') : '',
      ]),
    );
  }
  if (attempt !== undefined && lock.running() !== undefined) {
    output.say(`\nA ${attempt.command} that began at ${attempt.time} (${attempt.reason}) is running.`);
  } else if (attempt?.command === 'rotate') {
    output.warn(`\nA rotation that began at ${attempt.time} (${attempt.reason}) has not succeeded.`);
    warnOfPendingRotations(stack, output);
  } else if (attempt !== undefined) {
    const again = attempt.command === 'rollback' ? 'rollback' : 'deploy';
    output.warn(
      `\nA ${attempt.command} that began at ${attempt.time} (${attempt.reason}) has not succeeded. Run it again: npm run ` +
        `${again} -- ${id}${listed.length === 0 || again === 'rollback' ? '' : `. To go back to the last one that did: npm run rollback -- ${id}`}`,
    );
  }
  return ExitCode.DONE;
}

function describeImages(all: number, missing: number, canRollBack: boolean): string {
  if (missing === 0) return String(all);
  return `${all}, ${missing} ${canRollBack ? 'to pull again' : 'missing'}`;
}

const LONGEST = 60;

function clip(reason: string): string {
  const [line = ''] = reason.split('\n');
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
