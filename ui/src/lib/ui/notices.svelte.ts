export interface Notice {
  id: number;
  text: string;
  bad: boolean;
}

const displayMs = 5000;
let next = 1;

/** Short messages about the user's last actions; screen readers announce them. */
class NoticeList {
  items = $state<Notice[]>([]);

  show(text: string, bad = false): void {
    const id = next++;
    this.items = [...this.items.slice(-2), { id, text, bad }];
    setTimeout(() => (this.items = this.items.filter((n) => n.id !== id)), bad ? displayMs * 2 : displayMs);
  }
}

export const notices = new NoticeList();
