/** Everything that would keep a build from being published, in one list. */
import { buildSchema, publishedSchema, type Profile } from '@wxyc/dataset';
import { type Client, withClient } from '@wxyc/postgres';
import { stepContext, type StepContext } from '@wxyc/step';
import { queryable } from '../queryable.js';
import { readProfiles, widest, type Profiles } from '../profile.js';
import { findForeignTables } from '../recognise.js';
import { foreignCode } from './foreign-code.js';
import { addedObstacles, earlierLayoutRemarks } from './added-columns.js';
import { attachedObstacles, nameClashes, throwObstacles } from './obstacles.js';
import { previousObstacles } from './previous.js';
import { coveringPublications } from './publications.js';
import { missingRights } from './rights.js';

export interface ObstacleOptions {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** The build's schema; default `discogs_next`. */
  schema?: string | undefined;
  /** The build's profile, if the build does not exist yet; default: that of the published cache. */
  profile?: Profile | undefined;
  /** As for `publish`. */
  keepPrevious?: boolean | undefined;
}

/**
 * Names everything that would keep a build from being published: missing rights, and objects attached to the published
 * tables. For the start of a run, hours earlier; empty when there is nothing.
 */
export async function publishObstacles(
  options: ObstacleOptions,
  context?: Partial<StepContext>,
): Promise<string[]> {
  const { databaseUrl, schema = buildSchema, keepPrevious = true } = options;
  const { signal } = stepContext(context);
  return withClient(
    databaseUrl,
    {
      applicationName: 'wxyc-obstacles',
      signal,
      doing: 'Checking whether a build can be published',
    },
    async (client) => {
      await client.query('SET search_path = pg_catalog');
      return await allObstacles(
        client,
        schema,
        keepPrevious,
        await profilesOf(client, options.profile),
      );
    },
  );
}

/** Throws a StepError that names the obstacles, if there are any. */
export async function refuseObstacles(
  options: ObstacleOptions,
  context?: Partial<StepContext>,
): Promise<void> {
  throwObstacles(await publishObstacles(options, context));
}

/** Sentences about what leaves with the published cache when it is replaced: columns of earlier layouts. For doctor and the start of a run. */
export async function replacementRemarks(
  options: { databaseUrl: string; profile?: Profile | undefined },
  context?: Partial<StepContext>,
): Promise<string[]> {
  const { signal } = stepContext(context);
  return withClient(
    options.databaseUrl,
    {
      applicationName: 'wxyc-obstacles',
      signal,
      doing: 'Reading the columns of the published cache',
    },
    async (client) => {
      await client.query('SET search_path = pg_catalog');
      return await earlierLayoutRemarks(client, await profilesOf(client, options.profile));
    },
  );
}

/** The profiles at a run's start. The build's schema is not asked, since anything in it will be dropped. */
async function profilesOf(client: Client, asked: Profile | undefined): Promise<Profiles> {
  const { published } = await readProfiles(queryable(client), publishedSchema);
  return { build: asked ?? published, published };
}

/** {@link publishObstacles} over an open connection whose search path is just pg_catalog. */
export async function allObstacles(
  client: Client,
  schema: string,
  keepPrevious: boolean,
  profiles: Profiles,
): Promise<string[]> {
  return [
    ...(await findForeignTables(queryable(client), publishedSchema, widest(profiles))),
    ...(await missingRights(client, schema, profiles)),
    ...(await attachedObstacles(client, profiles)),
    ...(await addedObstacles(client, profiles)),
    ...(await nameClashes(client, schema, profiles)),
    ...(await previousObstacles(client, keepPrevious)),
    ...(await foreignCode(queryable(client))),
    ...(await coveringPublications(client, schema)),
  ];
}
