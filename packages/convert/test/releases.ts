// Releases as data: an arbitrary that generates them, their XML in every allowed shape, and their rows.
import fc from 'fast-check';
import { pythonStrip } from '@wxyc/text';

export interface Credit {
  id: string;
  name: string;
  anv: string;
  join: string;
  role: string;
  tracks: string;
}

export interface Track {
  position: string;
  title: string;
  duration: string;
  artists: Credit[];
  extraartists: Credit[];
  sub_tracks: Track[];
}

export interface Release {
  id: number;
  status: string;
  images: { type: string; width: string; height: string }[];
  artists: Credit[];
  extraartists: Credit[];
  title: string;
  labels: { name: string; catno: string; id: string }[];
  series: { name: string; catno: string; id: string }[];
  formats: { name: string; qty: string; text: string; descriptions: string[] }[];
  genres: string[];
  styles: string[];
  country: string;
  released: string;
  notes: string;
  data_quality: string;
  master_id: string;
  tracklist: Track[];
  identifiers: { type: string; description: string; value: string }[];
  videos: { src: string; duration: string; title: string; description: string }[];
  companies: {
    id: string;
    name: string;
    entity_type: string;
    entity_type_name: string;
    resource_url: string;
    catno: string;
  }[];
}

/** How a release is spelt; none of it changes the rows. */
export interface Spelling {
  /** Characters beyond ASCII as references, as the older generation has them. */
  references: boolean;
  /** What an empty element looks like. */
  empty: 'absent' | 'self-closed' | 'pair';
  /** Attributes in reverse order. */
  reversed: boolean;
  /** Text in CDATA sections, comments between elements, white space between elements, single quotes. */
  unusual: 'no' | 'cdata' | 'comments' | 'spaces' | 'quotes';
}

const units = [
  ...'abcxyzABC0123 .-',
  ',',
  '"',
  "'",
  '&',
  '<',
  '>',
  ']',
  '\n',
  '\r',
  '\t',
  ';',
  '(',
  ')',
  '\u00a0',
  '\u0085',
  '\u2003',
  '\u3000',
  '\ufeff',
  '\u00e9',
  '\u00df',
  '\u304c',
  '\u65e5',
  '\u0627',
  '\ufffd',
  '\uff11',
  '\u200d',
  '\u{1F3B5}',
];
export const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom(...units), maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      '\r\n',
      'Bj\u00f6rk',
      'Nirvana (2)',
      '12"',
      'a, b & c',
      '</release>',
      '<release id="1">',
      ']]>',
      '&amp;',
      'Various',
    ),
  },
);
const digits = fc.oneof(fc.constant(''), fc.nat().map(String), fc.constant(`1${'0'.repeat(62)}1`));
/** An id as an attribute, also as no dump has it. */
const id = fc.constantFrom('', '0', '12', '007', 'x');
const list = <T>(item: fc.Arbitrary<T>, maxLength = 3): fc.Arbitrary<T[]> =>
  fc.array(item, { maxLength });

export const credit: fc.Arbitrary<Credit> = fc.record({
  id: digits,
  name: text,
  anv: text,
  join: text,
  role: text,
  tracks: text,
});
const track = (deep: number): fc.Arbitrary<Track> =>
  fc.record({
    position: text,
    title: text,
    duration: text,
    artists: list(credit, 2),
    extraartists: list(credit, 2),
    sub_tracks: deep > 0 ? list(track(deep - 1), 2) : fc.constant([]),
  });

export const release: fc.Arbitrary<Release> = fc.record({
  id: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  status: fc.constantFrom('Accepted', 'Draft', ''),
  images: list(
    fc.record({ type: fc.constantFrom('primary', 'secondary', ''), width: digits, height: digits }),
  ),
  artists: list(credit),
  extraartists: list(credit),
  title: text,
  labels: list(fc.record({ name: text, catno: text, id })),
  series: list(fc.record({ name: text, catno: text, id }), 2),
  formats: list(fc.record({ name: text, qty: digits, text, descriptions: list(text) })),
  genres: list(text),
  styles: list(text),
  country: text,
  released: text,
  notes: text,
  data_quality: text,
  master_id: digits,
  tracklist: list(track(2), 4),
  identifiers: list(fc.record({ type: text, description: text, value: text })),
  videos: list(fc.record({ src: text, duration: digits, title: text, description: text })),
  companies: list(
    fc.record({
      id: digits,
      name: text,
      entity_type: digits,
      entity_type_name: text,
      resource_url: text,
      catno: text,
    }),
  ),
});

export const spelling: fc.Arbitrary<Spelling> = fc.record({
  references: fc.boolean(),
  empty: fc.constantFrom('absent', 'self-closed', 'pair'),
  reversed: fc.boolean(),
  unusual: fc.oneof(
    { weight: 3, arbitrary: fc.constant('no' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'cdata' as const,
        'comments' as const,
        'spaces' as const,
        'quotes' as const,
      ),
    },
  ),
});

/** The release's XML. */
export function releaseXml(record: Release, spelling: Spelling): string {
  const { references, empty, reversed, unusual } = spelling;
  const between =
    unusual === 'comments' ? '<!-- </release> & <track> -->' : unusual === 'spaces' ? '\n  ' : '';
  const escape = (value: string, attribute: boolean): string => {
    let escaped = value
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('\r', '&#13;');
    if (attribute)
      escaped = escaped
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&apos;')
        .replaceAll('\n', '&#10;')
        .replaceAll('\t', '&#9;');
    return references
      ? escaped.replace(/[^\0-\x7f]/gu, (character) => `&#${character.codePointAt(0)};`)
      : escaped;
  };
  const content = (value: string): string =>
    unusual === 'cdata' && !value.includes('\r')
      ? `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
      : escape(value, false);
  const element = (name: string, value: string, start = name): string => {
    if (value !== '') return `<${start}>${content(value)}</${name}>`;
    return empty === 'absent'
      ? ''
      : empty === 'self-closed'
        ? `<${start}/>`
        : `<${start}></${name}>`;
  };
  const tag = (name: string, attributes: Record<string, string>): string => {
    const quote = unusual === 'quotes' ? "'" : '"';
    const entries = Object.entries(attributes);
    if (reversed) entries.reverse();
    return (
      name +
      entries.map(([key, value]) => ` ${key}=${quote}${escape(value, true)}${quote}`).join('')
    );
  };
  const many = <T>(name: string, values: readonly T[], item: (value: T) => string): string => {
    if (values.length > 0)
      return `<${name}>${between}${values.map(item).join(between)}${between}</${name}>`;
    return empty === 'absent' ? '' : empty === 'self-closed' ? `<${name}/>` : `<${name}></${name}>`;
  };
  const parts = (value: object, names: readonly string[]): string =>
    names.map((name) => element(name, (value as Record<string, string>)[name]!)).join(between);
  const artist = (value: Credit): string =>
    `<artist>${parts(value, ['id', 'name', 'anv', 'join', 'role', 'tracks'])}</artist>`;
  const trackElement = (value: Track): string =>
    `<track>${parts(value, ['position', 'title', 'duration'])}${many('artists', value.artists, artist)}${many('extraartists', value.extraartists, artist)}${many('sub_tracks', value.sub_tracks, trackElement)}</track>`;
  const children = [
    many(
      'images',
      record.images,
      (image) =>
        `<${tag('image', { type: image.type, uri: '', uri150: '', width: image.width, height: image.height })}/>`,
    ),
    many('artists', record.artists, artist),
    element('title', record.title),
    many('labels', record.labels, (label) => `<${tag('label', label)}/>`),
    record.series.length > 0
      ? many('series', record.series, (series) => `<${tag('series', series)}/>`)
      : '',
    many('extraartists', record.extraartists, artist),
    many('formats', record.formats, ({ descriptions, ...format }) => {
      const inner = many('descriptions', descriptions, (description) =>
        element('description', description),
      );
      return inner === ''
        ? `<${tag('format', format)}/>`
        : `<${tag('format', format)}>${inner}</format>`;
    }),
    many('genres', record.genres, (genre) => element('genre', genre)),
    many('styles', record.styles, (style) => element('style', style)),
    parts(record, ['country', 'released', 'notes', 'data_quality']),
    element('master_id', record.master_id, tag('master_id', { is_main_release: 'true' })),
    many('tracklist', record.tracklist, trackElement),
    many('identifiers', record.identifiers, (identifier) => `<${tag('identifier', identifier)}/>`),
    many(
      'videos',
      record.videos,
      ({ src, duration, ...video }) =>
        `<${tag('video', { src, duration, embed: 'true' })}>${parts(video, ['title', 'description'])}</video>`,
    ),
    many(
      'companies',
      record.companies,
      (company) =>
        `<company>${parts(company, ['id', 'name', 'catno', 'entity_type', 'entity_type_name', 'resource_url'])}</company>`,
    ),
  ];
  return `<${tag('release', { id: String(record.id), status: record.status })}>${children.join(between)}</release>`;
}

export const dumpXml = (records: readonly Release[], spellings: readonly Spelling[]): string =>
  `<releases>\n${records.map((record, index) => releaseXml(record, spellings[index % spellings.length]!)).join('\n')}\n</releases>\n`;

const trim = pythonStrip;

/** The rows of releases by file, worked out from the data alone. */
export function expectedRows(records: readonly Release[]): Record<string, string[][]> {
  const rows: Record<string, string[][]> = Object.fromEntries(
    [
      'release',
      'release_artist',
      'release_label',
      'release_genre',
      'release_style',
      'release_format',
      'release_company',
      'release_identifier',
      'release_video',
      'release_track',
      'release_track_artist',
      'release_image',
    ].map((name) => [name, []]),
  );
  let trackId = 0;
  for (const record of records) {
    const id = String(record.id);
    const add = (file: string, ...values: (string | number)[]): void =>
      void rows[file]!.push([id, ...values.map((value) => trim(String(value)))]);
    const credits = (file: string, before: number[], lists: Credit[][]): void =>
      lists.forEach((artists, extra) =>
        artists.forEach((artist, index) =>
          add(
            file,
            ...before,
            artist.id,
            artist.name,
            extra,
            artist.anv,
            index + 1,
            artist.join,
            artist.role,
            artist.tracks,
          ),
        ),
      );
    add(
      'release',
      record.title,
      record.released,
      record.country,
      record.notes,
      record.data_quality,
      record.master_id,
      record.status,
    );
    credits('release_artist', [], [record.artists, record.extraartists]);
    for (const label of record.labels) add('release_label', label.name, label.catno);
    for (const genre of record.genres) if (trim(genre) !== '') add('release_genre', genre);
    for (const style of record.styles) if (trim(style) !== '') add('release_style', style);
    for (const format of record.formats) {
      const descriptions = format.descriptions
        .map(trim)
        .filter((description) => description !== '');
      add('release_format', format.name, format.qty, format.text, descriptions.join('; '));
    }
    for (const company of record.companies)
      add(
        'release_company',
        company.id,
        company.name,
        company.entity_type,
        company.entity_type_name,
        company.resource_url,
      );
    for (const identifier of record.identifiers)
      add('release_identifier', identifier.description, identifier.type, identifier.value);
    for (const video of record.videos)
      add('release_video', video.duration, video.title, video.description, video.src);
    for (const image of record.images) add('release_image', image.type, image.width, image.height);
    let sequence = 0;
    const walk = (tracks: Track[], parent: number | ''): void => {
      for (const track of tracks) {
        const own = ++sequence;
        trackId++;
        add('release_track', own, track.position, parent, track.title, track.duration, trackId);
        credits('release_track_artist', [own, trackId], [track.artists, track.extraartists]);
        walk(track.sub_tracks, own);
      }
    };
    walk(record.tracklist, '');
  }
  return rows;
}
