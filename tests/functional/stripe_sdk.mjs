// Stripe's official Node SDK against `stoa gateway-simulator`: node stripe_sdk.mjs MODULES PORT SECRET
// EVENTS, where EVENTS is a file with one webhook per line: its signature, a tab, its body.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";

const [modules, port, secret, events] = process.argv.slice(2);
const Stripe = createRequire(`${modules}/`)("stripe");
const stripe = new Stripe("sk_test_judge", {host: "127.0.0.1", port, protocol: "http", maxNetworkRetries: 0});

const card = {currency: "eur", payment_method_types: ["card"], metadata: {payment_id: "p", order_id: "o"}};
const failure = async (call) => {
  try {
    await call;
  } catch (e) {
    return e;
  }
  return assert.fail("the call has succeeded");
};

const paid = await stripe.paymentIntents.create({...card, amount: 1299, payment_method: "pm_card_visa", confirm: true});
assert.equal(paid.status, "succeeded");
assert.equal(paid.amount_received, 1299);
assert.deepEqual((await stripe.paymentIntents.retrieve(paid.id)).metadata, card.metadata);
const refund = await stripe.refunds.create({payment_intent: paid.id, amount: 299});
assert.equal(refund.status, "succeeded");
assert.equal((await stripe.refunds.retrieve(refund.id)).amount, 299);
assert.equal((await stripe.refunds.list({payment_intent: paid.id})).data.length, 1);
const excess = await failure(stripe.refunds.create({payment_intent: paid.id, amount: 1001}));
assert.equal(excess.type, "StripeInvalidRequestError");

const declined = await failure(stripe.paymentIntents.create(
  {...card, amount: 1299, payment_method: "pm_card_visa_chargeDeclinedInsufficientFunds", confirm: true}));
assert.equal(declined.type, "StripeCardError");
assert.equal(declined.code, "card_declined");
assert.equal(declined.decline_code, "insufficient_funds");
assert.equal(declined.payment_intent.status, "requires_payment_method");

const reserved = await stripe.paymentIntents.create({...card, amount: 500, capture_method: "manual"});
assert.equal((await stripe.paymentIntents.confirm(reserved.id, {payment_method: "pm_card_mastercard"})).status,
  "requires_capture");
assert.equal((await stripe.paymentIntents.capture(reserved.id)).status, "succeeded");
const late = await failure(stripe.paymentIntents.cancel(reserved.id));
assert.equal(late.code, "payment_intent_unexpected_state");

const asked = await stripe.paymentIntents.create({...card, amount: 700, confirm: true,
  payment_method: "pm_card_threeDSecure2Required", return_url: "https://shop.example/paid"});
assert.equal(asked.status, "requires_action");
assert.equal(asked.next_action.type, "redirect_to_url");
assert.equal((await stripe.paymentIntents.cancel(asked.id)).status, "canceled");

const ada = await stripe.customers.create({metadata: {user_id: "ada"}}, {idempotencyKey: "customer:ada"});
assert.equal((await stripe.customers.create({metadata: {user_id: "ada"}}, {idempotencyKey: "customer:ada"})).id, ada.id);
const bob = await stripe.customers.create({metadata: {user_id: "bob"}});
assert.deepEqual((await stripe.customers.retrieve(ada.id)).metadata, {user_id: "ada"});
const fresh = () => stripe.paymentMethods.create({type: "card", card: {token: "tok_visa"}});
const saving = await stripe.paymentIntents.create({...card, amount: 300});
await stripe.paymentIntents.update(saving.id, {customer: ada.id, setup_future_usage: "on_session"});
const saved = await stripe.paymentIntents.confirm(saving.id, {payment_method: (await fresh()).id, expand: ["payment_method"]});
assert.equal(saved.customer, ada.id);
assert.equal(saved.payment_method.customer, ada.id);
assert.equal(saved.payment_method.card.last4, "4242");
const kept = saved.payment_method.id;
const pay = (customer, method) =>
  stripe.paymentIntents.create({...card, amount: 300, customer, payment_method: method, confirm: true});
assert.equal((await pay(ada.id, kept)).status, "succeeded");
assert.equal((await failure(pay(bob.id, kept))).param, "payment_method");
assert.match((await failure(pay(undefined, kept))).message, /belongs to the Customer/);
assert.equal((await failure(pay("cus_unknown", kept))).code, "resource_missing");
assert.equal((await stripe.paymentMethods.attach(kept, {customer: ada.id})).customer, ada.id);
assert.match((await failure(stripe.paymentMethods.attach(kept, {customer: bob.id}))).message, /already been attached/);
assert.equal((await stripe.paymentMethods.retrieve(kept)).customer, ada.id);
const once = await fresh();
assert.equal((await pay(undefined, once.id)).status, "succeeded");
assert.match((await failure(pay(undefined, once.id))).message, /may not be used again/);
assert.match((await failure(stripe.paymentMethods.attach(once.id, {customer: ada.id}))).message, /may not be used again/);
const second = await stripe.paymentMethods.attach((await fresh()).id, {customer: ada.id});
assert.equal((await stripe.customers.listPaymentMethods(ada.id)).data.length, 2);
const no = await failure(stripe.paymentMethods.attach("pm_card_visa_chargeDeclined", {customer: ada.id}));
assert.equal(no.type, "StripeCardError");
assert.equal((await stripe.paymentMethods.detach(second.id)).customer, null);
assert.match((await failure(stripe.paymentMethods.detach(second.id))).message, /detachment is impossible/);
assert.equal((await failure(stripe.paymentMethods.retrieve("pm_unknown"))).code, "resource_missing");
assert.equal((await stripe.customers.del(ada.id)).deleted, true);
assert.equal((await stripe.customers.retrieve(ada.id)).deleted, true);
assert.equal((await failure(stripe.customers.del(ada.id))).code, "resource_missing");
assert.equal((await stripe.paymentMethods.retrieve(kept)).customer, null);

const key = {idempotencyKey: "one"};
const first = await stripe.paymentIntents.create({...card, amount: 100}, key);
assert.equal((await stripe.paymentIntents.create({...card, amount: 100}, key)).id, first.id);
const other = await failure(stripe.paymentIntents.create({...card, amount: 200}, key));
assert.equal(other.type, "StripeIdempotencyError");
const foreign = new Stripe("sk_live_judge", {host: "127.0.0.1", port, protocol: "http", maxNetworkRetries: 0});
assert.equal((await failure(foreign.paymentIntents.retrieve(first.id))).type, "StripeAuthenticationError");

const lines = readFileSync(events, "utf8").trim().split("\n");
assert.ok(lines.length > 0);
for (const line of lines) {
  const [signature, body] = [line.slice(0, line.indexOf("\t")), line.slice(line.indexOf("\t") + 1)];
  assert.ok(stripe.webhooks.constructEvent(body, signature, secret).type.length > 0);
  assert.throws(() => stripe.webhooks.constructEvent(`${body} `, signature, secret));
}
