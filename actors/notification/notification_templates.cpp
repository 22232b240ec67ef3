// The templates for staff: their list with the variables, and previews.

#include "actors/notification/account_mails.hpp"
#include "actors/notification/announcement_mail.hpp"
#include "actors/notification/notification_parts.hpp"
#include "actors/notification/recipients.hpp"
#include "actors/notification/sms_text.hpp"
#include "storage/base/service_clock.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

using kernel::call_context;

std::vector<variable_view> variables_of(std::string_view type, std::string_view part) {
  std::vector<variable_view> all;
  for (const auto& v : template_variables()) {
    if (find_variable(type, part, v.list, v.name) != &v) continue;
    std::optional<std::string> list;
    if (!v.list.empty()) list = std::string(v.list);
    all.push_back({std::string(v.name), v.kind, std::move(list), std::string(v.description)});
  }
  return all;
}

/// The values of the preview, or samples.
order_mail sample_order(const notification_options& options, const preview_values& v,
                        std::string_view type) {
  const auto& currency = options.currency;
  order_mail about;
  about.store_name = options.store_name;
  about.order_number = v.order_number.value_or("7F3A9-1C2BP");
  about.customer_name = v.customer_name.value_or("Ada Lovelace");
  about.lines = v.lines.value_or(
      std::vector<mail_line>{{"Green tea", 2, {1998, currency}}, {"Cup", 1, {1200, currency}}});
  about.total = v.total.value_or(money{3198, currency});
  about.partial_of = v.partial_of;
  about.reason = v.reason.value_or("");
  about.cause = v.cause.value_or("");
  if (type == enum_name(mail_kind::refunded)) about.lines.clear();
  if (is_optional(*category_of(type))) {
    about.unsubscribe_url = unsubscribe_link(options.unsubscribe_url, {});
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

rendered_view email_preview(const notification_options& options, const preview_template& what,
                            const mail_style& style) {
  rendered_mail mail;
  if (what.type == announcement_type) {
    const announcement_text sample{style.language, "New teas have arrived",
                                   "The first flush of this year is here.\n\nSee you soon!"};
    mail = render(sample, options.store_name, unsubscribe_link(options.unsubscribe_url, {}), style);
  } else if (const auto kind = enum_value<mail_kind>(what.type)) {
    mail = render(*kind, sample_order(options, what.values, what.type), style);
  } else {
    const auto purpose = enum_value<user::mail_purpose>(what.type).value();
    mail = render(purpose, sample_account(options, what.values, purpose), style);
  }
  return {what.type, template_for(what.type, style).language(), std::move(mail.subject),
          std::move(mail.text), std::move(mail.html)};
}

rendered_view short_preview(const notification_options& options, const preview_template& what,
                            notification_type channel, const mail_style& style) {
  const auto kind = enum_value<short_kind>(what.type).value();
  rendered_view view;
  view.type = what.type;
  view.language = template_for(kind, style).language();
  view.channel = channel;
  view.text = short_text(kind, sample_order(options, what.values, what.type), style);
  if (channel == notification_type::SMS) {
    view.text = text_message(options.store_name, view.text);
    view.segments = static_cast<std::int64_t>(sms_segments(view.text));
  } else {
    view.subject = one_line(options.store_name);
  }
  return view;
}

template_view view_of(std::string_view type, std::string_view part,
                      const std::vector<template_library::translation>& languages) {
  template_view view{std::string(type), *category_of(type), {}, variables_of(type, part), {}};
  for (const auto& l : languages) view.languages.push_back({l.tag, l.is_overridden});
  view.channels = part == short_part ? std::vector{notification_type::SMS, notification_type::Push}
                                     : std::vector{notification_type::Email};
  return view;
}

}  // namespace

result<rendered_view> preview_of(const notification_options& options, const preview_template& what,
                                 timestamp date) {
  const auto channel = what.channel.value_or(notification_type::Email);
  const bool is_email = channel == notification_type::Email;
  const auto types = is_email ? template_types() : short_types();
  if (std::ranges::find(types, what.type) == types.end()) return not_found("template");
  if (what.values.cause && !find_variable("cancelled", {}, "cause_" + *what.values.cause)) {
    return unknown_cause();
  }
  const auto style = style_of(options, what.language, date);
  return is_email ? email_preview(options, what, style)
                  : short_preview(options, what, channel, style);
}

result<template_list> notification_service::read(const list_templates&, const call_context& context,
                                                 db::connection&) const {
  if (!may_see_all(context)) return not_found("list of templates");
  const auto library = options_.templates->current();
  template_list all;
  for (const auto type : template_types()) {
    all.data.push_back(view_of(type, "text", library->languages_of(type)));
  }
  for (const auto type : short_types()) {
    all.data.push_back(view_of(type, short_part, library->short_languages_of(type)));
  }
  return all;
}

result<rendered_view> notification_service::read(const preview_template& q,
                                                 const call_context& context,
                                                 db::connection&) const {
  if (!may_see_all(context)) return not_found("template");
  return preview_of(options_, q, store_time().now());
}

}  // namespace stoa::notification
