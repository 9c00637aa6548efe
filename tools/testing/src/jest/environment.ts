/**
 * What a jest run needs before its first test and gives back after its last. A project's set-up and tear-down are two
 * modules in the same process; this list tells the second what to end.
 */
const ends = new Map<string, (() => void | Promise<void>)[]>();

/** Registers a clean-up; clean-ups run in reverse order. */
export function onEnd(project: string, end: () => void | Promise<void>): void {
  ends.set(project, [end, ...(ends.get(project) ?? [])]);
}

export async function endAll(project: string): Promise<void> {
  for (const end of ends.get(project) ?? []) await end();
  ends.delete(project);
}
