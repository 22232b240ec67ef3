// DKIM signatures, verified by dkimpy: Debian's python3-dkim, or else from PyPI.

#include "net/mail/dkim.hpp"

#include "net/mail/coding.hpp"
#include "net/mail/mime.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

using namespace stoa;
using namespace stoa::mail;
namespace fs = std::filesystem;

namespace {

// Prints 1 for each message with a valid signature, else 0. Messages and their DNS records are in
// numbered files. dkimpy asks `answer` instead of the DNS.
constexpr const char* judge = R"(
import dkim, sys
folder, count = sys.argv[1], int(sys.argv[2])
def read(kind, number):
    return open(f'{folder}/{kind}{number}', 'rb').read()
def verified(number):
    def answer(name, timeout=5):
        assert name == b'key1._domainkey.shop.example.com.', name
        return read('record', number)
    return dkim.verify(read('message', number), dnsfunc=answer)
open(f'{folder}/verdicts', 'w').write(''.join('01'[verified(n)] for n in range(count)))
)";

bool runs(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

/// A Python with dkimpy and PyNaCl, installed once from PyPI if Debian's is not; "" if it cannot
/// be.
const std::string& python() {
  static const std::string found = [] {
    const std::string check = " -c 'import dkim, nacl.signing'";
    if (std::string debian = "/usr/bin/python3"; runs(debian + check)) return debian;
    const auto folder = fs::current_path() / "judges-dkim";
    auto own = (folder / "bin" / "python").string();
    if (runs(own + check)) return own;
    const bool installed =
        runs("/usr/bin/python3 -m venv " + folder.string()) &&
        runs(own + " -m pip install --quiet --retries 1 --timeout 10 dkimpy==1.1.8 pynacl==1.5.0");
    return installed && runs(own + check) ? own : std::string{};
  }();
  return found;
}

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

struct signing {
  fs::path write_key(const key_ptr& key) const {
    const auto file = dir / "key.pem";
    fs::remove(file);
    std::ofstream(file).close();
    fs::permissions(file, fs::perms{0600});
    const std::unique_ptr<FILE, int (*)(FILE*)> out(std::fopen(file.c_str(), "w"), &std::fclose);
    BOOST_REQUIRE(PEM_write_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                            nullptr) == 1);
    return file;
  }
  result<std::shared_ptr<const dkim_signer>> load(const fs::path& file) const {
    return dkim_signer::load({"shop.example.com", "key1", file});
  }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(dir / name, std::ios::binary) << content;
  }
  const test::temp_dir dir;
};

notification::outgoing sample() {
  return {.key = "019368a0-0000-7000-8000-000000000001",
          .to = "ada@example.org",
          .from = "Läden <shop@example.com>",
          .subject = "A long subject, so that its header has to be folded: your order has shipped",
          .text = "Hello,\n\n  two  spaces and a blank at the end \n\n.\n\n\n",
          .html = "<p>Grüße</p>\n",
          .date = timestamp::parse("2026-11-22T19:57:59Z").value()};
}

std::string der_of(const key_ptr& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  std::string text(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

std::string raw_of(const key_ptr& key) {
  std::string raw(32, '\0');
  std::size_t size = raw.size();
  EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(raw.data()), &size);
  return raw;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dkim, signing)

BOOST_AUTO_TEST_CASE(another_program_verifies_signatures) {
  if (python().empty()) return test::skip("dkimpy with PyNaCl cannot be installed");
  const key_ptr rsa(EVP_RSA_gen(2048), &EVP_PKEY_free);
  const key_ptr ed25519(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free);
  auto text_only = sample();
  text_only.html.clear();
  auto with_link = sample();
  with_link.unsubscribe_url = "https://shop.example/unsubscribe?token=a.b";
  std::string expected;
  const auto add = [&](const std::string& record, const std::string& message, bool valid) {
    const auto number = std::to_string(expected.size());
    write("record" + number, record);
    write("message" + number, message);
    expected += valid ? '1' : '0';
  };
  for (const bool is_rsa : {true, false}) {
    const auto signer = load(write_key(is_rsa ? rsa : ed25519));
    BOOST_REQUIRE(signer.has_value());
    const auto record = is_rsa ? "v=DKIM1; k=rsa; p=" + base64(der_of(rsa))
                               : "v=DKIM1; k=ed25519; p=" + base64(raw_of(ed25519));
    for (const auto& message : {sample(), text_only, with_link}) {
      const auto text = compose(message).value();
      const auto header = (*signer)->header_of(text, message.date);
      add(record, header + text, true);
      add(record, header + text + "\r\n\r\n", true);  // empty lines at the end
      auto changed = header + text;
      changed.replace(changed.find("To: ada"), 7, "To: eve");
      add(record, changed, false);
      add(record, header + "From: eve@example.org\r\n" + text, false);
      // RFC 8058: the link is signed, also that there is none.
      auto other = text;
      const auto link = other.find("token=a.b");
      if (link == std::string::npos) {
        other.insert(0, "List-Unsubscribe: <https://eve.example/>\r\n");
      } else {
        other.replace(link, 9, "token=a.c");
      }
      add(record, header + other, false);
      add(record, header + text + "more\r\n", false);
    }
  }
  write("judge.py", judge);
  const auto folder = dir.path().string();
  BOOST_REQUIRE(runs(python() + " " + folder + "/judge.py " + folder + " " +
                     std::to_string(expected.size())));
  std::string verdicts;
  std::ifstream(dir / "verdicts") >> verdicts;
  BOOST_TEST(verdicts == expected);
}

BOOST_AUTO_TEST_CASE(the_header_is_folded) {
  const key_ptr rsa(EVP_RSA_gen(2048), &EVP_PKEY_free);
  const auto signer = load(write_key(rsa)).value();
  const auto text = compose(sample()).value();
  auto header = signer->header_of(text, sample().date);
  BOOST_TEST(header.starts_with("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"));
  BOOST_TEST(header.find(" d=shop.example.com; s=key1;\r\n t=1795377479;\r\n") !=
             std::string::npos);
  BOOST_TEST(header.ends_with("\r\n"));
  while (!header.empty()) {
    const auto end = header.find("\r\n");
    BOOST_TEST(end <= 78U);
    header.erase(0, end + 2);
    BOOST_TEST((header.empty() || header.front() == ' '));
  }
}

BOOST_AUTO_TEST_CASE(unsuitable_keys_are_rejected) {
  BOOST_TEST(!load(dir / "missing.pem").has_value());
  const key_ptr short_key(EVP_RSA_gen(512), &EVP_PKEY_free);
  BOOST_TEST(!load(write_key(short_key)).has_value());
  const key_ptr curve(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  BOOST_TEST(!load(write_key(curve)).has_value());
  const key_ptr rsa(EVP_RSA_gen(2048), &EVP_PKEY_free);
  const auto file = write_key(rsa);
  BOOST_TEST(load(file).has_value());
  fs::permissions(file, fs::perms{0644});
  BOOST_TEST(!load(file).has_value());
  fs::permissions(file, fs::perms{0600});
  std::ofstream(file) << "not a key";
  BOOST_TEST(!load(file).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
