/** Names collected from several sources, each kept once. */
import { repairText } from '@wxyc/library';
import { compareCodePoints, isCompilationArtist, pythonStrip } from '@wxyc/text';

/** What MySQL's tools write for no name, and what a careless import then stores as text. */
const noName = /^(?:NULL|\\N)$/;

/**
 * A name without white space around it, repaired as names of the library are; empty if nothing is left. The list has one name per line: a line
 * end inside a name is white space like any other.
 */
export function trimmedName(name: string | null | undefined): string {
  const trimmed = pythonStrip(repairText(name ?? '').text).replace(/\s*[\r\n]+\s*/g, ' ');
  return noName.test(trimmed) ? '' : trimmed;
}

export class NameList {
  /** Names offered so far. */
  read = 0;
  readonly dropped: Record<string, number> = {};
  private readonly names = new Set<string>();

  get size(): number {
    return this.names.size;
  }

  /** Takes a name unless it is empty, already known, or means a compilation. */
  add(name: string | null): void {
    this.read += 1;
    const trimmed = trimmedName(name);
    if (trimmed === '') this.drop('empty');
    else if (isCompilationArtist(trimmed)) this.drop('compilation');
    else if (this.names.has(trimmed)) this.drop('already listed');
    else this.names.add(trimmed);
  }

  /** Compilations that a reader left out before they came here. */
  countCompilations(count: number): void {
    this.read += count;
    this.drop('compilation', count);
  }

  sorted(): string[] {
    return [...this.names].sort(compareCodePoints);
  }

  private drop(reason: string, count = 1): void {
    if (count > 0) this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
  }
}
