/**
 * Typed events. Handlers run in the order they were added; one that throws is reported as an uncaught
 * error and keeps neither the others nor the emitter from going on.
 */
export class Emitter<Events> {
  readonly #handlers = new Map<keyof Events, Set<(payload: never) => void>>();

  /** Returns the function that takes the handler away again. */
  on<E extends keyof Events>(event: E, handler: (payload: Events[E]) => void): () => void {
    const handlers = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, handlers);
    handlers.add(handler);
    return () => void handlers.delete(handler);
  }

  emit<E extends keyof Events>(event: E, payload: Events[E]): void {
    for (const handler of [...this.#handlers.get(event) ?? []]) {
      try {
        handler(payload as never);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
