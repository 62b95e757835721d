import { type ErrorCode, ImError } from "../../sdk/mod.ts";
import type { Language } from "./languages.ts";

/** Where the table of wire/errors.ts speaks to programmers, a person is told this instead. */
const EN: Partial<Record<ErrorCode, string>> = {
  internal: "The server failed. Try again in a moment.",
  invalid_params: "Something that was filled in is not valid.",
  unauthenticated: "Please log in.",
  token_invalid: "Please log in again.",
  token_expired: "Please log in again.",
  session_ended: "Your session has ended. Please log in again.",
  refresh_reused: "Your session was ended for safety. Please log in again.",
  account_disabled: "This account is disabled. Ask whoever runs this server.",
  second_factor_required: "Enter the code from your app.",
  second_factor_invalid: "The code is wrong, or was used before. Wait for the next one.",
  second_factor_needed: "Admins of this server need two-step login. Turn it on in the settings first.",
  oidc_failed: "That login did not work. Try again.",
  setup_token_invalid: "This admin link is wrong, used or expired. `imserver admin-link` prints a new one.",
  rate_limited: "Too many tries. Wait a moment.",
  password_common: "This password is used by many and guessed first. Choose another.",
  files_off: "This server keeps no files and pictures.",
  overloaded: "The server is busy. Try again in a moment.",
  unavailable: "The server cannot be reached. Try again in a moment.",
};

const ZH: Record<ErrorCode, string> = {
  parse_error: "请求的格式有误。",
  invalid_request: "请求无效。",
  method_not_found: "服务器不支持这个操作。",
  invalid_params: "填写的内容有误。",
  internal: "服务器出错了，请稍后再试。",
  unauthenticated: "请先登录。",
  token_invalid: "请重新登录。",
  token_expired: "请重新登录。",
  session_ended: "登录已失效，请重新登录。",
  refresh_reused: "为了安全，登录已被终止，请重新登录。",
  invalid_credentials: "用户名或密码不正确。",
  second_factor_required: "请输入验证器中的验证码。",
  second_factor_invalid: "验证码有误或已使用过，请等待下一个验证码。",
  second_factor_needed: "这台服务器要求管理员启用两步验证，请先在设置中开启。",
  oidc_failed: "登录没有成功，请再试一次。",
  setup_token_invalid: "管理员链接有误、已使用或已过期。管理员可用 imserver admin-link 生成新链接。",
  registration_closed: "这台服务器不接受新注册。",
  account_disabled: "这个账号已被停用，请联系服务器管理员。",
  reset_token_invalid: "重设密码的凭证有误、已使用或已过期。",
  origin_not_allowed: "服务器不允许从这个网址访问。",
  forbidden: "没有权限。",
  scope_missing: "这个机器人的令牌没有相应的权限。",
  blocked: "对方不接收你的消息。",
  not_friends: "你们还不是好友。",
  muted: "你已被禁言。",
  read_only: "只有群主和管理员可以发言。",
  banned: "你或对方已被禁止加入这个群。",
  not_found: "没有找到。",
  user_not_found: "没有这个用户。",
  conversation_not_found: "会话不存在，或者你不在其中。",
  file_not_found: "没有这个文件，或者你无权查看。",
  quota_exceeded: "你的文件空间已满。",
  files_off: "这台服务器不保存文件和图片。",
  file_damaged: "文件在上传中损坏，请重新上传。",
  message_not_found: "没有这条消息。",
  message_recalled: "这条消息已被撤回。",
  window_closed: "已超过可以操作的时间。",
  too_many: "已达到数量上限。",
  request_not_found: "没有这个请求。",
  member_not_found: "群里没有这个人。",
  link_invalid: "邀请无效、已撤销、已过期或已用完。",
  group_dissolved: "这个群已解散。",
  method_not_allowed: "不能这样操作。",
  conflict: "与已有的内容冲突。",
  username_taken: "这个用户名已被使用。",
  client_id_conflict: "这条消息的编号已被另一条消息使用。",
  username_invalid: "用户名不符合要求：2 到 32 个字母、汉字或数字，中间可用 _ - .，不混用不同文字。",
  password_invalid: "密码不符合要求：至少 8 个字符。",
  password_common: "这个密码太常见，容易被猜中，请换一个。",
  too_large: "内容太大。",
  unsupported_media_type: "请求的格式有误。",
  range_not_satisfiable: "要的部分超出了文件末尾。",
  rate_limited: "操作太频繁，请稍等片刻。",
  overloaded: "服务器繁忙，请稍后再试。",
  upgrade_required: "这里需要 WebSocket 连接。",
  unavailable: "连接不上服务器，请稍后再试。",
};

/** What a person is told about an error. A code newer than this page has the server's own sentence. */
export function errorText(error: unknown, language: Language): string {
  const known = error instanceof ImError ? error : new ImError("internal");
  return (language === "zh-CN" ? ZH : EN)[known.code] ?? sentence(known.message);
}

/** The table's titles have no full stop; between others that have one, they get it. */
function sentence(words: string): string {
  return /[.!?。！？]$/.test(words) ? words : `${words}.`;
}

/** The field of a form that an error is about, if it is about one. */
export function fieldOf(error: unknown): string | undefined {
  if (!(error instanceof ImError)) return undefined;
  const { code, details } = error;
  if (details.field !== undefined) return details.field;
  if (code === "username_taken" || code === "username_invalid") return "username";
  return code === "password_invalid" || code === "password_common" ? "password" : undefined;
}
