/** What a run refuses at its start, hours before it would matter. */
import {
  refuseObstacles,
  refuseOlderMonth,
  refuseProfileChange,
  refuseUnfitServer,
  replacementRemarks,
} from '@wxyc/cache';
import { errorCode, sameDatabase, type Sql } from '@wxyc/postgres';
import { UsageError, type Logger, type StepContext } from '@wxyc/step';
import { monthOfPlan } from './origin.js';
import type { Plan } from './run-plan.js';

/** The code of "database does not exist". */
const noDatabase = '3D000';

/** Throws if no cache can be built in the database, or if the end of the run could not, or should not, replace the published one. */
export async function checkBeforeRun(
  databaseUrl: string,
  plan: Plan,
  context: StepContext,
): Promise<void> {
  await refuseUnfitServer({ databaseUrl }, context);
  for (const remark of await replacementRemarks({ databaseUrl, profile: plan.profile }, context))
    context.logger.warn(`${remark}; publishing drops them`);
  await refuseProfileChange(
    { databaseUrl, profile: plan.profile, asked: plan.options.profile },
    context,
  );
  await refuseObstacles(
    { databaseUrl, profile: plan.profile, keepPrevious: plan.options.keepPrevious },
    context,
  );
  await refuseOlderMonth(
    { databaseUrl, month: monthOfPlan(plan), allowOlder: plan.options.allowOlder },
    context,
  );
}

/**
 * Refuses a target that is the source, whatever the URLs look like, and one whose tables could not be replaced at the end. A
 * target that does not exist yet passes.
 */
export async function checkTarget(
  url: string,
  targetUrl: string,
  plan: Plan,
  context: StepContext,
): Promise<void> {
  const same = await sameDatabase(url, targetUrl).catch((error: Error) => {
    if (errorCode(error.cause) === noDatabase) return undefined;
    throw error;
  });
  if (same === undefined) return;
  if (same)
    throw new UsageError(
      '--target-db-url is the same database as --database-url; give another one, or leave it out to prune in place.',
    );
  await checkBeforeRun(targetUrl, plan, context);
}

/** The warning about connecting as a superuser; undefined for an ordinary role. */
export async function superuserWarning(sql: Sql): Promise<string | undefined> {
  const [role] = await sql.unsafe<{ name: string; super: boolean }[]>(
    'SELECT rolname AS name, rolsuper AS super FROM pg_roles WHERE rolname = current_user',
  );
  return role?.super
    ? `${role.name} is a superuser: code that others have put into this database would run with unlimited rights. Use a role that owns this database and nothing else`
    : undefined;
}

/** Logs the warning, once per run. An embedded server is the run's own and has no other role. */
export async function warnOfSuperuser(sql: Sql, logger: Logger): Promise<void> {
  const warning = await superuserWarning(sql);
  if (warning) logger.warn(warning);
}
