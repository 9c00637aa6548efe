/** What is refused at the start, hours before it would matter. */
import { refuseObstacles } from '@wxyc/cache';
import { errorCode, sameDatabase } from '@wxyc/postgres';
import { UsageError, type StepContext } from '@wxyc/step';

/** The code of "database does not exist". */
const noDatabase = '3D000';

/** Throws if the end of the run could not replace the published cache. */
export function checkBeforeRun(databaseUrl: string, context: StepContext): Promise<void> {
  return refuseObstacles({ databaseUrl }, context);
}

/** Refuses a target that is the source, whatever the URLs look like. A target that does not exist yet is none. */
export async function refuseSameTarget(url: string, targetUrl: string): Promise<void> {
  const same = await sameDatabase(url, targetUrl).catch((error: Error) => {
    if (errorCode(error.cause) === noDatabase) return false;
    throw error;
  });
  if (same) throw new UsageError('--target-db-url is the same database as --database-url; give another one, or leave it out to prune in place.');
}
