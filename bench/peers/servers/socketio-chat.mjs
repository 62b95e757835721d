// Minimal Socket.IO chat: JWT on connect, 1:1 and room messages, INSERT before ack and emit.
import http from "node:http";
import { Server } from "socket.io";
import jwt from "jsonwebtoken";
import mysql from "mysql2";
import { DB, SECRET } from "../lib/config.mjs";

const [port, redisPort] = process.argv.slice(2).map(Number);
const pool = mysql.createPool({
  ...DB,
  database: "peers_socketio",
  connectionLimit: 8,
  queueLimit: 0,
});
const server = http.createServer();
const io = new Server(server, {
  transports: ["websocket"],
  serveClient: false,
});

if (redisPort) {
  const { createClient } = await import("redis");
  const { createAdapter } = await import("@socket.io/redis-adapter");
  const pub = createClient({ url: `redis://127.0.0.1:${redisPort}` }),
    sub = pub.duplicate();
  await Promise.all([pub.connect(), sub.connect()]);
  io.adapter(createAdapter(pub, sub));
}

io.engine.on("connection", (raw) => {
  raw.request = null;
}); // Socket.IO's own advice for memory
io.use((s, next) => {
  try {
    s.data.user = jwt.verify(s.handshake.auth.token, SECRET, { algorithms: ["HS256"] }).sub;
    next();
  } catch {
    next(new Error("unauthorized"));
  }
});

function save(conv, sender, body, done) {
  pool.execute(
    "INSERT INTO messages (conv, sender, body, at) VALUES (?, ?, ?, ?)",
    [
      conv,
      sender,
      body,
      Date.now(),
    ],
    (err, r) => {
      if (err) console.error(err.message);
      done(err, r?.insertId);
    },
  );
}

io.on("connection", (s) => {
  const from = s.data.user;
  s.join("u:" + from);
  s.on("join", (room, ack) => {
    s.join("g:" + room);
    ack();
  });
  s.on(
    "dm",
    ({ to, body }, ack) =>
      save(
        from < to ? `${from}|${to}` : `${to}|${from}`,
        from,
        body,
        (err, id) => {
          if (err) return ack({ error: 1 });
          ack({ id });
          io.to("u:" + to).emit("dm", { id, from, body });
        },
      ),
  );
  s.on("gm", ({ room, body }, ack) =>
    save(room, from, body, (err, id) => {
      if (err) return ack({ error: 1 });
      ack({ id });
      io.to("g:" + room).emit("gm", { id, room, from, body });
    }));
});

server.listen(port, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
