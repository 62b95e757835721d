import { signal } from "@preact/signals";

/** What else a message must be to be found. Empty: anything. */
export interface SearchFilter {
  /** The conversation it is in. */
  readonly conversationId: string | null;
  readonly kind: "" | "text" | "image" | "file" | "voice" | "video";
  readonly mine: boolean;
  /** Days, as `<input type="date">` has them. */
  readonly from: string;
  readonly to: string;
}

export const NO_SEARCH_FILTER: SearchFilter = {
  conversationId: null,
  kind: "",
  mine: false,
  from: "",
  to: "",
};
export const searchFilter = signal<SearchFilter>(NO_SEARCH_FILTER);

export function filterSearch(part: Partial<SearchFilter>): void {
  searchFilter.value = { ...searchFilter.peek(), ...part };
}
