import { invalidValue } from '../../errors';

/**
 * An amount of CPU time, in cores.
 *
 * @example
 * Cpu.cores(1.5)
 */
export class Cpu {
  /**
   * A number of cores, down to a thousandth.
   * @throws TradingStackError for less than a hundredth of a core, which Docker refuses
   */
  static cores(amount: number): Cpu {
    // 1.001 cores are 1000.9999999999999 millicores in floating point.
    return new Cpu(Math.round(amount * 1e9) / 1e6, `Cpu.cores(${amount})`);
  }

  /**
   * Thousandths of a core: 500 is half a core.
   * @throws TradingStackError for less than a hundredth of a core, which Docker refuses
   */
  static millis(amount: number): Cpu {
    return new Cpu(amount, `Cpu.millis(${amount})`);
  }

  private constructor(
    private readonly amount: number,
    source: string,
  ) {
    // Docker refuses less than a hundredth of a core.
    if (!Number.isInteger(amount) || amount < 10) {
      throw invalidValue(source, 'the CPU limit', `${amount} millicores`, '0.01 core or more, in steps of 0.001 core');
    }
  }

  /** The amount in thousandths of a core. */
  toMillis(): number {
    return this.amount;
  }

  /** Whether this amount is smaller than the other one. */
  isLessThan(other: Cpu): boolean {
    return this.amount < other.toMillis();
  }

  /** For display: `1.5 CPU`. */
  toString(): string {
    return `${this.toMillis() / 1000} CPU`;
  }
}
