// A cheap Socket.IO 4 client: Engine.IO 4 over a WebSocket over plain TCP, text frames only.
import crypto from "node:crypto";
import jwt from "jsonwebtoken";
import { Tcp } from "./tcp.mjs";
import { SECRET } from "../lib/config.mjs";

// Client frames must be masked; a zero mask leaves the payload as it is (the server unmasks all the same).
function frame(s) {
  const n = s.length;
  return (n < 126
    ? "\x81" + String.fromCharCode(0x80 | n)
    : "\x81\xfe" + String.fromCharCode(n >> 8, n & 255)) + "\0\0\0\0" + s;
}

class Sio extends Tcp {
  buf = "";
  http = true;
  id = 0;
  data(chunk) {
    let s = this.buf ? this.buf + chunk : chunk, p = 0;
    if (this.http) {
      const e = s.indexOf("\r\n\r\n");
      if (e < 0) {
        this.buf = s;
        return;
      }
      if (!s.startsWith("HTTP/1.1 101")) {
        this.end(new Error(s.slice(0, 60)));
        return;
      }
      this.http = false;
      p = e + 4;
    }
    while (s.length - p >= 2) {
      let n = s.charCodeAt(p + 1), h = 2;
      if (n === 126) {
        if (s.length - p < 4) break;
        n = s.charCodeAt(p + 2) << 8 | s.charCodeAt(p + 3);
        h = 4;
      } else if (n === 127) throw new Error("frame over 64 KiB");
      if (s.length - p < h + n) break;
      if ((s.charCodeAt(p) & 15) === 1) this.packet(s.substr(p + h, n));
      p += h + n;
    }
    this.buf = p < s.length ? s.slice(p) : "";
  }
  packet(t) {
    const a = t.charCodeAt(0), b = t.charCodeAt(1);
    if (a === 52 && b === 50) this.onmsg(t); // 42: event
    else if (a === 52 && b === 51) {
      if (this.joined) {
        this.joined();
        this.joined = null;
      } else this.onack();
    } // 43: ack
    else if (a === 50) this.write(frame("3")); // 2: ping -> pong
    else if (a === 48) this.write(frame("40" + this.auth)); // 0: open -> connect
    else if (a === 52 && b === 48) this.opened(); // 40: connected
    else if (a === 52 && b === 52) this.end(new Error("refused " + t)); // 44: refused
  }
  send(to, body) {
    this.write(frame(`42${this.id++}["dm",{"to":"${to}","body":"${body}"}]`));
  }
  sendRoom(room, body) {
    this.write(
      frame(`42${this.id++}["gm",{"room":"${room}","body":"${body}"}]`),
    );
  }
  join(room) {
    return new Promise((ok) => {
      this.joined = ok;
      this.write(frame(`42${this.id++}["join","${room}"]`));
    });
  }
  close() {
    this.onclose = () => {};
    this.write(frame("41"));
    this.flush();
    this.sock.end();
  }
}

const tokens = new Map();
const token = (user) => { // signed ahead, so that it is outside the connect timing (see prepare)
  if (!tokens.has(user)) {
    tokens.set(user, jwt.sign({ sub: user }, SECRET, { expiresIn: "1d" }));
  }
  return tokens.get(user);
};

export const make = (ports) => ({
  ack: process.env.ACK || "server", // the window closes with the server's acknowledgement (ACK=receipt: as in xmpp.mjs)
  prepare(users) {
    for (const u of users) token(u);
  },
  connect(user, node = 0) {
    const port = ports[node % ports.length];
    return new Promise((ok, fail) => {
      const c = new Sio(
        port,
        () =>
          c.write(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n" +
              `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${
                crypto.randomBytes(16).toString("base64")
              }\r\n\r\n`,
          ),
      );
      c.auth = JSON.stringify({ token: token(user) });
      c.onclose = (e) => fail(e || new Error("closed"));
      c.opened = () => {
        c.onclose = (e) => console.error("connection lost", user, e?.message || "");
        ok(c);
      };
    });
  },
});
