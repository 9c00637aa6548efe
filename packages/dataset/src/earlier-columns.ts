/**
 * Columns that earlier or other layouts of the same tables have, from the dump or from the tools that loaded it. They are not part
 * of any profile: what they held is dropped with the cache that had them. Any other column that a table has beyond its profile was
 * added by somebody.
 */
const credit = ['id', 'artist_id', 'anv', 'position', 'join_string', 'role', 'tracks'];

export const earlierColumns: Readonly<Record<string, readonly string[]>> = {
  release: ['status', 'released', 'notes', 'data_quality', 'master_id', 'format', 'not_found'],
  release_artist: credit,
  release_label: ['id', 'label', 'label_id', 'catno'],
  release_track: ['id', 'parent', 'track_id'],
  release_track_artist: [...credit, 'track_id', 'extra'],
};
