import type { Query } from '../data/api';
import type { TableSource } from './live-table.svelte';

/** Layout of a list by available width: cards, a table beside details, a table in a medium or in a wide window. */
export type Layout = 'cards' | 'beside' | 'compact' | 'full';

const layouts: readonly Layout[] = ['cards', 'beside', 'compact', 'full'];

/** Reports whether a layout is at least as wide as another. */
export const atLeast = (layout: Layout, other: Layout): boolean => layouts.indexOf(layout) >= layouts.indexOf(other);

export interface Column {
  label: string;
  /** CSS grid track size. */
  width: string;
  /** Sort key of the API; a column without one cannot be sorted. */
  sort?: string;
  right?: boolean;
  /** The narrowest layout that has the column; all tables by default. */
  from?: 'compact' | 'full';
}

/** A group of filter buttons; the chosen values are joined by commas in the parameter `name`. */
export interface FilterGroup {
  name: string;
  label: string;
  options: readonly { value: string; label: string; token?: string }[];
}

/** Everything that distinguishes one list screen from another, except how a row is drawn. */
export interface ListSpec<T extends { id: string }> {
  title: string;
  /** Path of the screen, without filters. */
  path: string;
  source: TableSource<T>;
  /** Calls `listener` with records from the socket; returns the function that stops it. */
  subscribe: (listener: (record: T) => void) => () => void;
  /** Fetches a selected row that is not among the loaded rows. */
  fetchOne?: (id: string) => Promise<T>;
  /** Reload the list after a lost connection, for sources whose missed records are not replayed. */
  reloadAfterLoss?: boolean;
  columns: readonly Column[];
  /** Choices of the sort menu on narrow screens; elsewhere the column headers sort. */
  sorts: readonly { value: string; label: string }[];
  filters: readonly FilterGroup[];
  searchHint: string;
  rowHeight: number;
  cardHeight: number;
  texts: {
    /** What follows the number of rows, by whether a filter is set. */
    count: (total: number, filtered: boolean) => string;
    /** Shown where there is no row and no filter is set. */
    empty: string;
    noMatch: string;
    showAll: string;
  };
}

/** URL parameters that filter the list. */
export function filterNames(spec: Pick<ListSpec<never>, 'filters'>): string[] {
  return ['q', 'ip', ...spec.filters.map((group) => group.name)];
}

/** The API query for the current URL. */
export function queryOf(names: readonly string[], params: URLSearchParams, sort: string): Query {
  return { ...Object.fromEntries(names.map((name) => [name, params.get(name) ?? undefined])), sort };
}
