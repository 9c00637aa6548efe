/** The status of a database as text for people. */
import type { CacheFacts, CacheStatus } from '@wxyc/cache';
import { formatBytes, formatCount } from '@wxyc/cli';
import { previousSchema } from '@wxyc/dataset';

const minute = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`;

/** What the cache was made from, and how large it is. */
function lines(facts: CacheFacts): string[] {
  const {
    month,
    dump,
    checksum,
    library,
    libraryAlbums,
    profile,
    releases,
    bytes,
    runId,
    publishedAt,
  } = facts;
  const source =
    month === null && dump === null
      ? 'from an unrecorded dump'
      : [month, dump && `(${dump})`].filter(Boolean).join(' ');
  const of =
    library === null
      ? ''
      : `library of ${formatCount(libraryAlbums ?? 0)} ${libraryAlbums === 1 ? 'album' : 'albums'}, fingerprint ${library.slice(0, 12)}`;
  const by = [runId && `run ${runId}`, publishedAt && minute(publishedAt)]
    .filter(Boolean)
    .join(', ');
  return [
    `${source}, ${formatCount(releases)} ${releases === 1 ? 'release' : 'releases'}, ${formatBytes(bytes)}`,
    [profile && `profile ${profile}`, of].filter(Boolean).join('; '),
    checksum ? `SHA-256 ${checksum}` : '',
    by && `published by ${by}`,
  ].filter(Boolean);
}

/** One paragraph for each of the caches, and who is at work. */
export function statusText({ published, previous, build, lock }: CacheStatus): string {
  const parts: [string, string[]][] = [
    ['published', published ? lines(published) : ['no cache']],
    [
      'before',
      previous
        ? [
            ...lines(previous),
            `in ${previousSchema}${previous.replacedAt ? ` since ${minute(previous.replacedAt)}` : ''}; wxyc-schema undo brings it back`,
          ]
        : ['nothing is kept'],
    ],
    ['build', build ? buildLines(build, lock !== null) : ['none']],
    [
      'lock',
      [
        lock
          ? `held by ${lock.name}, server process ${lock.pid}, since ${lock.since}`
          : 'free: no run is under way',
      ],
    ],
  ];
  return parts
    .map(([name, texts]) =>
      texts.map((text, at) => `${(at === 0 ? name : '').padEnd(9)}  ${text}\n`).join(''),
    )
    .join('');
}

function buildLines(build: NonNullable<CacheStatus['build']>, underWay: boolean): string[] {
  const { startedAt, runId, steps } = build;
  const begun = `begun${startedAt ? ` ${minute(startedAt)}` : ''}${runId ? ` by run ${runId}` : ''}; ${steps.length ? `done: ${steps.join(', ')}` : 'no step is recorded as done'}`;
  return [
    lines(build)[0]!,
    begun,
    ...(underWay
      ? []
      : ['nobody is working on it: wxyc-pipeline --resume continues it, a new run replaces it']),
  ];
}
