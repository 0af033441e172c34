/** Reports whether a key press is text input or a browser shortcut, which the page must ignore. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const target = event.target as HTMLElement | null;
  return target?.matches?.('input:not([type=checkbox]), textarea, select, [contenteditable]') ?? false;
}
