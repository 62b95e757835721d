import { first } from "./0001_first.ts";
import { inbox } from "./0002_inbox.ts";
import { presence } from "./0003_presence.ts";
import { profiles } from "./0004_profiles.ts";
import { friends } from "./0005_friends.ts";
import { groups } from "./0006_groups.ts";
import { files } from "./0007_files.ts";
import { search } from "./0008_search.ts";
import { admin } from "./0009_admin.ts";
import { revisions } from "./0010_revisions.ts";
import { adminLists } from "./0011_admin_lists.ts";
import { secondFactor } from "./0012_second_factor.ts";
import { identities } from "./0013_identities.ts";
import type { Migration } from "./migration.ts";

/** In order; a released step never changes. */
export const MIGRATIONS: readonly Migration[] = [
  first,
  inbox,
  presence,
  profiles,
  friends,
  groups,
  files,
  search,
  admin,
  revisions,
  adminLists,
  secondFactor,
  identities,
];
