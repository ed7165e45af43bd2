import { join } from 'node:path';
import type { App } from 'cdktf';
import { createAlpacaStack } from '../../examples/alpaca/stack';
import { createBinanceStack } from '../../examples/binance/stack';
import { createMasterTradeStack } from '../../examples/mastertrade/stack';
import { createMt5Stack } from '../../examples/mt5/stack';
import { createPlatformStack } from '../../examples/platform/stack';
import { Engine, type TradingStack } from '../../lib';
import { runbookOf } from '../../lib/command-line/runbook/runbook';
import { reportOf } from '../../lib/internal';

const EXAMPLES: Readonly<Record<string, (app: App, options: { readonly engine: Engine }) => TradingStack>> = {
  alpaca: createAlpacaStack,
  binance: createBinanceStack,
  mastertrade: createMasterTradeStack,
  mt5: createMt5Stack,
  platform: createPlatformStack,
};

/** The committed report and runbook of every example: their files and contents. */
export function exampleReports(createApp: () => App): { readonly file: string; readonly content: string }[] {
  return Object.entries(EXAMPLES).flatMap(([folder, createStack]) => {
    const stack = createStack(createApp(), { engine: Engine.docker() });
    const directory = join(__dirname, '../../examples', folder);
    return [
      { file: join(directory, 'report.md'), content: reportOf(stack.platform) },
      { file: join(directory, 'runbook.md'), content: runbookOf(stack) },
    ];
  });
}
