// Settings that need other settings.

#include "config/load.hpp"

#include <boost/test/unit_test.hpp>

namespace config = stoa::config;
using strings = std::vector<std::string>;

namespace {

config::loaded load(strings args) {
  strings errors;
  const config::sources from{config::take_flags(args, errors), {}};
  auto l = config::load(from);
  l.errors.insert(l.errors.end(), errors.begin(), errors.end());
  return l;
}

std::string joined(const strings& lines) {
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(settings_together)

BOOST_AUTO_TEST_CASE(https_needs_both_files) {
  BOOST_TEST(joined(load({"--http-tls-key", "k.pem"}).errors) ==
             "http.tls_key is set and http.tls_certificate is not; HTTPS needs both\n");
  BOOST_TEST(joined(load({"--http-tls-certificate", "c.pem"}).errors) ==
             "http.tls_certificate is set and http.tls_key is not; HTTPS needs both\n");
  BOOST_TEST(load({"--http-tls-certificate", "c.pem", "--http-tls-key", "k.pem"}).errors.empty());
}

BOOST_AUTO_TEST_CASE(a_provider_of_taxes_needs_its_url_and_secret) {
  BOOST_TEST(joined(load({"--tax-provider=http"}).errors) ==
             "tax.provider = http needs tax.url\ntax.provider = http needs tax.secret_file\n");
  BOOST_TEST(load({"--tax-provider=http", "--tax-url=https://tax.example/", "--tax-secret-file=s"})
                 .errors.empty());
}

BOOST_AUTO_TEST_CASE(settings_of_the_edge_that_need_others) {
  BOOST_TEST(joined(load({"--http-admin-routes=admin_listen"}).errors) ==
             "http.admin_routes = admin_listen needs http.admin_listen\n");
  BOOST_TEST(joined(load({"--http-proxy-protocol"}).errors) ==
             "http.proxy_protocol = true needs http.trusted_proxies\n");
  BOOST_TEST(load({"--http-admin-routes=both", "--http-admin-listen=127.0.0.1:0",
                   "--http-proxy-protocol", "--http-trusted-proxies=10.0.0.0/8"})
                 .errors.empty());
}

BOOST_AUTO_TEST_CASE(a_cluster_port_that_others_reach_needs_authentication) {
  for (const auto* const address : {"0.0.0.0:1", "10.0.0.1:1", "[::]:1", "[::2]:1", "node-a:1",
                                    "127.0.0.1.example:1", "[::ffff:127.0.0.1]:1", "128.0.0.1:1"}) {
    const auto errors = joined(load({"--cluster-listen", address}).errors);
    BOOST_TEST(errors.find("nodes would not be authenticated; set cluster.secret_file") !=
                   std::string::npos,
               address);
    BOOST_TEST(load({"--cluster-listen", address, "--cluster-secret-file", "s"}).errors.empty());
    BOOST_TEST(load({"--cluster-listen", address, "--cluster-tls-certificate", "c",
                     "--cluster-tls-key", "k", "--cluster-tls-ca", "a"})
                   .errors.empty());
  }
  for (const auto* const address : {"127.0.0.1:1", "127.255.0.9:1", "[::1]:1", "localhost:1"}) {
    BOOST_TEST(load({"--cluster-listen", address}).errors.empty(), address);
  }
  BOOST_TEST(joined(load({"--cluster-tls-certificate", "c", "--cluster-tls-key", "k"}).errors) ==
             "cluster.tls_ca is not set; TLS between nodes needs cluster.tls_certificate, "
             "cluster.tls_key and cluster.tls_ca\n");
}

BOOST_AUTO_TEST_CASE(a_payment_is_given_up_before_stripe_forgets_its_key) {
  const strings day{"--payment-give-up-s",         "86400", "--payment-instrument-ttl-s", "100000",
                    "--catalog-reservation-ttl-s", "100000"};
  BOOST_TEST(joined(load(day).errors) == "");
  auto with_stripe = day;
  with_stripe.insert(with_stripe.end(), {"--payment-stripe-key-file", "key"});
  BOOST_TEST(joined(load(with_stripe).errors) ==
             "payment.give_up_s must be less than 86400 with payment.stripe_key_file: Stripe keeps "
             "idempotency keys for a day\n");
  with_stripe[1] = "86399";
  BOOST_TEST(joined(load(with_stripe).errors) == "");
}

BOOST_AUTO_TEST_CASE(stripe_needs_its_key_and_a_page_to_return_to) {
  const strings chosen{"--payment-gateway", "stripe"};
  BOOST_TEST(joined(load(chosen).errors) ==
             "payment.gateway = stripe needs payment.stripe_key_file\n"
             "payment.gateway = stripe needs payment.stripe_return_url\n");
  auto complete = chosen;
  for (const auto* arg : {"--payment-stripe-key-file", "key", "--payment-stripe-return-url",
                          "https://shop.example/paid"}) {
    complete.emplace_back(arg);
  }
  BOOST_TEST(joined(load(complete).errors) == "");
  auto front_only = chosen;
  front_only.insert(front_only.end(), {"--node-services", "front"});
  BOOST_TEST(joined(load(front_only).errors) == "");
  BOOST_TEST(load({}).values.payment.stripe_base_url == "https://api.stripe.com");
  for (const auto* bad : {"", "api.stripe.com", "https://api.stripe.com/", "https://a@b.example",
                          "https://api.stripe.com?v=1", "ftp://api.stripe.com"}) {
    const auto errors = joined(load({"--payment-stripe-base-url=" + std::string(bad)}).errors);
    BOOST_TEST(errors.find("payment.stripe_base_url") != std::string::npos, errors);
    BOOST_TEST(errors.find("trailing slash") != std::string::npos, errors);
  }
}

BOOST_AUTO_TEST_CASE(a_search_engine_needs_its_url_and_a_whole_login) {
  BOOST_TEST(joined(load({"--search-engine=opensearch"}).errors) ==
             "search.engine = opensearch needs search.url\n");
  const std::string on = "--search-engine=opensearch";
  const std::string url = "--search-url=https://engine.example:9200";
  BOOST_TEST(load({on, url}).errors.empty());
  const std::string login =
      "authentication at the search engine needs search.user and search.password_file\n";
  BOOST_TEST(joined(load({on, url, "--search-user=stoa"}).errors) == login);
  BOOST_TEST(joined(load({on, url, "--search-password-file=p"}).errors) == login);
  BOOST_TEST(load({on, url, "--search-user=stoa", "--search-password-file=p"}).errors.empty());
  BOOST_TEST(joined(load({on, url, "--search-user=stoa", "--search-password-file=p",
                          "--search-api-key-file=k"})
                        .errors) == "search.user and search.api_key_file exclude each other\n");
  // The built-in search uses none of these.
  BOOST_TEST(load({"--search-user=stoa"}).errors.empty());
  for (const auto* const bad : {"UPPER", "_a", "-a", "a b", "a*", "a/b", ""}) {
    BOOST_TEST(!load({on, url, "--search-index", bad}).errors.empty(), bad);
  }
  BOOST_TEST(!load({on, url, "--search-timeout-ms=20000"}).errors.empty());
}

BOOST_AUTO_TEST_CASE(secrets_of_a_search_engine_need_tls) {
  for (const auto* const far : {"http://engine:9200", "http://10.0.0.1", "http://127.0.0.1.example",
                                "http://[::2]:9200", "http://engine:9200/127.0.0.1"}) {
    const auto errors =
        joined(load({"--search-engine=opensearch", "--search-url", far, "--search-api-key-file=k"})
                   .errors);
    BOOST_TEST(errors.find("not encrypted") != std::string::npos, far);
  }
  for (const auto* const near : {"http://127.0.0.1:9200", "http://localhost", "http://[::1]:9200",
                                 "http://[::1]", "https://engine:9200"}) {
    BOOST_TEST(load({"--search-engine=opensearch", "--search-url", near, "--search-api-key-file=k"})
                   .errors.empty(),
               near);
  }
}

BOOST_AUTO_TEST_SUITE_END()
