#include "actors/notification/templates.hpp"

#include "storage/base/describe.hpp"

// GCC 12 reports false null dereferences in the library's inlined vectors.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include <kainjow/mustache.hpp>
#pragma GCC diagnostic pop

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace stoa::notification {
namespace {

namespace mustache = kainjow::mustache;

// The frames shared by all mails. In the text no section tag is alone on its line, as the library
// leaves an empty line for an omitted section. The parts that differ are inserted once, before
// parsing.
constexpr std::string_view text_frame =
    R"(Hello{{#customer_name}} {{customer_name}}{{/customer_name}},

@lead@{{#reason}}

Reason: {{reason}}{{/reason}}

Order {{order_number}}
{{#lines}}  {{quantity}} x {{name}}: {{line_total}}
{{/lines}}@total@: {{total}}

@close@

{{store_name}}
)";

constexpr std::string_view html_frame = R"(<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>@title@</title></head>
<body style="font-family: sans-serif; color: #222; max-width: 40em">
<p>Hello{{#customer_name}} {{customer_name}}{{/customer_name}},</p>
<p>@lead@</p>
{{#reason}}
<p>Reason: {{reason}}</p>
{{/reason}}
<h2 style="font-size: 1em">Order {{order_number}}</h2>
<table style="border-collapse: collapse; width: 100%">
{{#lines}}
<tr><td>{{quantity}} &times; {{name}}</td><td style="text-align: right">{{line_total}}</td></tr>
{{/lines}}
<tr><td><strong>@total@</strong></td><td style="text-align: right"><strong>{{total}}</strong></td></tr>
</table>
<p>@close@</p>
<p>{{store_name}}</p>
</body>
</html>
)";

struct mail_texts {
  mail_kind kind;
  std::string_view title;  // also the subject
  std::string_view lead;
  std::string_view total;
  std::string_view close;
};

constexpr std::array all_texts{
    mail_texts{mail_kind::confirmed, "Your order at {{store_name}} is confirmed",
               "Thank you for your order. It is confirmed.", "Total",
               "We will write to you again when it has shipped."},
    mail_texts{mail_kind::cancelled, "Your order at {{store_name}} is cancelled",
               "Your order has been cancelled.", "Total",
               "If you have paid for it, the amount will be refunded."},
    mail_texts{mail_kind::shipped, "Your order at {{store_name}} has shipped",
               "Your order has been handed to the carrier.", "Total",
               "We will write to you again when it has arrived."},
    mail_texts{mail_kind::delivered, "Your order at {{store_name}} has arrived",
               "Your order has been delivered.", "Total", "We hope that you enjoy it."},
    mail_texts{mail_kind::refunded,
               "Your {{#partial_of}}partial {{/partial_of}}refund from {{store_name}}",
               "We have refunded {{#partial_of}}part of your order: {{total}} of "
               "{{partial_of}}{{/partial_of}}{{^partial_of}}your order{{/partial_of}}.",
               "Refunded", "It may take a few days to appear on your bank statement."},
    mail_texts{mail_kind::payment_awaited, "Your order at {{store_name}}: please pay by transfer",
               "Thank you for your order. Please transfer {{total}} by {{pay_until}}, with the "
               "reference {{order_number}}, to: {{instructions}}",
               "Total",
               "The goods are reserved for you until then. We will write to you again when the "
               "payment has arrived."},
};

std::string fill(std::string_view frame, const mail_texts& w) {
  std::string out(frame);
  const std::pair<std::string_view, std::string_view> parts[] = {
      {"@title@", w.title}, {"@lead@", w.lead}, {"@total@", w.total}, {"@close@", w.close}};
  for (const auto& [mark, value] : parts) {
    for (auto at = out.find(mark); at != std::string::npos;
         at = out.find(mark, at + value.size())) {
      out.replace(at, mark.size(), value);
    }
  }
  return out;
}

// Rendering a template without partials and lambdas does not modify it, although the library does
// not declare it const: several threads may render one template concurrently.
class parsed {
 public:
  parsed(const std::string& source, bool escape) : template_(source) {
    if (!template_.is_valid())
      throw std::logic_error("mail template: " + template_.error_message());
    if (!escape) template_.set_custom_escape([](const std::string& s) { return s; });
  }
  std::string render(const mustache::data& data) const { return template_.render(data); }

 private:
  mutable mustache::mustache template_;
};

struct template_set {
  explicit template_set(const mail_texts& w)
      : subject(std::string(w.title), false),
        text(fill(text_frame, w), false),
        html(fill(html_frame, w), true) {}
  parsed subject, text, html;
};

const template_set& templates_of(mail_kind kind) {
  static const std::array<template_set, all_texts.size()> sets{
      template_set(all_texts[0]), template_set(all_texts[1]), template_set(all_texts[2]),
      template_set(all_texts[3]), template_set(all_texts[4]), template_set(all_texts[5])};
  for (std::size_t i = 0; i < all_texts.size(); ++i) {
    if (all_texts[i].kind == kind) return sets[i];
  }
  throw std::logic_error("no mail template of this kind");
}

mustache::data data_of(const order_mail& about) {
  mustache::list lines;
  for (const auto& line : about.lines) {
    mustache::data row;
    row.set("name", one_line(line.name));
    row.set("quantity", std::to_string(line.quantity));
    row.set("line_total", to_display(line.line_total));
    lines.push_back(std::move(row));
  }
  mustache::data data;
  data.set("store_name", one_line(about.store_name));
  data.set("order_number", one_line(about.order_number));
  data.set("total", to_display(about.total));
  data.set("pay_until", one_line(about.pay_until));
  data.set("instructions", one_line(about.instructions));
  if (about.partial_of) data.set("partial_of", to_display(*about.partial_of));
  data.set("lines", mustache::data(lines));
  // Even an empty string is true in a section: omit empty values.
  if (!about.customer_name.empty()) data.set("customer_name", one_line(about.customer_name));
  if (!about.reason.empty()) data.set("reason", one_line(about.reason));
  return data;
}

}  // namespace

std::string one_line(std::string_view value) {
  std::string out(value);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = ' ';
  }
  return out;
}

rendered_mail render(mail_kind kind, const order_mail& about) {
  const auto& set = templates_of(kind);
  const auto data = data_of(about);
  return {set.subject.render(data), set.text.render(data), set.html.render(data)};
}

}  // namespace stoa::notification
