import { type GivenRows } from '../../learning/features/given-examples';
import { type RowLayout } from './input-layout';

const MAX_KEPT_ROWS = 20_000;

/** Takes rows up one after the other; its memory is used again. */
export class RowBuffer {
  count = 0;
  private readonly numberWidth: number;
  private readonly textWidth: number;
  private numbers: Float64Array;
  private texts: (string | null)[] = [];
  /** Where the latest row begins. */
  private number = 0;
  private text = 0;

  constructor({ numbers, texts }: Pick<RowLayout, 'numbers' | 'texts'>) {
    this.numberWidth = numbers;
    this.textWidth = texts;
    this.numbers = new Float64Array(16 * numbers);
  }

  clear(): void {
    // What one large request needed is not kept for all the small ones.
    if (this.count > MAX_KEPT_ROWS) {
      this.numbers = new Float64Array(0);
      this.texts = [];
    }
    this.count = 0;
  }

  /** Begins a row that has nothing yet. */
  add(): void {
    this.number = this.count * this.numberWidth;
    this.text = this.count * this.textWidth;
    this.count++;
    const end = this.number + this.numberWidth;
    if (end > this.numbers.length) {
      const grown = new Float64Array(2 * end);
      grown.set(this.numbers);
      this.numbers = grown;
    }
    for (let at = this.number; at < end; at++) this.numbers[at] = NaN;
    for (let at = this.text; at < this.text + this.textWidth; at++) this.texts[at] = null;
  }

  setNumber(slot: number, value: number): void {
    this.numbers[this.number + slot] = value;
  }

  setText(slot: number, value: string): void {
    this.texts[this.text + slot] = value;
  }

  /** The rows so far. */
  take(): GivenRows {
    const { count } = this;
    const [numberWidth, textWidth] = [this.numberWidth, this.textWidth];
    const numbers = this.numbers.slice(0, count * numberWidth);
    const texts = this.texts.slice(0, count * textWidth);
    return { count, numbers, numberWidth, texts, textWidth };
  }
}
