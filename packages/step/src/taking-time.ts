/** Ends that take longer than others, which whoever waits for the end of a process has to know of. */
let ends = 0;

/** Does work that an interrupted process must not be denied, however long it takes, and that is certain to end: the shutdown of a server. */
export async function takingTime<T>(work: () => Promise<T>): Promise<T> {
  ends++;
  try {
    return await work();
  } finally {
    ends--;
  }
}

/** Whether such work is under way. */
export const isTakingTime = (): boolean => ends > 0;
