import assert from "node:assert/strict";
import { isReserved } from "./reserved_names.ts";

Deno.test("isReserved: knows the operators' names in several languages", () => {
  for (const key of ["admin", "root", "imserver", "管理员", "系统", "客服", "官方", "관리자"]) {
    assert.equal(isReserved(key), true, key);
  }
});

Deno.test("isReserved: separators do not get around it", () => {
  for (const key of ["im-server", "a.d.m.i.n", "客_服"]) assert.equal(isReserved(key), true, key);
});

Deno.test("isReserved: a name that only contains one is free", () => {
  for (const key of ["", "administer", "badminton", "rooted", "系", "客服小王", "constructor"]) {
    assert.equal(isReserved(key), false, key);
  }
});
