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
const vault = new sdk.VaultController(client);

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

// An account is saved with a payment, pays again without an approval, and is deleted.
const saving = async (buyer, customer = {merchantCustomerId: "user-1"}) => {
  const body = wanted("CAPTURE", "12.99");
  body.paymentSource.paypal.attributes = {
    customer,
    vault: {
      storeInVault: sdk.StoreInVaultInstruction.OnSuccess,
      usageType: sdk.PaypalPaymentTokenUsageType.Merchant,
      permitMultiplePaymentTokens: true,
    },
  };
  const made = (await orders.createOrder({body, paypalRequestId: key()})).result;
  await approve(made, buyer);
  const {result} = await orders.captureOrder({id: made.id, paypalRequestId: key()});
  return {id: made.id, wallet: result.paymentSource.paypal};
};
const payWith = async (vaultId, intent = "CAPTURE") => {
  const body = {intent, purchaseUnits: wanted(intent, "5.00").purchaseUnits};
  const made = (await orders.createOrder({body, paypalRequestId: key()})).result;
  assert.equal(made.status, "CREATED");
  const storedCredential = {
    paymentInitiator: sdk.PaymentInitiator.Customer,
    usage: sdk.StoredPaymentSourceUsageType.Subsequent,
    usagePattern: sdk.UsagePattern.Immediate,
  };
  const request = {id: made.id, paypalRequestId: key(), body: {paymentSource: {paypal: {vaultId, storedCredential}}}};
  return (await (intent === "CAPTURE" ? orders.captureOrder(request) : orders.authorizeOrder(request))).result;
};
const {wallet} = await saving("personal");
assert.equal(wallet.emailAddress, "personal@example.com");
const saved = wallet.attributes.vault;
assert.equal(saved.status, "VAULTED");
assert.equal(saved.customer.merchantCustomerId, "user-1");
const token = (await vault.getPaymentToken(saved.id)).result;
assert.equal(token.customer.id, saved.customer.id);
assert.equal(token.paymentSource.paypal.emailAddress, "personal@example.com");
const next = (await saving("other", {id: saved.customer.id})).wallet.attributes.vault;
assert.equal(next.customer.id, saved.customer.id);
const listed = (await vault.listCustomerPaymentTokens({customerId: saved.customer.id})).result;
assert.deepEqual(listed.paymentTokens.map((t) => t.id), [saved.id, next.id]);
const repeated = await payWith(saved.id);
assert.equal(repeated.status, "COMPLETED");
assert.equal(repeated.purchaseUnits[0].payments.captures[0].amount.value, "5.00");
assert.equal((await payWith(saved.id, "AUTHORIZE")).purchaseUnits[0].payments.authorizations[0].status, "CREATED");
assert.equal((await vault.deletePaymentToken(saved.id)).statusCode, 204);
assert.equal((await failure(vault.getPaymentToken(saved.id))).statusCode, 404);
assert.equal(issue(await failure(payWith(saved.id))), "TOKEN_ID_NOT_FOUND");
const asking = (await saving("asks_again")).wallet.attributes.vault;
assert.equal(issue(await failure(payWith(asking.id))), "PAYER_ACTION_REQUIRED");
// Saved after the payment: the order has the token then.
const late = await saving("vault_later");
assert.equal(late.wallet.attributes.vault.status, "APPROVED");
assert.equal(late.wallet.attributes.vault.id, undefined);
for (let i = 0; ; ++i) {
  const state = (await orders.getOrder({id: late.id})).result.paymentSource.paypal.attributes.vault;
  if (state.status === "VAULTED") {
    assert.equal((await payWith(state.id)).status, "COMPLETED");
    break;
  }
  assert.ok(i < 200, "the account is not saved");
  await new Promise((then) => setTimeout(then, 50));
}
assert.deepEqual([...hosts], ["api-m.sandbox.paypal.com"]);
