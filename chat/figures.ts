import { type Bus, type Event, FIGURES_CHANNEL, type GatewayFigures } from "../bus/bus.ts";

/** Whoever is there answers within this. */
const ANSWER_MS = 500;
/** One that is silent for so long is not there any more. */
const FORGET_MS = 600_000;
/** Gateways that are remembered (P6). */
const MAX_GATEWAYS = 1_000;

/** A gateway, as it last spoke of itself. */
export interface Heard {
  figures: GatewayFigures;
  /** ms since 1970. */
  at: number;
  /** It did not answer this time. */
  missing: boolean;
}

export interface Figures {
  /** Of all gateways there are, this one first. Those that ask at the same time share the answer. */
  all(): Promise<Heard[]>;
  close(): void;
}

export interface FiguresParts {
  bus: Bus;
  /** This gateway's own. */
  own: () => GatewayFigures;
  now: () => number;
  answerMs?: number;
  forgetMs?: number;
}

/**
 * How gateways tell each other how they are: one asks on the Bus, all answer there, and all hear it, so that whichever
 * gateway is asked next knows whom to miss. Nobody is asked while no admin looks.
 */
export function startFigures(
  { bus, own, now, answerMs = ANSWER_MS, forgetMs = FORGET_MS }: FiguresParts,
): Figures {
  const { id } = own();
  const heard = new Map<string, { figures: GatewayFigures; at: number; round: number }>();
  let round = 0;
  let asking: Promise<Heard[]> | undefined;
  let onAnswer = () => {};
  let closed = false;
  const leaves = bus.subscribe(FIGURES_CHANNEL, hear);
  // Then this gateway is alone with its own figures, and the others miss it.
  leaves.catch(() => {});

  function hear({ body }: Event): void {
    if (closed) return;
    if (body?.$case === "figuresAsked" && body.figuresAsked.by !== id) return tell(own());
    if (body?.$case !== "figuresTold" || !body.figuresTold.figures) return;
    const { figures, leaving } = body.figuresTold;
    if (figures.id === id) return;
    if (leaving) heard.delete(figures.id);
    else if (heard.has(figures.id) || heard.size < MAX_GATEWAYS) {
      heard.set(figures.id, { figures, at: now(), round });
    }
    onAnswer();
  }

  function tell(figures: GatewayFigures, leaving = false): void {
    bus.publish(FIGURES_CHANNEL, { body: { $case: "figuresTold", figuresTold: { figures, leaving } } });
  }

  async function ask(): Promise<Heard[]> {
    // The first time nobody is known, and everybody is waited for.
    const isFirst = round++ === 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, answerMs);
    onAnswer = () => {
      if (!isFirst && [...heard.values()].every((one) => one.round === round)) resolve();
    };
    bus.publish(FIGURES_CHANNEL, { body: { $case: "figuresAsked", figuresAsked: { by: id } } });
    onAnswer();
    await promise;
    clearTimeout(timer);
    onAnswer = () => {};
    return [{ figures: own(), at: now(), missing: false }, ...others()];
  }

  function others(): Heard[] {
    for (const [other, { at }] of heard) if (now() - at > forgetMs) heard.delete(other);
    return [...heard.values()]
      .map((one) => ({ figures: one.figures, at: one.at, missing: one.round < round }))
      .sort((a, b) => a.figures.name < b.figures.name ? -1 : 1);
  }

  return {
    all: () => asking ??= ask().finally(() => asking = undefined),
    close() {
      if (closed) return;
      tell(own(), true);
      closed = true;
      leaves.then((leave) => leave(), () => {});
    },
  };
}
