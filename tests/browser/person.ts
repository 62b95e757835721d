import type { Browser, BrowserContext, BrowserContextOptions, Locator } from "playwright-core";
import { DICTIONARIES, type Language } from "../../web/text/languages.ts";
import type { Text } from "../../web/text/en.ts";
import { eventually, Visitor } from "../support/browser.ts";

export interface Account {
  username: string;
  displayName?: string;
  password?: string;
}

const PASSWORD = "correct horse battery";

/** Someone who uses the web client by its words, as people do: by mouse, by finger, by keyboard. */
export class Person extends Visitor {
  language: Language = "en";

  static async arrive(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Person> {
    const context = await Visitor.contextOf(browser, options);
    return await Person.#enter(url, context, options);
  }

  /** The same with an account made beforehand, for tests that are about something else. */
  static async join(browser: Browser, url: string, account: Account, options: BrowserContextOptions = {}) {
    const context = await Visitor.contextOf(browser, options);
    const data = { password: PASSWORD, ...account, cookie: true };
    const answer = await context.request.post(`${url}/api/v1/auth/register`, {
      data,
      headers: { origin: url },
    });
    if (!answer.ok()) throw new Error(`${account.username} cannot register: ${await answer.text()}`);
    const person = await Person.#enter(url, context, options);
    await person.search.waitFor();
    return person;
  }

  static async #enter(url: string, context: BrowserContext, { locale = "en" }: BrowserContextOptions) {
    const person = new Person(url, context, await context.newPage());
    if (locale.startsWith("zh")) person.language = "zh-CN";
    await person.page.goto(url);
    return person;
  }

  /** What the page says in this person's language. */
  get words(): Text {
    return DICTIONARIES[this.language];
  }

  /** An operation that the page has no button for, over REST with this person's cookies. Answers the output. */
  async request(
    method: "GET" | "PUT" | "POST",
    path: string,
    data?: object,
  ): Promise<Record<string, unknown>> {
    const url = `${this.url}/api/v1${path}`;
    const answer = await this.context.request.fetch(url, { method, data, headers: { origin: this.url } });
    if (!answer.ok()) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return await answer.json();
  }

  /** The path of the conversation that is open. */
  get conversation(): string {
    return `/conversations/${new URL(this.page.url()).hash.split("/").at(-1)}`;
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** Where one writes. */
  get composer(): Locator {
    return this.page.getByRole("textbox", { name: this.words.writeMessage });
  }

  get search(): Locator {
    return this.page.getByRole("searchbox", { name: this.words.search });
  }

  get list(): Locator {
    return this.page.getByTestId("conversation-list");
  }

  /** The line of a conversation in the list. */
  row(name: string): Locator {
    return this.list.getByRole("link").filter({ hasText: name });
  }

  async fillAccount({ username, displayName, password = PASSWORD }: Account): Promise<void> {
    await this.page.getByLabel(this.words.username).fill(username);
    await this.page.getByLabel(this.words.password).fill(password);
    if (displayName !== undefined) await this.page.getByLabel(this.words.displayName).fill(displayName);
  }

  async register(account: Account): Promise<void> {
    await this.button(this.words.toRegister).click();
    await this.fillAccount(account);
    await this.button(this.words.register).click();
    await this.search.waitFor();
  }

  async logIn({ username, password }: Account): Promise<void> {
    await this.fillAccount({ username, password });
    await this.button(this.words.logIn).click();
    await this.page.locator(".layout").waitFor();
  }

  /** Goes to one of the places of the client. */
  async go(place: keyof Text["places"]): Promise<void> {
    await this.page.locator(".rail").getByRole("link", { name: this.words.places[place] }).click();
    await this.page.getByRole("heading", { level: 1 }).waitFor();
  }

  /** Opens a part of the settings by its title. */
  async openSettings(title: string): Promise<void> {
    await this.go("settings");
    await this.page.getByRole("link", { name: title, exact: true }).click();
    await this.page.getByRole("heading", { level: 2, name: title }).waitFor();
  }

  /** Searches for someone and opens the chat with them. */
  async find(query: string, displayName = query): Promise<void> {
    await this.search.fill(query);
    await this.page.getByTestId("search-results").getByRole("button").filter({ hasText: displayName })
      .click();
    await this.#opened(displayName);
  }

  /** Opens a chat of the list. */
  async open(name: string): Promise<void> {
    await this.row(name).click();
    await this.#opened(name);
  }

  async say(...texts: string[]): Promise<void> {
    for (const text of texts) {
      await this.composer.fill(text);
      await this.composer.press("Enter");
    }
  }

  /** What was chosen goes. */
  async sendFiles(): Promise<void> {
    await this.page.getByRole("dialog").getByRole("button", { name: this.words.send, exact: true }).click();
  }

  async makeGroup(title: string, people: { query: string; displayName: string }[]): Promise<void> {
    const { newGroup, groupTitle, addPeople, addPerson, createGroup } = this.words;
    await this.button(newGroup).click();
    await this.page.getByLabel(groupTitle).fill(title);
    for (const { query, displayName } of people) {
      await this.page.getByLabel(addPeople).fill(query);
      await this.button(addPerson(displayName)).click();
    }
    await this.button(createGroup).click();
    await this.#opened(title);
  }

  /** One cannot write before; what is written before goes to the chat that was open. */
  async #opened(name: string): Promise<void> {
    await this.page.getByRole("main").getByRole("heading").filter({ hasText: name }).waitFor();
    await this.composer.waitFor();
  }

  /** The messages of the open chat, as they are shown. */
  async texts(): Promise<string[]> {
    return await this.page.getByTestId("message-text").allInnerTexts();
  }

  /** Waits until the open chat shows these messages and no other, all of them stored. */
  async sees(...texts: string[]): Promise<void> {
    await eventually(() => this.texts(), texts);
    await this.page.getByTestId("message-sending").waitFor({ state: "detached" });
  }

  /** The unread counts of the list, as a sighted person reads them. */
  async unread(): Promise<string[]> {
    return await this.list.getByTestId("unread").locator("[aria-hidden]").allInnerTexts();
  }
}
