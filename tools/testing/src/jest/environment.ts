/**
 * What a jest run needs before its first test and gives back after its last. Set-up and tear-down of one project are two
 * modules in the same process: this list carries what is to be ended from one to the other.
 */
const ends = new Map<string, (() => void | Promise<void>)[]>();

/** Remembers an end; ends run in the reverse order. */
export function onEnd(project: string, end: () => void | Promise<void>): void {
  ends.set(project, [end, ...(ends.get(project) ?? [])]);
}

export async function endAll(project: string): Promise<void> {
  for (const end of ends.get(project) ?? []) await end();
  ends.delete(project);
}
