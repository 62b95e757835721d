import { adminCases } from "./data_admin_cases.ts";
import { botCases } from "./data_bot_cases.ts";
import { changeCases } from "./data_change_cases.ts";
import { conversationCases } from "./data_conversation_cases.ts";
import { feedCases } from "./data_feed_cases.ts";
import { friendCases } from "./data_friend_cases.ts";
import { fileCases } from "./data_file_cases.ts";
import { groupAdminCases } from "./data_group_admin_cases.ts";
import { groupCases } from "./data_group_cases.ts";
import { groupJoiningCases } from "./data_group_joining_cases.ts";
import { hidingCases } from "./data_hiding_cases.ts";
import { historyCases } from "./data_history_cases.ts";
import { inboxCases } from "./data_inbox_cases.ts";
import { largeGroupCases } from "./data_large_group_cases.ts";
import { logCases } from "./data_log_cases.ts";
import { modelCases } from "./data_model_cases.ts";
import { presenceCases } from "./data_presence_cases.ts";
import { factorCases } from "./data_factor_cases.ts";
import { identityCases } from "./data_identity_cases.ts";
import { profileCases } from "./data_profile_cases.ts";
import { readingCases } from "./data_reading_cases.ts";
import { receiptCases } from "./data_receipt_cases.ts";
import { relationCases } from "./data_relation_cases.ts";
import { searchCases } from "./data_search_cases.ts";
import { searchModelCases } from "./data_search_model_cases.ts";
import { sessionCases } from "./data_session_cases.ts";
import { userCases } from "./data_user_cases.ts";
import { syncCases } from "./data_sync_cases.ts";
import { type Case, type OpenData, World } from "./data_world.ts";

/**
 * What every Data must do: a case for each sentence of the proto files. They use nothing but the Data
 * interface and what `OpenData` promises of a factory, so that any implementation can be put in. `large`: also what
 * takes 10,000 accounts, each of which is a transaction; on one of each kind that is enough. `without`: cases that would
 * take minutes there and say no more than others.
 */
export function dataCases(
  name: string,
  open: OpenData,
  { large = false, without }: { large?: boolean; without?: RegExp } = {},
): void {
  Deno.test.sanitizer({ ops: true, resources: true });
  const test: Case = (what, body) => {
    if (without?.test(what)) return;
    Deno.test(`${name}: ${what}`, async () => {
      const opened = await open();
      try {
        await body(new World(opened));
      } finally {
        await opened.close();
      }
    });
  };
  userCases(test);
  sessionCases(test);
  relationCases(test);
  friendCases(test);
  presenceCases(test);
  profileCases(test);
  factorCases(test);
  identityCases(test);
  conversationCases(test);
  groupCases(test);
  groupAdminCases(test);
  groupJoiningCases(test);
  historyCases(test);
  if (large) largeGroupCases(test);
  inboxCases(test);
  feedCases(test);
  logCases(test);
  readingCases(test);
  changeCases(test);
  hidingCases(test);
  receiptCases(test);
  syncCases(test);
  fileCases(test);
  adminCases(test);
  botCases(test);
  searchCases(test);
  searchModelCases(test);
  modelCases(test);
}
