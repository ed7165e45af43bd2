import { invalidValue } from '../../errors';

const KIBI = 1024;

/**
 * An amount of memory or disk, in the binary units that Docker counts in.
 *
 * @example
 * Size.mebibytes(512)
 */
export class Size {
  /**
   * A number of bytes.
   * @throws TradingStackError unless it is a whole number of bytes, zero or more
   */
  static bytes(amount: number): Size {
    return new Size(amount, `Size.bytes(${amount})`);
  }

  /**
   * A number of KiB (1 024 bytes).
   * @throws TradingStackError unless it is a whole number of bytes, zero or more
   */
  static kibibytes(amount: number): Size {
    return new Size(amount * KIBI, `Size.kibibytes(${amount})`);
  }

  /**
   * A number of MiB (1 024 KiB); Docker's `512M` and `512m` are 512 of these.
   * @throws TradingStackError unless it is a whole number of bytes, zero or more
   */
  static mebibytes(amount: number): Size {
    return new Size(amount * KIBI ** 2, `Size.mebibytes(${amount})`);
  }

  /**
   * A number of GiB (1 024 MiB); Docker's `2G` and `2g` are 2 of these.
   * @throws TradingStackError unless it is a whole number of bytes, zero or more
   */
  static gibibytes(amount: number): Size {
    return new Size(amount * KIBI ** 3, `Size.gibibytes(${amount})`);
  }

  private constructor(
    private readonly amount: number,
    source: string,
  ) {
    if (!Number.isSafeInteger(amount) || amount < 0) {
      throw invalidValue(source, 'the size', `${amount} bytes`, 'a size of whole bytes, zero or more');
    }
  }

  /** The size in bytes. */
  toBytes(): number {
    return this.amount;
  }

  /** The size in MiB, rounded down to a whole one. */
  toWholeMebibytes(): number {
    return Math.floor(this.amount / KIBI ** 2);
  }

  /** A part of this size, rounded down to a whole MiB. */
  fraction(part: number): Size {
    return Size.mebibytes(Math.floor((this.amount * part) / KIBI ** 2));
  }

  /** Whether this size is smaller than the other one. */
  isLessThan(other: Size): boolean {
    return this.amount < other.toBytes();
  }

  /** For display: `512 MiB`, `2 GiB`. */
  toString(): string {
    const unit = UNITS.find(({ bytes }) => this.amount >= bytes && this.amount % bytes === 0);
    return unit === undefined ? `${this.amount} B` : `${this.amount / unit.bytes} ${unit.name}`;
  }
}

const UNITS = [
  { name: 'GiB', bytes: KIBI ** 3 },
  { name: 'MiB', bytes: KIBI ** 2 },
  { name: 'KiB', bytes: KIBI },
];
