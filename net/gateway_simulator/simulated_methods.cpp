// Customers, and payment methods that are attached to them: one that was used without a customer,
// or was detached, cannot be used again.

#include "net/gateway_simulator/simulated_parts.hpp"

#include <algorithm>

namespace stoa::simulator {

namespace {

constexpr std::string_view card_prefix = "pm_card_";

card_object card_named(std::string_view name) {
  card_object c;
  if (name.find("mastercard") != std::string_view::npos) {
    c.brand = "mastercard";
    c.last4 = "4444";
  } else if (name.find("amex") != std::string_view::npos) {
    c.brand = "amex";
    c.last4 = "0005";
  } else if (name.find("threeDSecure") != std::string_view::npos) {
    c.last4 = "3220";
  } else if (name.find("Declined") != std::string_view::npos) {
    c.last4 = "0002";
  }
  return c;
}

}  // namespace

bool simulated_api::is_customer(const std::string& id) {
  const auto found = books_.find_customer(id);
  return found && !found->deleted;
}

method_record simulated_api::make_method(std::string card) {
  method_record made;
  made.shown.id = new_id("pm_");
  made.shown.card = card_named(card);
  made.shown.created = now_.us / us_per_s;
  made.card = std::move(card);
  books_.save(made);
  return made;
}

std::optional<method_record> simulated_api::method_of(const std::string& token) {
  if (find_card(token) != nullptr) return make_method(token);
  return books_.find_method(token);
}

const card* simulated_api::card_of(const intent_record& i) {
  const auto method = books_.find_method(i.shown.payment_method.value.value_or(""));
  return method ? find_card(method->card) : nullptr;
}

std::optional<api_response> simulated_api::method_refused(const intent_record& i,
                                                          const method_record& m) {
  const auto owner = m.shown.customer.value.value_or("");
  const auto customer = i.shown.customer.value.value_or("");
  if (!owner.empty() && customer.empty()) {
    return invalid("The `payment_method` parameter supplied " + m.shown.id +
                       " belongs to the Customer " + owner +
                       ". Please include the Customer in the `customer` parameter on the "
                       "PaymentIntent.",
                   "parameter_missing", "source");
  }
  if (!owner.empty() && owner != customer) {
    return invalid("The customer does not have a payment method with the ID " + m.shown.id +
                       ". The payment method must be attached to the customer.",
                   "resource_missing", "payment_method");
  }
  if (!m.consumed) return std::nullopt;
  return invalid(
      "The provided PaymentMethod was previously used with a PaymentIntent without Customer "
      "attachment, or was detached from a Customer. It may not be used again.");
}

void simulated_api::use_method(const intent_record& i, bool paid) {
  auto method = books_.find_method(i.shown.payment_method.value.value_or(""));
  if (!method || method->shown.customer.value) return;
  const auto customer = i.shown.customer.value.value_or("");
  const bool is_kept = paid && i.shown.setup_future_usage.value && is_customer(customer);
  if (!is_kept) {
    method->consumed = true;
    return books_.save(*method);
  }
  method->shown.customer.value = customer;
  books_.save(*method);
  emit("payment_method.attached", json_of(method->shown));
}

/// POST /v1/payment_intents/{id}: only what a store changes of an intent without a payment.
api_response simulated_api::update(intent_record& i, const api_request& r) {
  const auto& status = i.shown.status;
  if (status != "requires_payment_method" && status != "requires_confirmation" &&
      status != "requires_action") {
    auto refused = invalid(
        "This PaymentIntent could not be updated because it has a status of " + status + ".",
        "payment_intent_unexpected_state");
    return refused;
  }
  if (const auto customer = field(r, "customer"); !customer.empty()) {
    if (!is_customer(customer)) return no_customer(customer);
    const auto earlier = i.shown.customer.value.value_or(customer);
    if (earlier != customer) {
      return invalid("You cannot modify `customer` on a PaymentIntent once it is set.", "",
                     "customer");
    }
    i.shown.customer.value = customer;
  }
  if (const auto use = field(r, "setup_future_usage"); !use.empty()) {
    if (use != "on_session" && use != "off_session") {
      return invalid("Invalid setup_future_usage.", "", "setup_future_usage");
    }
    i.shown.setup_future_usage.value = use;
  }
  books_.save(i);
  return shown_intent(i, r);
}

api_response simulated_api::create_customer(const api_request& r) {
  customer_record made;
  made.shown.id = new_id("cus_");
  made.shown.created = now_.us / us_per_s;
  if (auto email = field(r, "email"); !email.empty()) made.shown.email.value = std::move(email);
  made.shown.metadata = metadata_of(r);
  books_.save(made);
  emit("customer.created", json_of(made.shown));
  return shown(made.shown);
}

/// GET /v1/customers/{id} and /v1/customers/{id}/payment_methods.
api_response simulated_api::find_customer(const api_request& r, const std::string& id) {
  const auto slash = id.find('/');
  const auto customer = id.substr(0, slash);
  const auto found = books_.find_customer(customer);
  if (!found) return missing("customer: '" + customer + "'", "id");
  if (slash == std::string::npos) {
    return found->deleted ? shown(deleted_customer_object{customer}) : shown(found->shown);
  }
  if (found->deleted || id.substr(slash) != "/payment_methods") return missing("endpoint", "url");
  list_object list;
  list.url = r.path;
  for (const auto& m : books_.methods_of(customer)) list.data.push_back({json_of(m.shown)});
  std::ranges::reverse(list.data);
  return shown(list);
}

api_response simulated_api::remove_customer(const std::string& id) {
  auto found = books_.find_customer(id);
  if (!found || found->deleted) return missing("customer: '" + id + "'", "id");
  found->deleted = true;
  books_.save(*found);
  for (auto& m : books_.methods_of(id)) detach(m);
  emit("customer.deleted", json_of(found->shown));
  return shown(deleted_customer_object{id});
}

/// POST /v1/payment_methods with the token of a test card, as Stripe.js does.
api_response simulated_api::create_method(const api_request& r) {
  constexpr std::string_view token_prefix = "tok_";
  if (field(r, "type") != "card") return invalid("Invalid type.", "", "type");
  const auto token = field(r, "card[token]");
  if (!token.starts_with(token_prefix)) return invalid("Invalid token id: " + token, "", "token");
  const auto card = std::string(card_prefix) + token.substr(token_prefix.size());
  if (find_card(card) == nullptr) return invalid("Invalid token id: " + token, "", "token");
  return shown(make_method(card).shown);
}

api_response simulated_api::post_to_method(const api_request& r, const std::string& rest) {
  const auto slash = rest.find('/');
  const auto action = slash == std::string::npos ? std::string() : rest.substr(slash);
  if (action != "/attach" && action != "/detach") return missing("endpoint", "url");
  const auto id = rest.substr(0, slash);
  auto method = action == "/attach" ? method_of(id) : books_.find_method(id);
  if (!method) return missing("PaymentMethod: '" + id + "'", "payment_method");
  return action == "/attach" ? attach(std::move(*method), field(r, "customer"))
                             : detach(std::move(*method));
}

api_response simulated_api::attach(method_record m, const std::string& customer) {
  if (customer.empty()) {
    return invalid("Must provide customer or customer_account.", "parameter_missing");
  }
  if (!is_customer(customer)) return no_customer(customer);
  const auto* used = find_card(m.card);
  if (used != nullptr && !used->code.empty()) {
    error_object why{"card_error"};
    why.code = std::string(used->code);
    why.decline_code = std::string(used->decline_code);
    why.message = "Your card was declined.";
    return failed(402, std::move(why));
  }
  if (m.shown.customer.value == customer) return shown(m.shown);
  if (m.shown.customer.value) {
    return invalid("The payment method you provided has already been attached to a customer.");
  }
  if (m.consumed) {
    return invalid(
        "This PaymentMethod was previously used without being attached to a Customer or was "
        "detached from a Customer, and may not be used again.");
  }
  m.shown.customer.value = customer;
  books_.save(m);
  emit("payment_method.attached", json_of(m.shown));
  auto answer = shown(m.shown);
  if (used != nullptr) answer.with = used->with;
  if (answer.with != fault::error_500) return answer;
  error_object why{"api_error"};
  why.message = "Simulated server error.";
  return failed(500, std::move(why));
}

api_response simulated_api::detach(method_record m) {
  if (!m.shown.customer.value) {
    return invalid(
        "The payment method you provided is not attached to a customer so detachment is "
        "impossible.");
  }
  m.shown.customer.value.reset();
  m.consumed = true;
  books_.save(m);
  emit("payment_method.detached", json_of(m.shown));
  return shown(m.shown);
}

}  // namespace stoa::simulator
