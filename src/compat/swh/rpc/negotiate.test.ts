import { expect, test } from "vitest";
import { dialects } from "../wire/dialects.ts";
import { answerEncoding, bodyEncoding } from "./negotiate.ts";

const { encodings } = dialects.current;

test.each<[string | undefined, "json" | "msgpack"]>([
  [undefined, "json"],
  ["", "json"],
  ["*/*", "json"],
  ["text/html", "json"],
  ["application/x-msgpack", "msgpack"],
  ["APPLICATION/X-MSGPACK ; q=0.2", "msgpack"],
  ["application/x-msgpack, application/json", "json"],
  ["application/x-msgpack;q=0.5, application/json;q=0.1", "msgpack"],
  ["application/x-msgpack, */*;q=0.1", "msgpack"],
  ["application/x-msgpack;q=0.1, application/*;q=0.5", "json"],
  ["application/*, application/json;q=0", "msgpack"],
  ["application/x-msgpack;q=2, application/json;q=0.1", "json"],
  ["application/x-msgpack;q=0, */*", "json"],
  [`${"text/html,".repeat(10_000)}application/x-msgpack`, "json"],
])("who accepts %j is answered in %s", (accept, wanted) => {
  expect(answerEncoding(accept, encodings)).toBe(encodings[wanted]);
});

test.each<[string | undefined, "json" | "msgpack" | undefined]>([
  ["application/json; charset=utf-8", "json"],
  ["Application/X-MsgPack", "msgpack"],
  ["application/msgpack", undefined],
  ["", undefined],
  [undefined, undefined],
])("a body of the type %j is read as %s", (type, wanted) => {
  const expected = wanted === undefined ? undefined : encodings[wanted];
  expect(bodyEncoding(type, encodings)).toBe(expected);
});
