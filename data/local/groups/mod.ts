import type { Groups } from "../../service.ts";
import type { Storage } from "../../sql/driver.ts";
import type { Clock } from "../clock.ts";
import { createDissolving } from "./dissolve.ts";
import { createExpelling } from "./expel.ts";
import { createInfo } from "./info.ts";
import { createJoining } from "./joining.ts";
import { createLinks } from "./links.ts";
import { createMutes } from "./mutes.ts";
import { createRoles } from "./roles.ts";

/** What only groups have. */
export function createGroups(db: Storage, clock: Clock): Groups {
  return {
    ...createInfo(db, clock),
    ...createRoles(db, clock),
    ...createMutes(db, clock),
    ...createExpelling(db, clock),
    ...createDissolving(db, clock),
    ...createLinks(db, clock),
    ...createJoining(db, clock),
  };
}
