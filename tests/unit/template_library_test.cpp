// Templates in a folder: they replace the built-in ones, and errors name the file and line.

#include "actors/notification/template_library.hpp"

#include "actors/notification/short_texts.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using namespace stoa;
using namespace stoa::notification;
namespace fs = std::filesystem;

namespace {

struct folder {
  void write(const std::string& name, std::string_view content) const {
    fs::create_directories((dir / name).parent_path());
    std::ofstream(dir / name, std::ios::binary) << content;
  }
  /// All errors, without the path of the folder.
  std::string errors() const {
    std::vector<std::string> found;
    template_library(dir.path().string(), found);
    std::string all;
    for (auto e : found) {
      const auto path = dir.path().string() + "/";
      for (auto at = e.find(path); at != e.npos; at = e.find(path)) e.erase(at, path.size());
      all += (all.empty() ? "" : "\n") + e;
    }
    return all;
  }
  rendered_mail mail(const std::string& language, mail_kind kind = mail_kind::confirmed) const {
    const template_source source(dir.path().string());
    const order_mail about{.store_name = "Tea",
                           .order_number = "1-2-3",
                           .customer_name = "Ada",
                           .lines = {{"Cup <b>", 1, {1200, "EUR"}}},
                           .total = {1200, "EUR"},
                           .reason = ""};
    return render(kind, about, {source.current(), language, "en", timestamp{0}});
  }
  const test::temp_dir dir;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(template_folder, folder)

BOOST_AUTO_TEST_CASE(an_empty_folder_changes_nothing) {
  BOOST_TEST(errors() == "");
  BOOST_TEST(mail("en").subject == "Your order at Tea is confirmed");
  BOOST_TEST(mail("de").subject == "Ihre Bestellung bei Tea ist bestätigt");
}

BOOST_AUTO_TEST_CASE(a_file_replaces_one_part) {
  write("de/confirmed.subject.mustache", "Danke {{customer_name}}\r\n");
  BOOST_TEST(errors() == "");
  BOOST_TEST(mail("de").subject == "Danke Ada");
  BOOST_TEST(mail("de").text.starts_with("Guten Tag Ada,\n"));
  BOOST_TEST(mail("de").html.find("<title>Danke Ada</title>") != std::string::npos);
  BOOST_TEST(mail("en").subject == "Your order at Tea is confirmed");
}

BOOST_AUTO_TEST_CASE(a_file_replaces_the_text_of_short_messages) {
  write("de/shipped.short.mustache", "Unterwegs: {{order_number}},\n {{item_count}} Stück\n");
  write("pl/shipped.short.mustache", "Wysłano {{order_number}}");
  BOOST_TEST(errors() == "");
  const template_source source(dir.path().string());
  const order_mail about{.store_name = "Tea",
                         .order_number = "1-2-3",
                         .customer_name = "Ada",
                         .lines = {{"Cup", 2, {1200, "EUR"}}},
                         .total = {1200, "EUR"},
                         .reason = ""};
  const auto in = [&](const std::string& language) {
    return short_text(short_kind::shipped, about, {source.current(), language, "en", timestamp{0}});
  };
  BOOST_TEST(in("de") == "Unterwegs: 1-2-3,  2 Stück");
  BOOST_TEST(in("pl") == "Wysłano 1-2-3");
  BOOST_TEST(in("en") == "Your order 1-2-3 has shipped.");
  for (const auto& l : source.current()->short_languages_of("shipped")) {
    BOOST_TEST(l.is_overridden == (l.tag != "en"));
  }
}

BOOST_AUTO_TEST_CASE(texts_of_short_messages_are_checked) {
  write("en/shipped.short.mustache", "{{unsubscribe_url}} {{subject}}\n{{{order_number}}}");
  write("en/registration.short.mustache", "Hello");
  BOOST_TEST(errors().find("en/shipped.short.mustache:1: notifications of the type shipped have no "
                           "variable unsubscribe_url here") != std::string::npos);
  BOOST_TEST(errors().find("en/shipped.short.mustache:1: notifications of the type shipped have no "
                           "variable subject here") != std::string::npos);
  BOOST_TEST(errors().find("en/shipped.short.mustache:2: unescaped output is not allowed") !=
             std::string::npos);
  BOOST_TEST(errors().find("en/registration.short.mustache: no template has this name") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_partial_is_replaced_for_all_types) {
  write("en/_greeting.mustache", "Dear {{customer_name}}!\n");
  BOOST_TEST(errors() == "");
  BOOST_TEST(mail("en").text.starts_with("Dear Ada!\n\n"));
  BOOST_TEST(mail("en", mail_kind::shipped).html.find("<p>Dear Ada!</p>") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_new_language_has_all_parts_and_the_partials_of_english) {
  write("pl/confirmed.subject.mustache", "Zamówienie {{order_number}}\n");
  write("pl/confirmed.text.mustache",
        "{{> _greeting}}\n{{item_count}} {{#items_one}}przedmiot{{/items_one}}{{#items_few}}"
        "przedmioty{{/items_few}}{{#items_many}}przedmiotów{{/items_many}}\n");
  BOOST_TEST(errors() ==
             "pl/confirmed.html.mustache: it is missing, although the type has other files in this "
             "language");
  write("pl/confirmed.html.mustache", "{{#lines}}<b>{{name}}</b>{{/lines}}");
  BOOST_TEST(errors() == "");
  BOOST_TEST(mail("pl-PL").subject == "Zamówienie 1-2-3");
  BOOST_TEST(mail("pl").text == "Hello Ada,\n1 przedmiot\n");
  BOOST_TEST(mail("pl").html == "<b>Cup &lt;b&gt;</b>");
  BOOST_TEST(mail("pl", mail_kind::shipped).subject == "Your order at Tea has shipped");
}

BOOST_AUTO_TEST_CASE(errors_have_the_file_and_the_line) {
  const auto error_of = [&](std::string_view content, const char* part = "text") {
    const auto name = "en/confirmed." + std::string(part) + ".mustache";
    write(name, content);
    auto found = errors();
    fs::remove(dir / name);
    return found;
  };
  const std::string at = "en/confirmed.text.mustache:";
  const std::string none = "notifications of the type confirmed have no variable ";
  BOOST_TEST(error_of("a\n\n{{ password }}") == at + "3: " + none + "password here");
  BOOST_TEST(error_of("{{quantity}}") == at + "1: " + none + "quantity here");
  BOOST_TEST(error_of("{{#lines}}{{quantity}}{{store_name}}{{/lines}}") == "");
  BOOST_TEST(error_of("{{^lines}}{{quantity}}{{/lines}}") == at + "1: " + none + "quantity here");
  BOOST_TEST(error_of("{{token}}") == at + "1: " + none + "token here");
  BOOST_TEST(error_of("{{.}}") == at + "1: " + none + ". here");
  BOOST_TEST(error_of("{{}}") == at + "1: " + none + "without a name here");
  BOOST_TEST(error_of("{{lines}}") == at + "1: lines is not a text: it can only begin a section");
  BOOST_TEST(error_of("{{subject}}", "subject") ==
             "en/confirmed.subject.mustache:1: " + none + "subject here");
  BOOST_TEST(error_of("{{{store_name}}}", "html") ==
             "en/confirmed.html.mustache:1: unescaped output is not allowed");
  BOOST_TEST(error_of("\n{{&store_name}}", "html") ==
             "en/confirmed.html.mustache:2: unescaped output is not allowed");
  BOOST_TEST(error_of("{{=<% %>=}}") == at + "1: other delimiters are not allowed");
  BOOST_TEST(error_of("{{store_name") == at + "1: {{ without }}");
  BOOST_TEST(error_of("a\n{{#lines}}") == at + "2: the section lines has no end");
  BOOST_TEST(error_of("{{/lines}}") == at + "1: the section lines does not begin in this file");
  BOOST_TEST(error_of("{{#lines}}{{/total}}") == at + "1: the section lines ends as total");
  BOOST_TEST(error_of("{{> _none}}") == at + "1: there is no partial _none.mustache");
  BOOST_TEST(error_of("{{> confirmed.html}}") ==
             at + "1: there is no partial confirmed.html.mustache");
  BOOST_TEST(error_of("", "subject") == "en/confirmed.subject.mustache: the template is empty");
  BOOST_TEST(error_of(" \n") == "en/confirmed.text.mustache: the template is empty");
  BOOST_TEST(error_of("\xff") == "en/confirmed.text.mustache: it is not UTF-8");
  BOOST_TEST(error_of(std::string(70'000, 'x')) == "en/confirmed.text.mustache: it is too long");
}

BOOST_AUTO_TEST_CASE(unknown_files_are_errors) {
  write("en/confirmd.text.mustache", "x");
  write("en/confirmed.txt", "x");
  write("en/_unused.mustache", "x");
  write("de_AT/confirmed.text.mustache", "x");
  write("readme.md", "x");
  write(".git/config", "x");
  const auto found = errors();
  for (const char* expected :
       {"en/confirmd.text.mustache: no template has this name", "en/confirmed.txt: no template",
        "en/_unused.mustache: no template uses this partial",
        "de_AT: the name of the folder is not a language tag",
        "readme.md: this must be a folder that is named after a language"}) {
    BOOST_TEST(found.find(expected) != std::string::npos, found);
  }
  BOOST_TEST(found.find(".git") == std::string::npos);
  std::vector<std::string> missing;
  template_library((dir / "nothing").string(), missing);
  BOOST_TEST_REQUIRE(missing.size() == 1U);
  BOOST_TEST(missing[0].find("notification.templates_dir must name a folder") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(only_regular_files_are_read) {
  fs::create_directories(dir / "en/confirmed.html.mustache");
  BOOST_TEST_REQUIRE(::mkfifo((dir / "en/confirmed.text.mustache").c_str(), 0600) == 0);
  BOOST_TEST(errors() ==
             "en/confirmed.html.mustache: this must be a regular file\n"
             "en/confirmed.text.mustache: this must be a regular file");
}

BOOST_AUTO_TEST_CASE(partials_cannot_contain_themselves) {
  write("en/_greeting.mustache", "{{> _greeting}}");
  BOOST_TEST(errors().find("en/_greeting.mustache:1: the partials are nested too deeply") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(after_errors_the_previous_templates_stay_in_use) {
  write("en/confirmed.subject.mustache", "First");
  template_source source(dir.path().string());
  const auto subject = [&] {
    return source.current()->find("confirmed", {"en"}).render({}).subject;
  };
  BOOST_TEST(subject() == "First");
  write("en/confirmed.subject.mustache", "{{second}}");
  BOOST_TEST(source.reload().size() == 1U);
  BOOST_TEST(subject() == "First");
  write("en/confirmed.subject.mustache", "Second");
  BOOST_TEST(source.reload().empty());
  BOOST_TEST(subject() == "Second");
  write("en/confirmed.subject.mustache", "{{second}}");
  BOOST_CHECK_THROW(template_source(dir.path().string()), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
