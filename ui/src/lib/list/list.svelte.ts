import { untrack } from 'svelte';
import type { Query } from '../data/api';
import { live } from '../data/live.svelte';
import { router } from '../router/router.svelte';
import { LiveTable } from './live-table.svelte';
import { filterNames, queryOf, type ListSpec } from './spec';

export const defaultSort = '-ts';
/** Browsers limit how often a page may change its URL; holding `j` selects 30 rows a second. */
const urlDelay = 200;

/** State of a list screen: rows, selection, and the filters and sort order in the URL. */
export class List<T extends { id: string }> {
  readonly table: LiveTable<T>;
  selected = $state<string | undefined>(router.query.get('selected') ?? undefined);
  readonly sort: string = $derived(router.query.get('sort') ?? defaultSort);
  readonly filtered: boolean = $derived.by(() => this.#names.some((name) => router.query.has(name)));
  readonly current: T | undefined = $derived.by(() => this.table.rows.find((row) => row.id === this.selected) ?? (this.#linked?.id === this.selected ? this.#linked : undefined));
  /** The selected row of a link, which need not be among the loaded rows. */
  #linked = $state.raw<T | undefined>();
  // As text, so that effects run only where a value changes.
  readonly #query: string = $derived.by(() => JSON.stringify(queryOf(this.#names, router.query, this.sort)));
  readonly #names: readonly string[];
  #urlTimer?: ReturnType<typeof setTimeout>;

  constructor(readonly spec: ListSpec<T>) {
    this.table = new LiveTable(spec.source);
    this.#names = filterNames(spec);
  }

  /** Registers the effects that keep the list up to date; call once while the component initializes. */
  follow(): void {
    const { table, spec } = this;
    $effect(() => void table.load(JSON.parse(this.#query) as Query));
    $effect(() => {
      const id = untrack(() => this.selected);
      if (id) void spec.fetchOne?.(id).then((row) => (this.#linked = row)).catch(() => undefined);
      const unsubscribe = spec.subscribe((record) => table.offer(record));
      return () => {
        unsubscribe();
        table.stop();
        clearTimeout(this.#urlTimer);
      };
    });
    $effect(() => {
      void live.tick;
      untrack(() => table.settle());
    });
    if (spec.reloadAfterLoss) this.#reloadAfterLoss();
  }

  #reloadAfterLoss(): void {
    let lost = false;
    $effect(() => {
      if (live.link.phase === 'lost') lost = true;
      else if (live.link.phase === 'open' && lost) {
        lost = false;
        void this.table.load(JSON.parse(untrack(() => this.#query)) as Query);
      }
    });
  }

  select(id: string | undefined): void {
    this.selected = id;
    clearTimeout(this.#urlTimer);
    this.#urlTimer = setTimeout(() => router.set({ selected: id }), urlDelay);
  }

  /** Writes the selection to the URL at once, before the page navigates away. */
  commit(id: string): void {
    clearTimeout(this.#urlTimer);
    router.set({ selected: id });
  }

  setSort(sort: string): void {
    router.set({ sort: sort === defaultSort ? undefined : sort });
  }
}
