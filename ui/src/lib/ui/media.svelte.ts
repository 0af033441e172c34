/** A media query as reactive state. */
class Media {
  matches = $state(false);

  constructor(query: string) {
    const media = matchMedia(query);
    this.matches = media.matches;
    media.addEventListener('change', () => (this.matches = media.matches));
  }
}

/** Tables become lists of cards. */
export const narrow = new Media('(max-width: 720px)');
/** Tables omit optional columns. */
export const medium = new Media('(max-width: 1180px)');
