/** A media query as reactive state. */
class Media {
  is = $state(false);

  constructor(query: string) {
    const media = matchMedia(query);
    this.is = media.matches;
    media.addEventListener('change', () => (this.is = media.matches));
  }
}

/** Tables become lists of cards. */
export const narrow = new Media('(max-width: 720px)');
/** Tables leave out what is nice to have. */
export const medium = new Media('(max-width: 1180px)');
