import type { Browser, BrowserContextOptions } from "playwright-core";
import { assertNoProblems, report } from "../support/browser.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";
import { type Account, Person } from "./person.ts";

/** A server of its own, a browser, and the people who came. */
export interface Scene {
  server: Server;
  dataDir: string;
  /** Stops the server and starts it where it was; what happens in between is `meanwhile`. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
  /** Someone with a browser of their own, at the first page. */
  arrive(options?: BrowserContextOptions): Promise<Person>;
  /** Someone who has an account already. */
  join(account: Account, options?: BrowserContextOptions): Promise<Person>;
}

/** Plays a scene on a real server; fails when any page of anyone has a problem. */
export async function stage(name: string, browser: Browser, play: (scene: Scene) => Promise<void>) {
  using data = tempFolder();
  await using ends = new AsyncDisposableStack();
  let server = ends.use(await startServer({ dataDir: data.path }));
  const people: Person[] = [];
  const seen = async (coming: Promise<Person>) => {
    const person = ends.use(await coming);
    people.push(person);
    return person;
  };
  const scene: Scene = {
    get server() {
      return server;
    },
    dataDir: data.path,
    async restart(meanwhile) {
      await server.stop();
      await meanwhile();
      const [port, opsPort] = [server.url, server.opsUrl].map((url) => Number(new URL(url).port));
      server = ends.use(await startServer({ dataDir: data.path, port, opsPort }));
    },
    arrive: (options) => seen(Person.arrive(browser, server.url, options)),
    join: (account, options) => seen(Person.join(browser, server.url, account, options)),
  };
  try {
    await play(scene);
    assertNoProblems(people);
  } catch (error) {
    await report(name, people);
    throw error;
  }
}
