/** Whether a key press belongs to a text field or to a browser's short cut, and so to nobody else. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const target = event.target as HTMLElement | null;
  return target?.matches?.('input:not([type=checkbox]), textarea, select, [contenteditable]') ?? false;
}
