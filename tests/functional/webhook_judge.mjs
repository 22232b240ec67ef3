// node webhook_judge.mjs FOLDER OLD_SECRET NEW_SECRET: verifies the lines of FOLDER/messages (id,
// timestamp, signatures and body, separated by tabs) with the library installed there. The first
// message is signed with the old secret, the last one with both; changed messages are rejected.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import assert from "node:assert";

const [folder, oldSecret, newSecret] = process.argv.slice(2);
const { Webhook } = createRequire(folder + "/")("standardwebhooks");
const lines = readFileSync(folder + "/messages", "utf8").trimEnd().split("\n");
assert(lines.length >= 2);

const headersOf = (id, timestamp, signature) => ({
  "webhook-id": id,
  "webhook-timestamp": timestamp,
  "webhook-signature": signature,
});

lines.forEach((line, number) => {
  const [id, timestamp, signature, body] = line.split("\t");
  const headers = headersOf(id, timestamp, signature);
  const verified = new Webhook(oldSecret).verify(body, headers);
  assert.strictEqual(typeof verified.type, "string");
  assert(!Number.isNaN(Date.parse(verified.timestamp)));
  assert.strictEqual(typeof verified.data, "object");
  const byNew = () => new Webhook(newSecret).verify(body, headers);
  if (number === lines.length - 1) byNew();
  else assert.throws(byNew);
  assert.throws(() => new Webhook(oldSecret).verify(body + " ", headers));
  assert.throws(() => new Webhook(oldSecret).verify(body, headersOf("x", timestamp, signature)));
});
