/**
 * The only writer to stderr. Log lines and live progress lines take turns here, so that a half-drawn progress line
 * never mixes with anything else.
 */

const eraseLine = '\x1b[2K';
const up = '\x1b[1A';

class Screen {
  #drawn = 0;
  #lines: readonly string[] = [];
  #gone = false;
  #listening = false;

  /** Writes finished lines above the live ones. */
  write(text: string): void {
    this.aside(() => this.#put(text));
  }

  /** Shows these lines below everything else, replacing the earlier ones. An empty list removes them. */
  draw(lines: readonly string[]): void {
    this.#lines = lines;
    this.#put(this.#erase() + this.#live());
  }

  /** Removes the live lines while something else writes to the terminal. */
  aside(write: () => void): void {
    if (this.#drawn === 0) return write();
    this.#put(this.#erase());
    write();
    this.#put(this.#live());
  }

  #erase(): string {
    const text = `${up}${eraseLine}`.repeat(this.#drawn) + (this.#drawn ? '\r' : '');
    this.#drawn = 0;
    return text;
  }

  #live(): string {
    this.#drawn = this.#lines.length;
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  #put(text: string): void {
    if (!this.#listening) {
      this.#listening = true;
      process.stderr.on('error', () => (this.#gone = true));
    }
    if (!this.#gone && text) process.stderr.write(text);
  }
}

export const screen = new Screen();
