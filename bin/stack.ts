import { runCommandLine } from '../lib/command-line';
import { createApp } from './trading';

void runCommandLine(createApp);
