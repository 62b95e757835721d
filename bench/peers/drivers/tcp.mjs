// Shared by both drivers: a TCP socket that reads into one common buffer (no allocation per read)
// and joins the writes made in one turn of the event loop into one write.
import net from "node:net";

const shared = Buffer.allocUnsafeSlow(256 * 1024); // callbacks are synchronous, so one is enough
let dirty = [], scheduled = false;

function flushAll() {
  scheduled = false;
  const list = dirty;
  dirty = [];
  for (const c of list) c.flush();
}

export class Tcp {
  out = "";
  closed = false;
  onmsg = () => {};
  onack = () => {};
  onclose = () => {};
  constructor(port, onOpen) {
    this.sock = net.connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (n, buf) => {
          this.data(buf.latin1Slice(0, n));
          return true;
        },
      },
    });
    this.sock.on("connect", onOpen);
    this.sock.on("error", (e) => this.end(e));
    this.sock.on("close", () => this.end());
  }
  end(err) {
    if (!this.closed) {
      this.closed = true;
      this.onclose(err);
    }
  }
  write(s) {
    if (!this.out) {
      dirty.push(this);
      if (!scheduled) {
        scheduled = true;
        setImmediate(flushAll);
      }
    }
    this.out += s;
  }
  flush() {
    if (this.out && !this.closed) this.sock.write(this.out, "latin1");
    this.out = "";
  }
}
