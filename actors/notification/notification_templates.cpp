// The templates for staff: their list with the variables, and previews.

#include "actors/notification/account_mails.hpp"
#include "actors/notification/notification_service.hpp"
#include "actors/notification/recipients.hpp"
#include "storage/base/service_clock.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

using kernel::call_context;

std::vector<variable_view> variables_of(std::string_view type) {
  std::vector<variable_view> all;
  for (const auto& v : template_variables()) {
    if (find_variable(type, v.list, v.name) != &v) continue;
    std::optional<std::string> list;
    if (!v.list.empty()) list = std::string(v.list);
    all.push_back({std::string(v.name), v.kind, std::move(list), std::string(v.description)});
  }
  return all;
}

/// The values of the preview, or samples.
order_mail sample_order(const notification_options& options, const preview_values& v,
                        const std::string& currency, mail_kind kind) {
  const stoa::notification_id none{};
  order_mail about;
  about.store_name = options.store_name;
  about.order_number = v.order_number.value_or("7F3A-91C2-04BE");
  about.customer_name = v.customer_name.value_or("Ada Lovelace");
  about.lines = v.lines.value_or(
      std::vector<mail_line>{{"Green tea", 2, {1998, currency}}, {"Cup", 1, {1200, currency}}});
  about.total = v.total.value_or(money{3198, currency});
  about.partial_of = v.partial_of;
  about.reason = v.reason.value_or("");
  about.cause = v.cause.value_or("");
  if (kind == mail_kind::refunded) about.lines.clear();
  if (is_optional(*category_of(enum_name(kind)))) {
    about.unsubscribe_url = unsubscribe_link(options.unsubscribe_url, none);
  }
  return about;
}

account_mail_content sample_account(const notification_options& options, const preview_values& v,
                                    user::mail_purpose purpose) {
  account_mail_content about{options.store_name, v.customer_name.value_or("Ada"),
                             options.verification_url, std::nullopt};
  if (holds_token(enum_name(purpose))) about.verification_id = user::verification_id{};
  return about;
}

problem unknown_cause() {
  return invalid_field("/values/cause", "value",
                       "This must be NAME of a variable cause_NAME of the type cancelled.");
}

}  // namespace

result<template_list> notification_service::read(const list_templates&, const call_context& context,
                                                 db::connection&) const {
  if (!may_see_all(context)) return not_found("list of templates");
  const auto library = options_.templates->current();
  template_list all;
  for (const auto type : template_types()) {
    template_view view{std::string(type), *category_of(type), {}, variables_of(type)};
    for (auto& language : library->languages_of(type)) {
      const bool overridden = library->is_overridden(type, language);
      view.languages.push_back({std::move(language), overridden});
    }
    all.data.push_back(std::move(view));
  }
  return all;
}

result<rendered_view> notification_service::read(const preview_template& q,
                                                 const call_context& context,
                                                 db::connection&) const {
  const auto types = template_types();
  if (!may_see_all(context) || std::ranges::find(types, q.type) == types.end()) {
    return not_found("template");
  }
  if (q.values.cause && !find_variable("cancelled", {}, "cause_" + *q.values.cause)) {
    return unknown_cause();
  }
  const auto style = style_of(q.language, store_time().now());
  rendered_mail mail;
  if (const auto kind = enum_value<mail_kind>(q.type)) {
    mail = render(*kind, sample_order(options_, q.values, options_.currency, *kind), style);
  } else {
    const auto purpose = enum_value<user::mail_purpose>(q.type).value();
    mail = render(purpose, sample_account(options_, q.values, purpose), style);
  }
  return rendered_view{q.type, template_for(q.type, style).language(), std::move(mail.subject),
                       std::move(mail.text), std::move(mail.html)};
}

}  // namespace stoa::notification
