import { foldName } from "../kit/fold.ts";

/** Names that would be taken for the server or its operators speaking; `me` and the like would confuse addresses. */
const RESERVED = new Set(
  `admin administrator admins root superuser sysadmin sysop operator owner moderator mod staff team official
  system support help helpdesk service customerservice security abuse postmaster webmaster hostmaster noreply
  imserver server bot api www everyone all here channel anonymous guest nobody null undefined me self
  管理员 管理員 系统管理员 系統管理員 超级管理员 超級管理員 系统 系統 系统消息 系統訊息 客服 在线客服 客户服务 官方 官方客服
  服务器 伺服器 机器人 機器人 所有人 全体成员 全體成員 群主 匿名 游客 管理者 システム サポート 운영자 관리자`
    .trim().split(/\s+/).map(foldName),
);

/** `key` is a folded name. Separators do not count, so im-server and im_server are as reserved as imserver. */
export function isReserved(key: string): boolean {
  return RESERVED.has(key.replace(/[-_.]/g, ""));
}
