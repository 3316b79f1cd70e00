const SHOWN = 50;

/** What was found wrong, each with what it is of. */
export class Findings {
  lost = 0;
  duplicated = 0;
  damaged = 0;
  leaked = 0;
  /** The first of them. */
  readonly texts: string[] = [];

  isLost(text: string): void {
    this.lost++;
    this.say(`lost: ${text}`);
  }

  isDuplicated(text: string): void {
    this.duplicated++;
    this.say(`duplicated: ${text}`);
  }

  isDamaged(text: string): void {
    this.damaged++;
    this.say(`damaged: ${text}`);
  }

  isLeaked(text: string): void {
    this.leaked++;
    this.say(`leaked: ${text}`);
  }

  private say(text: string): void {
    if (this.texts.length < SHOWN) this.texts.push(text);
  }
}
