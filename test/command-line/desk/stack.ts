import { App } from 'cdktf';
import { runCommandLine } from '../../../lib/command-line';
import { createDesk, createPlainDesk } from './desk';

/** The commands as a program, for the desk instead of the systems of this project. */
void runCommandLine(() => App.of(process.env.DESK === 'plain' ? createPlainDesk() : createDesk()));
