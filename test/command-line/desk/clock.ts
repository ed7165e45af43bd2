import type { CommandContext } from '../../../lib/command-line/context';

/** A clock on which every pause ends immediately. */
export function fastClock(): Pick<CommandContext, 'now' | 'pause'> {
  let time = Date.now();
  return {
    now: () => time,
    pause: async (milliseconds) => {
      time += milliseconds;
      // Lets other work continue, such as a program that runs meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
}
