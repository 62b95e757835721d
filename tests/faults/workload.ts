import { ImError } from "../../wire/errors.ts";
import type { Input, OperationName } from "../../wire/operations.ts";
import type { Device } from "./device.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

/** How often each thing is done, of all that is done. */
const WEIGHTS = {
  write: 30,
  repeat: 5,
  edit: 9,
  recall: 3,
  react: 9,
  unreact: 4,
  pin: 3,
  unpin: 1,
  hide: 3,
  markRead: 8,
  configure: 3,
  addMembers: 9,
  leave: 6,
  expel: 5,
  unban: 2,
  mute: 2,
  name: 2,
  dissolve: 1,
  meddle: 5,
  createGroup: 2,
  openDirect: 2,
  older: 2,
  cut: 7,
  restart: 3,
  crash: 3,
  gateway: 2,
  deaf: 3,
} as const;
type Deed = keyof typeof WEIGHTS;

const EMOJI = ["👍", "🎉", "😀"];
/** What may be answered to somebody who acts on what was true a moment ago. */
const EXPECTED = new Set([
  "unavailable",
  "overloaded",
  "conversation_not_found",
  "message_not_found",
  "message_recalled",
  "forbidden",
  "member_not_found",
  "banned",
  "muted",
  "group_dissolved",
  "window_closed",
  "too_many",
]);

/** People who do things at random, and what befalls them. */
export class Workload {
  readonly #random: Random;
  #texts = 0;
  /** Who made a group, by its id. */
  readonly #founders = new Map<string, string>();

  constructor(private readonly world: World) {
    this.#random = world.random.fork();
  }

  /** A few conversations, made while nothing goes wrong, so that there is something to do. */
  async begin(): Promise<void> {
    const { world } = this;
    world.faults.on = false;
    await world.time.pass(1_000);
    const [a, b, c] = world.userIds;
    const [first, second, third] = world.devices;
    this.#found(first, { title: "All", memberIds: world.userIds.slice(1, 6) });
    this.#found(second, { title: "Few", memberIds: [a, c] });
    this.#call(third, "conversation.openDirect", { userId: b });
    this.#call(first, "conversation.openDirect", { userId: b });
    await world.time.pass(1_000);
    world.faults.on = true;
  }

  /** So many deeds, then a while without any. */
  async run(deeds: number, pauseMs: number): Promise<void> {
    const { world } = this;
    for (let i = 0; i < deeds; i++) {
      this.#do(this.#random.weighted(WEIGHTS));
      const gap = this.#random.chance(0.5) ? this.#random.int(0, 30) : this.#random.int(0, 2 * pauseMs);
      await world.time.pass(gap);
    }
  }

  #do(deed: Deed): void {
    const random = this.#random;
    const device = this.#device();
    const conversationId = device && random.pick([...device.views.keys()]);
    switch (deed) {
      case "cut":
        return this.#cut();
      case "restart":
        return this.#restart();
      case "crash":
        return this.#crash();
      case "gateway":
        return this.#replaceGateway();
      case "deaf":
        return this.#deafen();
      case "meddle":
        return device && this.#meddle(device);
      case "createGroup":
        return device && this.#found(device, { title: "New", memberIds: this.#people(1, 4) });
      case "openDirect": {
        const userId = random.pick(this.world.userIds.filter((id) => id !== device?.userId))!;
        return device && this.#call(device, "conversation.openDirect", { userId });
      }
      default:
        if (device && conversationId) this.#act(deed, device, conversationId);
    }
  }

  /** What is done in a conversation. */
  #act(deed: Deed, device: Device, conversationId: string): void {
    const random = this.#random;
    const { history } = this.world;
    switch (deed) {
      case "write":
        for (let count = random.chance(0.2) ? random.int(2, 6) : 1; count > 0; count--) {
          const text = `text ${++this.#texts}`;
          this.#note(device, `writes "${text}"`, conversationId);
          device.write(conversationId, text);
        }
        return;
      case "repeat":
        return this.#repeat(device);
      case "markRead": {
        const seq = random.int(0, device.views.get(conversationId)!.lastSeq + 1);
        const done = ({ readSeq }: { readSeq: number }) =>
          void history.ackedReads.push({ userId: device.userId, conversationId, readSeq });
        return this.#call(device, "conversation.markRead", { conversationId, seq }, done);
      }
      case "configure": {
        const wish = random.pick([{ muted: true }, { muted: false }, { pinned: true }, { archived: true }, {
          draft: `draft ${this.#texts}`,
        }])!;
        return this.#call(device, "conversation.configure", { conversationId, ...wish });
      }
      case "addMembers":
        return this.#call(device, "group.addMembers", { conversationId, memberIds: this.#people(1, 3) });
      case "leave":
        return this.#call(device, "group.leave", { conversationId });
      case "expel":
      case "unban":
      case "mute":
      case "name":
        return this.#govern(deed, device, { conversationId, userId: this.#people(1, 1)[0] });
      case "dissolve":
        return this.#govern(deed, device, { conversationId, userId: device.userId });
      case "older":
        return void device.views.get(conversationId)!.loadOlder().catch(() => {});
      case "edit":
      case "recall":
      case "react":
      case "unreact":
      case "pin":
      case "unpin":
      case "hide":
        return this.#change(deed, device, conversationId);
    }
  }

  #found(device: Device, group: { title: string; memberIds: string[] }): void {
    const done = ({ id }: { id: string }) => void this.#founders.set(id, device.userId);
    this.#call(device, "group.create", group, done);
  }

  /** Mostly by who made the group: the others mostly may not. */
  #govern(deed: Deed, anyone: Device, place: { conversationId: string; userId: string }): void {
    const random = this.#random;
    const founder = this.#founders.get(place.conversationId);
    const theirs = this.world.devices.filter(({ userId, online }) => online && userId === founder);
    const device = random.chance(0.8) ? random.pick(theirs) ?? anyone : anyone;
    switch (deed) {
      case "expel":
        return this.#call(device, random.chance(0.4) ? "group.ban" : "group.removeMember", place);
      case "unban":
        return this.#call(device, "group.unban", place);
      case "mute":
        return this.#call(device, "group.mute", {
          ...place,
          until: random.chance(0.5) ? Number.MAX_SAFE_INTEGER : null,
        });
      case "name":
        return random.chance(0.7)
          ? this.#call(device, "group.setRole", { ...place, role: "admin" })
          : this.#call(device, "group.transfer", place);
      case "dissolve":
        return this.#call(device, "group.dissolve", { conversationId: place.conversationId });
    }
  }

  #change(deed: Deed, device: Device, conversationId: string): void {
    const random = this.#random;
    const { history } = this.world;
    const { userId } = device;
    const messages = device.views.get(conversationId)!.messages;
    const own = messages.filter(({ senderId }) => senderId === userId);
    const message = random.pick(deed === "edit" || random.chance(0.5) ? own : messages);
    if (!message) return;
    const { seq } = message;
    const place = { conversationId, seq };
    const emoji = random.pick(EMOJI)!;
    const done = (detail: string) => (answer: { seq: number | null }) =>
      void history.ackedChanges.push({
        userId,
        conversationId,
        kind: deed,
        target: seq,
        detail,
        seq: answer.seq,
      });
    switch (deed) {
      case "edit": {
        const text = `text ${++this.#texts}`;
        const input = { ...place, content: { type: "text" as const, text } };
        return this.#call(device, "message.edit", input, done(text));
      }
      case "recall":
        return this.#call(device, "message.recall", place, done(""));
      case "react":
        return this.#call(device, "reaction.add", { ...place, emoji }, done(emoji));
      case "unreact":
        return this.#call(device, "reaction.remove", { ...place, emoji }, done(emoji));
      case "pin":
        return this.#call(device, "message.pin", place, done(""));
      case "unpin":
        return this.#call(device, "message.unpin", place, done(""));
      case "hide":
        return this.#call(
          device,
          "message.delete",
          { conversationId, seqs: [seq] },
          () => void history.ackedHides.push({ userId, conversationId, seqs: [seq] }),
        );
    }
  }

  /** Tries to read and to write where they may have no business, as who has left or was never there. */
  #meddle(device: Device): void {
    const random = this.#random;
    const all = new Set(this.world.devices.flatMap(({ views }) => [...views.keys()]));
    const conversationId = random.pick([...all]);
    if (!conversationId) return;
    switch (
      random.pick(["log.read", "message.history", "message.get", "reaction.add", "message.send"] as const)
    ) {
      case "log.read":
        return this.#call(device, "log.read", { conversationId });
      case "message.history":
        return this.#call(device, "message.history", { conversationId });
      case "message.get":
        return this.#call(device, "message.get", { conversationId, seq: random.int(1, 6) });
      case "reaction.add":
        return this.#call(device, "reaction.add", { conversationId, seq: random.int(1, 6), emoji: EMOJI[0] });
      case "message.send": {
        const { userId } = device;
        const [text, clientId] = [`text ${++this.#texts}`, `meddler-${this.#texts}`];
        this.world.history.sends.set(clientId, { userId, conversationId, texts: [text] });
        const input = { conversationId, clientId, content: { type: "text" as const, text } };
        return this.#call(
          device,
          "message.send",
          input,
          ({ seq }) =>
            void this.world.history.ackedSends.push({ userId, conversationId, clientId, text, seq }),
        );
      }
    }
  }

  /** Sends again what was sent before, with its clientId: the same words, or others, which must be refused. */
  #repeat(device: Device): void {
    const { history } = this.world;
    const { userId } = device;
    const mine = [...history.sends].filter(([, sent]) => sent.userId === userId);
    const again = this.#random.pick(mine.slice(-6));
    if (!again) return;
    const [clientId, { conversationId, texts }] = again;
    const text = this.#random.chance(0.2) ? `not ${texts[0]}` : texts[0];
    if (!texts.includes(text)) texts.push(text);
    const content = { type: "text" as const, text };
    const done = ({ seq }: { seq: number }) =>
      void history.ackedSends.push({ userId, conversationId, clientId, text, seq });
    const conflict = texts.length > 1 ? ["client_id_conflict"] : [];
    this.#call(device, "message.send", { conversationId, clientId, content }, done, conflict);
  }

  #cut(): void {
    const random = this.#random;
    const line = random.pick([...this.world.lines]);
    const noticed = () =>
      random.chance(0.5) ? random.int(0, 20) : random.chance(0.5) ? null : random.int(0, 30_000);
    const [clientMs, serverMs] = [noticed(), noticed()];
    this.world.trace.note(`a line is cut; told after ${clientMs} and ${serverMs} ms`);
    line?.cut(clientMs, serverMs);
  }

  #restart(): void {
    const device = this.#random.pick(this.world.devices)!;
    if (!device.running) return;
    this.world.trace.note(`${device.name} goes off`);
    device.stop();
    this.world.time.after(this.#random.int(0, 8_000), () => {
      this.world.trace.note(`${device.name} comes back`);
      device.start();
    });
  }

  #crash(): void {
    const random = this.#random;
    const backMs = random.int(100, 6_000);
    const start = () => void this.world.time.after(backMs, () => this.world.startServer());
    const moment = random.pick(["written", "committed", "now"] as const)!;
    if (moment === "now") {
      this.world.killServer();
      start();
    } else void this.world.killServerAt(moment).then(start);
  }

  #replaceGateway(): void {
    if (!this.world.up) return;
    const index = this.#random.int(0, this.world.server.gateways.length - 1);
    this.world.trace.note(`gateway ${index} is killed`);
    this.world.server.replaceGateway(index);
  }

  #deafen(): void {
    const gateway = this.#random.pick(this.world.server.gateways)!;
    const ms = this.#random.int(100, 5_000);
    this.world.trace.note(`a gateway hears nothing for ${ms} ms`);
    gateway.bus.deafUntilMs = this.world.time.nowMs + ms;
  }

  /** Mostly one that is online. */
  #device(): Device | undefined {
    const { devices } = this.world;
    const online = devices.filter((device) => device.online);
    return this.#random.pick(this.#random.chance(0.1) ? devices.filter((one) => one.running) : online);
  }

  #people(from: number, to: number): string[] {
    const count = this.#random.int(from, to);
    return Array.from({ length: count }, () => this.#random.pick(this.world.userIds)!);
  }

  #call<N extends OperationName>(
    device: Device,
    name: N,
    input: Input<N>,
    // deno-lint-ignore no-explicit-any -- the output of an operation named by a type parameter
    done: (answer: any) => void = () => {},
    alsoExpected: string[] = [],
  ): void {
    const place = "conversationId" in input ? String(input.conversationId) : "";
    this.#note(device, `${name} ${"seq" in input ? input.seq : ""}`, place);
    device.client.call(name, input).then((answer) => {
      this.#note(device, `${name} answers ${(answer as { seq?: number }).seq ?? ""}`, place);
      done(answer);
    }, (error) => {
      const code = error instanceof ImError ? error.code : String(error);
      this.#note(device, `${name} fails: ${code}`, place);
      if (!EXPECTED.has(code) && !alsoExpected.includes(code)) {
        this.world.fail(new Error(`${name} of ${device.name} failed: ${error}`));
      }
    });
  }

  #note(device: Device, text: string, conversationId: string): void {
    const { trace } = this.world;
    if (conversationId && trace.nameOf(conversationId) === conversationId) {
      trace.name(conversationId, `c${++this.#conversations}`);
    }
    trace.note(`${device.name} ${text} ${trace.nameOf(conversationId)}`);
  }
  #conversations = 0;
}
