import os from "node:os";
import path from "node:path";

export const BASE = path.join(os.tmpdir(), "peers"); // data, logs and rendered configurations
export const PORT = {
  mysql: 7406,
  redis: 7402,
  ejabberd: 7422,
  prosody: 7432,
  sio: [7441, 7442],
};
export const DB = {
  host: "127.0.0.1",
  port: PORT.mysql,
  user: "peers",
  password: "peers",
};
export const SECRET = "peers-benchmark-secret-of-32-bytes!!";
export const MAX_USERS = 10000;
