// Judges of text messages and push messages: Twilio's official Node SDK and the reference
// implementation of RFC 8188. node message_judges.mjs MODULES twilio|push FILE, where FILE is JSON.
import assert from "node:assert/strict";
import {createECDH, createPublicKey, verify} from "node:crypto";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";

const [modules, kind, file] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const given = JSON.parse(readFileSync(file, "utf8"));

// The SDK's request for the same message equals that of Stoa, and its signature is accepted.
async function judgeTwilio() {
  const twilio = require("twilio");
  let asked;
  const httpClient = {
    lastRequest: undefined,
    request: async (options) => {
      asked = options;
      return {statusCode: 201, body: {sid: "SM1", status: "queued"}, headers: {}};
    },
  };
  const client = twilio(given.account, given.token, {httpClient});
  const sent = new URLSearchParams(given.body);
  await client.messages.create({to: sent.get("To"), from: sent.get("From"), body: sent.get("Body"),
    statusCallback: sent.get("StatusCallback")});
  assert.equal(asked.method.toUpperCase(), "POST");
  assert.equal(new URL(asked.uri).pathname, given.path);
  const wanted = Object.fromEntries(Object.entries(asked.data).filter(([, value]) => value !== undefined));
  assert.deepEqual(Object.fromEntries(sent), wanted);
  const login = Buffer.from(given.authorization.replace("Basic ", ""), "base64").toString();
  assert.equal(login, `${given.account}:${given.token}`);

  const fields = {MessageSid: "SM0123456789abcdef0123456789abcdef", MessageStatus: "delivered", To: "+4930123456",
    AccountSid: given.account, ApiVersion: "2010-04-01", Note: "a b&c=\u00e4"};
  const url = sent.get("StatusCallback");
  const signature = twilio.getExpectedTwilioSignature(given.token, url, fields);
  const report = (signed, content) => fetch(given.store + url.slice(given.public_url.length), {
    method: "POST", headers: {"X-Twilio-Signature": signed}, body: new URLSearchParams(content)});
  const accepted = await report(signature, fields);
  assert.equal(accepted.status, 200, await accepted.text());
  assert.equal((await report(signature, {...fields, MessageStatus: "failed"})).status, 400);
  assert.equal((await report("AAAA", fields)).status, 400);
}

// The body can be decrypted, and the token in Authorization is valid for the push service.
function judgePush() {
  const ece = require("http_ece");
  const browser = createECDH("prime256v1");
  browser.setPrivateKey(Buffer.from(given.private_key, "base64url"));
  const plain = ece.decrypt(Buffer.from(given.body, "base64url"),
    {version: "aes128gcm", privateKey: browser, authSecret: given.auth});
  assert.deepEqual(Object.keys(JSON.parse(plain.toString("utf8"))).sort(), ["body", "id", "title", "url"]);
  const [, token, key] = given.authorization.match(/^vapid t=([^,]+), k=([\w-]+)$/);
  const point = Buffer.from(key, "base64url");
  const jwk = {kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url")};
  const [head, claims, signature] = token.split(".");
  assert.ok(verify("sha256", Buffer.from(`${head}.${claims}`),
    {key: createPublicKey({key: jwk, format: "jwk"}), dsaEncoding: "ieee-p1363"},
    Buffer.from(signature, "base64url")));
  const {aud, exp, sub} = JSON.parse(Buffer.from(claims, "base64url"));
  assert.equal(aud, given.origin);
  assert.equal(sub, "mailto:shop@example.org");
  assert.ok(exp > Date.now() / 1000 && exp <= Date.now() / 1000 + 86400);
}

await (kind === "twilio" ? judgeTwilio() : judgePush());
