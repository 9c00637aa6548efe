// Which of a release's images is its artwork.

/** The best image of an answer of the API: the first primary one with a URI, else the first with one; null if there is none. */
export function artworkOf(release: unknown): string | null {
  const images = (release as { images?: unknown } | null)?.images;
  if (!Array.isArray(images)) return null;
  const usable = images.filter(
    (image): image is { type?: unknown; uri: string } =>
      typeof image?.uri === 'string' && /^https?:\/\/\S+$/.test(image.uri),
  );
  return (usable.find(({ type }) => type === 'primary') ?? usable[0])?.uri ?? null;
}
