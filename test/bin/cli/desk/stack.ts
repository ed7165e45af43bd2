import { App } from 'cdktf';
import { run } from '../../../../bin/cli/commands';
import { createDesk } from './desk';

/** The commands as a program, for the desk instead of the systems of this project. */
void run(process.argv, () => App.of(createDesk())).then((exitCode) => {
  process.exitCode = exitCode;
});
