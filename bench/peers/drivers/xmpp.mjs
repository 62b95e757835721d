// A cheap XMPP client over plain TCP. Not a general XML parser: it relies on what these servers send
// (no '>' inside attributes, no stanza nested in a stanza of the same name).
import { Tcp } from "./tcp.mjs";
import { PORT } from "../lib/config.mjs";

const HOST = "localhost", MUC = "conference.localhost";
const OPEN =
  `<?xml version='1.0'?><stream:stream to='${HOST}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`;
const SM = process.env.SM !== "0"; // stream management (XEP-0198) on unless SM=0

class Xmpp extends Tcp {
  buf = "";
  handled = 0;
  onpresence = () => {};

  // Handshake: wait for a pattern, drop the text up to its end.
  expect(re) {
    return new Promise((ok, fail) => {
      this.waiting = { re, ok };
      this.onclose = (e) => fail(e || new Error(`closed while waiting for ${re}: ${this.buf}`));
      this.data("");
    });
  }

  data(chunk) {
    let s = this.buf ? this.buf + chunk : chunk;
    if (this.waiting) {
      const m = this.waiting.re.exec(s);
      if (!m) {
        if (/<failure|<stream:error/.test(s)) this.sock.destroy();
        this.buf = s;
        return;
      }
      s = s.slice(m.index + m[0].length);
      const w = this.waiting;
      this.waiting = null;
      this.buf = s;
      w.ok(m[0]);
      return; // the rest is read when the next expect() or ready() calls data('')
    }
    if (!this.ready) {
      this.buf = s;
      return;
    }
    let p = 0;
    for (;;) {
      const a = s.indexOf("<", p);
      if (a < 0) {
        p = s.length;
        break;
      }
      const gt = s.indexOf(">", a);
      if (gt < 0) {
        p = a;
        break;
      }
      const c = s.charCodeAt(a + 1);
      let end = gt + 1;
      if (s.charCodeAt(gt - 1) !== 47 /* not self-closing */ && c !== 47) {
        const close = c === 109
          ? "</message>"
          : c === 112
          ? "</presence>"
          : c === 105
          ? "</iq>"
          : `</${/^[^\s>]+/.exec(s.slice(a + 1))[0]}>`;
        const e = s.indexOf(close, gt);
        if (e < 0) {
          p = a;
          break;
        }
        end = e + close.length;
      }
      if (c === 109) {
        this.handled++;
        this.onmsg(s.slice(a, end));
      } // <message
      else if (c === 112) {
        this.handled++;
        this.onpresence(s.slice(a, end));
      } // <presence
      else if (c === 105) this.handled++; // <iq
      else if (c === 114) {
        this.write(`<a xmlns='urn:xmpp:sm:3' h='${this.handled}'/>`); // <r/>
      } else if (s.startsWith("<stream:error", a)) {
        console.error("stream error", s.slice(a, end));
      }
      p = end;
    }
    this.buf = p < s.length ? s.slice(p) : "";
  }

  async login(user) {
    this.user = user;
    this.write(OPEN);
    await this.expect(/<\/stream:features>/);
    this.write(
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${
        Buffer.from(`\0${user}\0pw`).toString("base64")
      }</auth>`,
    );
    await this.expect(/<success[^>]*\/>|<\/success>/);
    this.write(OPEN);
    await this.expect(/<\/stream:features>/);
    this.write(
      `<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>`,
    );
    await this.expect(/<\/iq>/);
    if (SM) {
      this.write(`<enable xmlns='urn:xmpp:sm:3'/>`);
      await this.expect(/<enabled[^>]*>(<\/enabled>)?/);
    }
    this.write("<presence/>");
    await new Promise((ok, fail) => { // the server reflects our own presence
      this.onpresence = (p) => {
        if (p.includes(`from='${user}@`) || p.includes(`from="${user}@`)) ok();
      };
      this.onclose = (e) => fail(e || new Error("closed"));
      this.ready = true;
      this.data("");
    });
    this.onpresence = () => {};
  }

  send(to, body) {
    this.write(
      `<message type='chat' to='${to}@${HOST}' id='m'><body>${body}</body></message>`,
    );
  }
  sendRoom(room, body) {
    this.write(
      `<message type='groupchat' to='${room}@${MUC}' id='m'><body>${body}</body></message>`,
    );
  }
  join(room) {
    return new Promise((ok, fail) => {
      const t = setTimeout(() => fail(new Error("join timed out")), 60000);
      this.onpresence = (p) => { // self-presence (status 110) means that the join is complete
        if (p.includes("type='error'")) {
          clearTimeout(t);
          fail(new Error(p));
        } else if (/code=['"]110['"]/.test(p)) {
          clearTimeout(t);
          this.onpresence = () => {};
          ok();
        }
      };
      this.write(
        `<presence to='${room}@${MUC}/${this.user}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`,
      );
    });
  }
  close() {
    this.onclose = () => {};
    this.write("</stream:stream>");
    this.flush();
    this.sock.end();
  }
}

export const make = (system) => ({
  ack: "receipt", // the window closes when the receiver (room: the sender itself) has the message
  async connect(user) {
    let c;
    await new Promise((ok, fail) => {
      c = new Xmpp(PORT[system], ok);
      c.onclose = (e) => fail(e || new Error("closed"));
    });
    await c.login(user);
    c.onclose = (e) => console.error("connection lost", user, e?.message || "");
    return c;
  },
});
