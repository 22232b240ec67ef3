// PayPal's official Node SDK against `stoa gateway-simulator`: node paypal_sdk.mjs MODULES PORT. The SDK
// knows only PayPal's two servers: its HTTPS requests to the sandbox are sent to the port instead.
import assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import {createRequire} from "node:module";

const [modules, port] = process.argv.slice(2);
const hosts = new Set();
https.request = (options, then) => {
  hosts.add(options.hostname ?? options.host);
  const {agent, agents, protocol, ...rest} = options;
  return http.request({...rest, protocol: "http:", host: "127.0.0.1", hostname: "127.0.0.1", port}, then);
};
const sdk = createRequire(`${modules}/`)("@paypal/paypal-server-sdk");
const client = new sdk.Client({
  clientCredentialsAuthCredentials: {oAuthClientId: "client", oAuthClientSecret: "secret"},
  environment: sdk.Environment.Sandbox,
});
const orders = new sdk.OrdersController(client);
const payments = new sdk.PaymentsController(client);

const failure = async (call) => {
  try {
    await call;
  } catch (e) {
    return e;
  }
  return assert.fail("the call has succeeded");
};
const issue = (e) => JSON.parse(e.body).details[0].issue;
let keys = 0;
const key = () => `key-${++keys}`;

const wanted = (intent, value) => ({
  intent,
  purchaseUnits: [{customId: "p", invoiceId: "o", amount: {currencyCode: "EUR", value}}],
  paymentSource: {
    paypal: {experienceContext: {returnUrl: "https://shop.example/paid", cancelUrl: "https://shop.example/cart"}},
  },
});
const created = async (intent, value = "12.99", paypalRequestId = key()) =>
  (await orders.createOrder({body: wanted(intent, value), paypalRequestId})).result;
const approve = async (order, buyer = "personal") => {
  const {href} = order.links.find((l) => l.rel === "payer-action");
  const body = new URLSearchParams({outcome: "approve", buyer, token: order.id});
  const answer = await fetch(href.split("?")[0], {method: "POST", body, redirect: "manual"});
  assert.equal(answer.status, 303);
};

// An order is approved, captured and refunded; a repeated request has the first response.
const order = await created("CAPTURE", "12.99", "first");
assert.equal(order.status, "PAYER_ACTION_REQUIRED");
assert.equal((await created("CAPTURE", "12.99", "first")).id, order.id);
assert.equal(issue(await failure(orders.captureOrder({id: order.id, paypalRequestId: key()}))), "ORDER_NOT_APPROVED");
await approve(order);
assert.equal((await orders.getOrder({id: order.id})).result.status, "APPROVED");
const paid = (await orders.captureOrder({id: order.id, paypalRequestId: "capture"})).result;
assert.equal(paid.status, "COMPLETED");
const [capture] = paid.purchaseUnits[0].payments.captures;
assert.equal(capture.amount.value, "12.99");
assert.equal(capture.customId, "p");
const again = (await orders.captureOrder({id: order.id, paypalRequestId: "capture"})).result;
assert.equal(again.purchaseUnits[0].payments.captures[0].id, capture.id);
assert.equal(issue(await failure(orders.captureOrder({id: order.id, paypalRequestId: key()}))), "ORDER_ALREADY_CAPTURED");
const part = {amount: {currencyCode: "EUR", value: "2.99"}};
const refund = (
  await payments.refundCapturedPayment({captureId: capture.id, paypalRequestId: key(), body: part})
).result;
assert.equal(refund.status, "COMPLETED");
assert.equal((await payments.getRefund({refundId: refund.id})).result.amount.value, "2.99");
const captured = (await payments.getCapturedPayment({captureId: capture.id})).result;
assert.equal(captured.status, "PARTIALLY_REFUNDED");
const excess = {amount: {currencyCode: "EUR", value: "10.01"}};
const refused = await failure(
  payments.refundCapturedPayment({captureId: capture.id, paypalRequestId: key(), body: excess}),
);
assert.equal(issue(refused), "REFUND_AMOUNT_EXCEEDED");

// An authorisation is captured, and another one voided.
for (const voids of [false, true]) {
  const held = await created("AUTHORIZE");
  await approve(held);
  const done = (await orders.authorizeOrder({id: held.id, paypalRequestId: key()})).result;
  const authorizationId = done.purchaseUnits[0].payments.authorizations[0].id;
  if (voids) {
    await payments.voidPayment({authorizationId, paypalRequestId: key()});
  } else {
    const made = await payments.captureAuthorizedPayment({authorizationId, paypalRequestId: key(), body: {}});
    assert.equal(made.result.status, "COMPLETED");
  }
  const {status} = (await payments.getAuthorizedPayment({authorizationId})).result;
  assert.equal(status, voids ? "VOIDED" : "CAPTURED");
}

// Declines and invalid requests.
const declined = await created("CAPTURE");
await approve(declined, "declined");
const why = await failure(orders.captureOrder({id: declined.id, paypalRequestId: key()}));
assert.equal(why.statusCode, 422);
assert.equal(issue(why), "INSTRUMENT_DECLINED");
assert.equal(issue(await failure(created("CAPTURE", "12.999"))), "DECIMAL_PRECISION");
assert.equal((await failure(orders.getOrder({id: "NONE"}))).statusCode, 404);
assert.deepEqual([...hosts], ["api-m.sandbox.paypal.com"]);
