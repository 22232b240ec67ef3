// Settings: taxes of an external provider.

#include "config/option_forms.hpp"
#include "config/option_rows.hpp"

namespace stoa::config {
namespace {

constexpr option tax_rows[] = {
    {.key = "tax.provider",
     .at = &at<&S::tax, &tax_settings::provider>,
     .help = "What computes taxes: the store's tax rates, or a server at tax.url.",
     .allowed = "builtin|http",
     .common = true},
    {.key = "tax.url",
     .at = &at<&S::tax, &tax_settings::url>,
     .help = "URL to which quotes and checkouts with an address are sent, to get their taxes.",
     .form = "an http:// or https:// URL, or empty",
     .check = &is_link_or_empty},
    {.key = "tax.secret_file",
     .at = &at<&S::tax, &tax_settings::secret_file>,
     .help = "File with the secret that signs these requests, in the form of the secrets of "
             "webhooks.",
     .form = "a path, or empty"},
    {.key = "tax.timeout_ms",
     .at = &at<&S::tax, &tax_settings::timeout_ms>,
     .help = "Time limit of a request for taxes.",
     .min = 10,
     .max = 60'000},
    {.key = "tax.on_failure",
     .at = &at<&S::tax, &tax_settings::on_failure>,
     .help = "Without a usable answer: refuse the request with 503, or use the store's tax rates.",
     .allowed = "refuse|builtin"},
    {.key = "tax.allowed_networks",
     .at = &at<&S::tax, &tax_settings::allowed_networks>,
     .help = "Networks of tax.url that are not public, such as a server in the local network.",
     .form = "a list of addresses and networks such as 127.0.0.1, 10.0.0.0/8 or fd00::/8",
     .check = &is_network},
};

}  // namespace

std::span<const option> tax_options() {
  return tax_rows;
}

}  // namespace stoa::config
