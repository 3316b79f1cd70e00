/** Deeper objects are refused: nobody means them as columns. */
const MAX_DEPTH = 32;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const BLANK = /[ \t\r\n]*/y;
const LITERALS = ['true', 'false', 'null'] as const;

/** Why a line is no record. */
export class NoRecord extends Error {}

/**
 * Reads one line of JSON Lines as a flat record of texts.
 *
 * Members of nested objects get the names of their path, joined with dots: `{"a":{"b":1}}` has the column `a.b`. Arrays
 * stay one value, as the text that they are written in. Numbers keep their digits, so that long ids stay distinct,
 * which is why `JSON.parse` does not do. Null and an absent member are the same: a missing value.
 *
 * @returns values by column; no entry for what is null
 * @throws NoRecord when the line is no JSON object, or has a member twice
 */
export function parseJsonRecord(line: string): Map<string, string> {
  return new RecordReader(line).read();
}

class RecordReader {
  private readonly values = new Map<string, string>();
  private readonly seen = new Set<string>();
  private at = 0;

  constructor(private readonly text: string) {}

  read(): Map<string, string> {
    this.skipBlanks();
    if (this.text[this.at] !== '{')
      throw new NoRecord(this.isJson() ? 'is not a JSON object' : 'is not JSON');
    this.readObject('', 1);
    this.skipBlanks();
    if (this.at < this.text.length) throw new NoRecord('something follows the JSON object');
    return this.values;
  }

  private readObject(prefix: string, depth: number): void {
    if (depth > MAX_DEPTH) throw new NoRecord(`objects are nested more than ${MAX_DEPTH} deep`);
    this.at += 1;
    if (this.accept('}')) return;
    do {
      this.skipBlanks();
      const name = prefix + this.readString();
      if (!this.accept(':')) throw this.malformed();
      this.readValue(name, depth);
    } while (this.accept(','));
    if (!this.accept('}')) throw this.malformed();
  }

  private readValue(name: string, depth: number): void {
    this.skipBlanks();
    const first = this.text[this.at];
    if (first === '{') {
      this.readObject(`${name}.`, depth + 1);
      return;
    }
    if (this.seen.has(name)) throw new NoRecord(`has ${JSON.stringify(name)} twice`);
    this.seen.add(name);
    const value = first === '"' ? this.readString() : first === '[' ? this.readArray() : this.readScalar();
    if (value !== 'null' || first === '"') this.values.set(name, value);
  }

  private readString(): string {
    const start = this.at;
    if (this.text[start] !== '"') throw this.malformed();
    const raw = this.text.slice(start, (this.at = this.afterString(start)));
    if (isPlain(raw)) return raw.slice(1, -1);
    const value = parsedString(raw);
    if (value === null) throw this.malformed(start);
    if (value.includes('\0')) throw new NoRecord('holds a NUL character');
    // Half of a surrogate pair has no UTF-8.
    if (/\p{Surrogate}/u.test(value)) throw new NoRecord('holds half of a surrogate pair');
    return value;
  }

  /** The array's own text; it is validated, not interpreted. */
  private readArray(): string {
    const start = this.at;
    let depth = 0;
    for (let at = start; at < this.text.length;) {
      const character = this.text[at];
      if (character === '"') {
        at = this.afterString(at);
        continue;
      }
      if (character === '[' || character === '{') depth += 1;
      else if (character === ']' || character === '}') depth -= 1;
      at += 1;
      if (depth > 0) continue;
      this.at = at;
      const array = this.text.slice(start, at);
      if (!parses(array)) throw this.malformed(start);
      return array;
    }
    throw this.malformed(start);
  }

  private readScalar(): string {
    const literal = LITERALS.find((word) => this.text.startsWith(word, this.at));
    NUMBER.lastIndex = this.at;
    const value = literal ?? NUMBER.exec(this.text)?.[0];
    if (value === undefined) throw this.malformed();
    this.at += value.length;
    return value;
  }

  /** Where a string that begins here ends. */
  private afterString(start: number): number {
    for (let end = start; ;) {
      end = this.text.indexOf('"', end + 1);
      if (end < 0) throw this.malformed(start);
      let slashes = 0;
      while (this.text[end - 1 - slashes] === '\\') slashes += 1;
      if (slashes % 2 === 0) return end + 1;
    }
  }

  private accept(character: string): boolean {
    this.skipBlanks();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private skipBlanks(): void {
    BLANK.lastIndex = this.at;
    BLANK.exec(this.text);
    this.at = BLANK.lastIndex;
  }

  private isJson(): boolean {
    return parses(this.text);
  }

  private malformed(at = this.at): NoRecord {
    const isCut = at >= this.text.length;
    return new NoRecord(isCut ? 'is not JSON: it ends too early' : `is not JSON at character ${at + 1}`);
  }
}

/** Whether a string stands as it is written: no escapes, and no control characters, which JSON forbids. */
function isPlain(raw: string): boolean {
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code === 92 || code < 32) return false;
  }
  return true;
}

function parsedString(raw: string): string | null {
  try {
    return JSON.parse(raw) as string;
  } catch {
    return null;
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
