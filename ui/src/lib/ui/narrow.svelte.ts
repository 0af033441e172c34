const media = matchMedia('(max-width: 720px)');

/** Whether the screen is narrow: tables become lists of cards. */
class Narrow {
  is = $state(media.matches);

  constructor() {
    media.addEventListener('change', () => (this.is = media.matches));
  }
}

export const narrow = new Narrow();
