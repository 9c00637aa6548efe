/** Writes a release as the dumps of either generation do. */
import type { Credit, Release, Track } from './release.js';

/** `old`: the dumps until July 2024. `new`: those since December 2024. */
export type Generation = 'old' | 'new';

export function releaseXml(release: Release, generation: Generation): string {
  const write = generation === 'old' ? oldXml : newXml;
  return write.release(release);
}

/** Writes an artist's record in the dump of artists. */
export function artistXml(
  artist: { id: number; name: string; variations: string[] },
  generation: Generation,
): string {
  return (generation === 'old' ? oldXml : newXml).artist(artist);
}

class Xml {
  constructor(private readonly old: boolean) {}

  release = (r: Release): string =>
    `<release id="${r.id}" status="Accepted">${this.images(r)}${this.list('artists', r.artists.map(this.credit))}<title>${this.text(r.title)}</title>` +
    this.list(
      'labels',
      r.labels.map(
        (l) =>
          `<label name="${this.attribute(l.name)}" catno="${this.attribute(l.catno)}" id="${l.id}"/>`,
      ),
    ) +
    (this.old
      ? ''
      : this.list(
          'series',
          r.series.map(
            (s) => `<series name="${this.attribute(s.name)}" catno="${s.catno}" id="${s.id}"/>`,
          ),
        )) +
    this.list('extraartists', r.extras.map(this.credit)) +
    this.list(
      'formats',
      r.formats.map(
        (f) =>
          `<format name="${f.name}" qty="${f.qty}" text="${this.attribute(f.text)}">${this.list(
            'descriptions',
            f.descriptions.map((d) => this.element('description', d)),
          )}</format>`,
      ),
    ) +
    this.list(
      'genres',
      r.genres.map((g) => this.element('genre', g)),
    ) +
    this.list(
      'styles',
      r.styles.map((s) => this.element('style', s)),
    ) +
    `${this.element('country', r.country)}${this.element('released', r.released)}${this.element('notes', r.notes)}${this.element('data_quality', r.quality)}` +
    (r.masterId === null
      ? ''
      : `<master_id is_main_release="${r.isMain}">${r.masterId}</master_id>`) +
    this.list('tracklist', r.tracks.map(this.track)) +
    this.list(
      'identifiers',
      r.identifiers.map(
        (i) =>
          `<identifier type="${i.type}"${i.description ? ` description="${this.attribute(i.description)}"` : ''} value="${this.attribute(i.value)}"/>`,
      ),
    ) +
    (r.videos.length
      ? this.list(
          'videos',
          r.videos.map(
            (v) =>
              `<video src="${v.src}" duration="${v.duration}" embed="true">${this.element('title', v.title)}${this.element('description', v.description)}</video>`,
          ),
        )
      : '') +
    this.list(
      'companies',
      r.companies.map(
        (c) =>
          `<company><id>${c.id}</id>${this.element('name', c.name)}${this.element('catno', '')}<entity_type>${c.type}</entity_type>${this.element('entity_type_name', c.typeName)}<resource_url>https://api.discogs.com/labels/${c.id}</resource_url></company>`,
      ),
    ) +
    '</release>';

  /** The old generation had them, with addresses that were always empty. */
  private images(r: Release): string {
    if (!this.old || !r.images.length) return '';
    return this.list(
      'images',
      r.images.map(
        (i) => `<image type="${i.type}" uri="" uri150="" width="${i.width}" height="${i.height}"/>`,
      ),
    );
  }

  artist = ({ id, name, variations }: Parameters<typeof artistXml>[0]): string =>
    `<artist><id>${id}</id><name>${this.text(name)}</name><data_quality>Needs Vote</data_quality>${this.list(
      'namevariations',
      variations.map((one) => this.element('name', one)),
    )}</artist>`;

  private credit = (c: Credit): string =>
    `<artist>${c.id === null ? (this.old ? '<id>0</id>' : '') : `<id>${c.id}</id>`}<name>${this.text(c.name)}</name>${this.element('anv', c.anv)}` +
    `${this.element('join', c.join)}${this.element('role', c.role)}${this.element('tracks', c.tracks)}</artist>`;

  private track = (t: Track): string =>
    `<track>${this.element('position', t.position)}${this.element('title', t.title)}${this.element('duration', t.duration)}` +
    (t.artists.length ? this.list('artists', t.artists.map(this.credit)) : '') +
    (t.extras.length ? this.list('extraartists', t.extras.map(this.credit)) : '') +
    (t.sub.length ? this.list('sub_tracks', t.sub.map(this.track)) : '') +
    '</track>';

  /** Empty elements are written by the old generation and left out by the new one. */
  private element(name: string, value: string): string {
    if (value) return `<${name}>${this.text(value)}</${name}>`;
    return this.old ? `<${name}/>` : '';
  }

  private list(name: string, items: string[]): string {
    if (items.length) return `<${name}>${items.join('')}</${name}>`;
    return this.old ? `<${name}/>` : '';
  }

  private text(value: string): string {
    if (!/[&<>\r\u0080-\uffff]/.test(value)) return value;
    const escaped = value
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/\r/g, '&#13;');
    return this.old
      ? escaped.replace(/[^\0-\x7f]/gu, (char) => `&#${char.codePointAt(0)};`)
      : escaped;
  }

  private attribute(value: string): string {
    return this.text(value).replace(/"/g, '&quot;');
  }
}

const oldXml = new Xml(true);
const newXml = new Xml(false);
