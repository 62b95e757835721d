import * as z from "zod";
import { DeviceKind, Id, line, Time } from "../schemas.ts";
import { Empty, Ok, type Operation } from "./operation.ts";

const Session = z.object({
  id: Id,
  deviceName: z.string(),
  deviceKind: DeviceKind,
  createdAt: Time,
  lastUsedAt: Time.meta({ description: "When it last refreshed its tokens" }),
  online: z.boolean().meta({ description: "It has a WebSocket open now" }),
  current: z.boolean().meta({ description: "It is the caller's own" }),
});

export const sessions = {
  "session.list": {
    method: "GET",
    path: "/sessions",
    access: "user",
    summary: "The devices the caller is logged in on, the last used first",
    input: Empty,
    output: z.object({ sessions: z.array(Session) }),
  },
  "session.rename": {
    method: "PUT",
    path: "/sessions/{sessionId}",
    access: "user",
    summary: "Give a device a name",
    input: z.strictObject({ sessionId: Id, deviceName: line(64) }),
    output: Session,
  },
  "session.revoke": {
    method: "DELETE",
    path: "/sessions/{sessionId}",
    access: "user",
    summary: "Log a device out; its connections are closed",
    input: z.strictObject({ sessionId: Id }),
    output: Ok,
  },
  "session.revokeOthers": {
    method: "POST",
    idempotent: "harmless",
    path: "/sessions/revoke-others",
    access: "user",
    summary: "Log all devices out but this one",
    input: Empty,
    output: z.object({ revoked: z.int().nonnegative() }),
  },
} as const satisfies Record<string, Operation>;
