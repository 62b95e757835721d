import { isIP } from "node:net";
import type { Logger } from "../../kit/log.ts";

export interface Address {
  host: string;
  port: number;
}

/** A dbproxy by its address, and by the name that is in its certificate where it was found under one. */
export interface FoundAddress extends Address {
  serverName?: string;
}

/** All addresses of a name. Rejects when nobody could tell. */
export type Lookup = (name: string) => Promise<string[]>;

export interface DiscoveryOptions {
  names: readonly Address[];
  lookup: Lookup;
  everyMs: number;
  /** All of them as they are now; called when something is different. */
  onFound: (addresses: FoundAddress[]) => void;
  log?: Logger;
}

/** As many dbproxies under one name as one gateway reaches. */
const MAX_ADDRESSES = 256;

/**
 * Looks up again and again who stands behind names, such as a headless service of Kubernetes or a round-robin entry
 * in the DNS. While a name cannot be looked up, or has no address, what was last found stays: a DNS server that is
 * away takes no dbproxy away.
 */
export class Discovery {
  #found = new Map<Address, FoundAddress[]>();
  #told = "";
  #failing = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(private readonly options: DiscoveryOptions) {
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    await Promise.all(this.options.names.map((name) => this.#lookUp(name)));
    if (this.#closed) return;
    const all = [...this.#found.values()].flat();
    const told = all.map(({ host, port }) => `${host} ${port}`).toSorted().join();
    if (told !== this.#told) {
      this.#told = told;
      this.options.onFound(all);
    }
    this.#timer = setTimeout(() => this.#look(), this.options.everyMs);
  }

  async #lookUp(name: Address): Promise<void> {
    const { host, port } = name;
    try {
      const addresses = (await this.options.lookup(host)).filter((one) => isIP(one) !== 0);
      if (addresses.length === 0) throw new Error("it has no address");
      this.#failing.delete(host);
      const some = [...new Set(addresses)].toSorted().slice(0, MAX_ADDRESSES);
      this.#found.set(name, some.map((address) => ({ host: address, port, serverName: host })));
    } catch (error) {
      if (this.#failing.has(host) || this.#closed) return;
      this.#failing.add(host);
      const why = error instanceof Error ? error.message : String(error);
      this.options.log?.warn("dbproxies not found", { name: host, why });
    }
  }
}
