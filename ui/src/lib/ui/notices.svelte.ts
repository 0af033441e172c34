export interface Notice {
  id: number;
  text: string;
  bad: boolean;
}

const shownFor = 5000;
let next = 1;

/** Short messages about what a person just did; read out to who cannot see them. */
class NoticeList {
  items = $state<Notice[]>([]);

  say(text: string, bad = false): void {
    const id = next++;
    this.items = [...this.items.slice(-2), { id, text, bad }];
    setTimeout(() => (this.items = this.items.filter((n) => n.id !== id)), bad ? shownFor * 2 : shownFor);
  }
}

export const notices = new NoticeList();
