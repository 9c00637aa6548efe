/** Small numbers for the characters and words of a list of phrases, so that comparing them is comparing integers. */

/** Number of a character or word that no phrase of the list has. It never matches. */
export const unknown = 0;

export class Lexicon {
  /** Number of the space, present in every lexicon. */
  readonly space: number;
  /** Code points in use, by symbol number. */
  symbolCount = 1;
  tokenCount = 1;
  private readonly basicPlane = new Uint32Array(0x10000);
  private readonly astral = new Map<number, number>();
  private readonly tokens = new Map<string, number>();

  constructor() {
    this.space = this.addSymbol(0x20);
  }

  symbol(point: number): number {
    return point < 0x10000 ? this.basicPlane[point]! : (this.astral.get(point) ?? unknown);
  }

  addSymbol(point: number): number {
    const known = this.symbol(point);
    if (known !== unknown) return known;
    if (point < 0x10000) this.basicPlane[point] = this.symbolCount;
    else this.astral.set(point, this.symbolCount);
    return this.symbolCount++;
  }

  token(text: string): number {
    return this.tokens.get(text) ?? unknown;
  }

  addToken(text: string): number {
    const known = this.tokens.get(text);
    if (known !== undefined) return known;
    this.tokens.set(text, this.tokenCount);
    return this.tokenCount++;
  }
}
