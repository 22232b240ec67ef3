// Uploaded images in a bucket: against moto, an S3 server that verifies signatures with botocore,
// and against servers that fail.

#include "tests/support/child_process.hpp"
#include "tests/support/sample_images.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sys/stat.h>

using namespace stoa;
using namespace stoa::test;
namespace fs = std::filesystem;
using std::chrono::seconds;

namespace {

header_list png_of(header_list who) {
  return with(std::move(who), "Content-Type", "image/png");
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

fs::path python() {
  const auto found = run_program("/bin/sh", {"-c", "command -v python3"}).output;
  return found.substr(0, found.find('\n'));
}

bool has_moto() {
  return run_program("/bin/sh", {"-c", "python3 -c 'import boto3, flask, moto.server'"})
             .exit_code == 0;
}

void write_secret(const fs::path& file, const std::string& secret) {
  std::ofstream(file) << secret << "\n";
  ::chmod(file.c_str(), 0600);
}

/// moto with the bucket stoa-media.
class bucket_server {
 public:
  bucket_server()
      : port_(free_port()),
        process_({.program = python(),
                  .arguments = {STOA_SOURCE_DIR "/tests/functional/s3_server.py",
                                std::to_string(port_), (folder_ / "key").string()},
                  .log = folder_ / "log"}) {
    process_.start();
    if (!eventually([&] { return fs::exists(folder_ / "key"); })) {
      throw std::runtime_error("moto did not start: " + process_.log_end());
    }
    std::ifstream(folder_ / "key") >> key_ >> secret_;
    write_secret(folder_ / "secret", secret_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::string public_url() const { return url() + "/stoa-media/shop"; }
  const fs::path& folder() const { return folder_.path(); }
  environment settings() const {
    return {{"STOA_MEDIA_STORE", "s3"},
            {"STOA_MEDIA_S3_ENDPOINT", url()},
            {"STOA_MEDIA_S3_REGION", "eu-central-1"},
            {"STOA_MEDIA_S3_BUCKET", "stoa-media"},
            {"STOA_MEDIA_S3_PREFIX", "shop/"},
            {"STOA_MEDIA_S3_ACCESS_KEY", key_},
            {"STOA_MEDIA_S3_SECRET_FILE", (folder_ / "secret").string()},
            {"STOA_MEDIA_S3_PATH_STYLE", "true"},
            {"STOA_MEDIA_PUBLIC_URL", public_url()},
            {"STOA_MEDIA_S3_TIMEOUT_MS", "2000"}};
  }
  void end() { process_.kill(); }
  /// What moto has logged of its requests.
  std::string log() const { return process_.log_end(100'000); }

 private:
  temp_dir folder_;
  std::uint16_t port_;
  child_process process_;
  std::string key_;
  std::string secret_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(images_are_stored_in_a_bucket) {
  if (!has_moto()) return skip("Python's moto, boto3 and flask are not installed");
  bucket_server bucket;
  storefront shop({.products = 1, .settings = bucket.settings()});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto product = v.goods()[0].id;
  const auto path = "/admin/v1/products/" + product + "/images/upload";
  const auto picture = png_image(600, 300);
  const auto made = v.client.post(path, picture, png_of(root));
  BOOST_TEST_REQUIRE(made.status == 201, made.body << bucket.log() << shop.log());
  const auto url = text_at(made.json(), "/image_url");
  BOOST_TEST(url.starts_with(bucket.public_url() + "/"));
  const auto name = url.substr(url.rfind('/') + 1);
  BOOST_TEST(holds(bucket.log(), "PUT /stoa-media/shop/" + name + " HTTP/1.1\" 200"));
  BOOST_TEST(v.client.get("/media/" + name).status == 404);
  BOOST_TEST(!fs::exists(shop.data() / "media"));
  const auto metrics = v.client.get("/metrics").body;
  BOOST_TEST(holds(metrics, "stoa_media_operations_total{operation=\"put\",outcome=\"ok\"} 1"));
  BOOST_TEST(holds(metrics, "stoa_outbound_requests_total{client=\"media\""),
             "no outbound metrics");
  if (run_program("/bin/sh", {"-c", "command -v vipsthumbnail"}).exit_code == 0) {
    // Downloads the image, and uploads the thumbnails.
    BOOST_TEST(eventually([&] {
      return size_at(v.client.get(made.header("Location"), root).json(), "/thumbnails") == 2U;
    }));
  }
  // The wrong secret: a clear error and no half-done change.
  auto wrong = bucket.settings();
  write_secret(bucket.folder() / "wrong", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  for (auto& [key, value] : wrong) {
    if (key == "STOA_MEDIA_S3_SECRET_FILE") value = (bucket.folder() / "wrong").string();
  }
  storefront other({.products = 1, .settings = wrong});
  visitor w(other.port());
  const auto admin = w.log_in("root");
  const auto refused = w.client.post("/admin/v1/products/" + w.goods()[0].id + "/images/upload",
                                     picture, png_of(admin));
  BOOST_TEST(refused.status == 503);
  BOOST_TEST(refused.code() == "media_store_unavailable");
  BOOST_TEST(holds(other.log(), "SignatureDoesNotMatch"));
}

BOOST_AUTO_TEST_CASE(a_failing_bucket_changes_nothing) {
  if (!has_moto()) return skip("Python's moto, boto3 and flask are not installed");
  bucket_server bucket;
  storefront shop({.products = 1, .settings = bucket.settings()});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto product = v.goods()[0].id;
  const auto count = [&] {
    return size_at(v.client.get("/admin/v1/products/" + product, root).json(), "/images");
  };
  const auto before = count();
  bucket.end();
  const auto path = "/admin/v1/products/" + product + "/images/upload";
  const auto refused = v.client.post(path, png_image(9, 9), png_of(root));
  BOOST_TEST(refused.status == 503);
  BOOST_TEST(refused.code() == "media_store_unavailable");
  BOOST_TEST(!refused.header("Retry-After").empty());
  BOOST_TEST(count() == before);
  const auto metrics = v.client.get("/metrics").body;
  BOOST_TEST(holds(metrics, "stoa_media_operations_total{operation=\"put\",outcome=\"failed\"} 1"));
}

BOOST_AUTO_TEST_CASE(incomplete_settings_are_rejected) {
  const temp_dir folder;
  const auto started = run_program(stoa_binary(), {"serve", "--data", (folder / "data").string()},
                                   {{"STOA_MEDIA_STORE", "s3"}}, seconds{20});
  BOOST_TEST(started.exit_code != 0);
  for (const auto* key : {"media.s3_endpoint", "media.s3_bucket", "media.s3_access_key",
                          "media.s3_secret_file", "media.public_url"}) {
    BOOST_TEST(holds(started.output, "media.store = s3 needs " + std::string(key)), key);
  }
}
