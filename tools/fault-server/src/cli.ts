/** wxyc-fault-server: the dump site and the API, for trying things by hand. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand, out, wholeNumber, type Program } from '@wxyc/cli';
import { UsageError } from '@wxyc/step';
import { startApi } from './api.js';
import { startDumpSite, type DownloadFault } from './dump-site.js';

const bytes = (name: string, describe: string) =>
  ({
    type: 'number',
    requiresArg: true,
    group: 'Faults of every download:',
    coerce: wholeNumber(`--${name}`),
    describe,
  }) as const;

const command = defineCommand({
  command: '$0 <directory>',
  describe:
    'Serve the dumps in a directory (discogs_YYYYMMDD_KIND.xml.gz) and an API with one image for every release, until Ctrl-C',
  options: (y) =>
    y
      .positional('directory', {
        type: 'string',
        demandOption: true,
        describe: 'Where the dumps lie; read once',
      })
      .options({
        rate: {
          type: 'number',
          requiresArg: true,
          coerce: wholeNumber('--rate', 1),
          describe: 'Bytes a second of a download',
        },
        limit: {
          type: 'number',
          requiresArg: true,
          default: 60,
          coerce: wholeNumber('--limit', 1),
          describe: "The API's requests a minute",
        },
        redirect: { type: 'boolean', describe: 'Send downloads on to another path first' },
        'reset-at': bytes('reset-at', 'Reset the connection before this byte'),
        'stall-at': bytes('stall-at', 'Fall silent before this byte'),
        'end-at': bytes('end-at', 'End the response before this byte, as if that were all'),
        'damage-at': bytes('damage-at', 'Send this byte wrongly'),
        status: bytes('status', 'Answer with this status'),
        'ignore-range': {
          type: 'boolean',
          group: 'Faults of every download:',
          describe: 'Answer a request for a range with the whole file',
        },
      }),
  run: async (args, { signal }) => {
    const names = readdirSync(args.directory).filter((name) =>
      /^discogs_\d{8}_\w+\.(?:xml\.gz|txt)$/.test(name),
    );
    if (names.length === 0)
      throw new UsageError(`${args.directory} holds no discogs_YYYYMMDD_KIND.xml.gz.`);
    const { resetAt, stallAt, endAt, damageAt, status } = args;
    const always = Object.fromEntries(
      Object.entries({
        resetAt,
        stallAt,
        endAt,
        damageAt,
        status,
        ignoreRange: args.ignoreRange || undefined,
      }).filter(([, value]) => value !== undefined),
    ) as DownloadFault;
    const site = await startDumpSite({
      files: Object.fromEntries(
        names.map((name) => [name, readFileSync(join(args.directory, name))]),
      ),
      always,
      rate: args.rate,
      redirect: args.redirect ?? false,
    });
    const api = await startApi({ limit: args.limit });
    out(`dumps ${site.url}\napi ${api.url}\n`);
    await new Promise<void>((stop) =>
      signal.addEventListener('abort', () => stop(), { once: true }),
    );
    await Promise.all([site.close(), api.close()]);
  },
});

export const program: Program = {
  name: 'wxyc-fault-server',
  describe: 'Serves dumps and an API of releases on this machine, as well or as badly as asked.',
  packageUrl: import.meta.url,
  examples: [
    ['$0 dumps --rate 1000000 --reset-at 5000000', 'wxyc-fetch --base-url with what it prints'],
  ],
  commands: [command],
};
