// AWS Signature Version 4 against published examples: Amazon's documentation of S3 ("Authenticating
// Requests: Using the Authorization Header") and the suite of test vectors (get-vanilla,
// get-vanilla-query-order-key-case, post-vanilla, get-header-value-trim).

#include "net/media/aws_signature.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::media;

namespace {

const std::string empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const timestamp may_2013{1'369'353'600'000'000};     // 20130524T000000Z
const timestamp august_2015{1'440'938'160'000'000};  // 20150830T123600Z
const aws_key s3_key{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
const aws_key suite_key{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};

std::string signature_of(const std::string& authorization) {
  return authorization.substr(authorization.rfind('=') + 1);
}

aws_request of_s3(std::string method, std::string path) {
  aws_request r;
  r.method = std::move(method);
  r.host = "examplebucket.s3.amazonaws.com";
  r.path = std::move(path);
  r.payload_hash = empty_hash;
  r.region = "us-east-1";
  r.headers = {{"x-amz-content-sha256", empty_hash}, {"x-amz-date", "20130524T000000Z"}};
  return r;
}

aws_request of_suite(std::string method) {
  aws_request r;
  r.method = std::move(method);
  r.host = "example.amazonaws.com";
  r.path = "/";
  r.payload_hash = empty_hash;
  r.region = "us-east-1";
  r.service = "service";
  r.headers = {{"X-Amz-Date", "20150830T123600Z"}};
  return r;
}

}  // namespace

BOOST_AUTO_TEST_CASE(dates_and_hashes) {
  BOOST_TEST(aws_date(may_2013) == "20130524T000000Z");
  BOOST_TEST(aws_date(august_2015) == "20150830T123600Z");
  BOOST_TEST(sha256_hex("") == empty_hash);
}

BOOST_AUTO_TEST_CASE(examples_of_s3) {
  auto get = of_s3("GET", "/test.txt");
  get.headers.emplace_back("Range", "bytes=0-9");
  BOOST_TEST(aws_authorization(get, s3_key, may_2013) ==
             "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
             "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
             "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  auto put = of_s3("PUT", "/test%24file.text");
  put.payload_hash = sha256_hex("Welcome to Amazon S3.");
  put.headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                 {"x-amz-date", "20130524T000000Z"},
                 {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                 {"x-amz-content-sha256", put.payload_hash}};
  BOOST_TEST(signature_of(aws_authorization(put, s3_key, may_2013)) ==
             "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  auto lifecycle = of_s3("GET", "/");
  lifecycle.query = {{"lifecycle", ""}};
  BOOST_TEST(signature_of(aws_authorization(lifecycle, s3_key, may_2013)) ==
             "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  auto list = of_s3("GET", "/");
  list.query = {{"prefix", "J"}, {"max-keys", "2"}};
  BOOST_TEST(signature_of(aws_authorization(list, s3_key, may_2013)) ==
             "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

BOOST_AUTO_TEST_CASE(vectors_of_the_suite) {
  BOOST_TEST(signature_of(aws_authorization(of_suite("GET"), suite_key, august_2015)) ==
             "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  BOOST_TEST(signature_of(aws_authorization(of_suite("POST"), suite_key, august_2015)) ==
             "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  auto query = of_suite("GET");
  query.query = {{"Param2", "value2"}, {"Param1", "value1"}};
  BOOST_TEST(signature_of(aws_authorization(query, suite_key, august_2015)) ==
             "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  auto trimmed = of_suite("GET");
  trimmed.headers.emplace_back("My-Header1", " value1");
  trimmed.headers.emplace_back("My-Header2", " \"a   b   c\"");
  BOOST_TEST(signature_of(aws_authorization(trimmed, suite_key, august_2015)) ==
             "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

BOOST_AUTO_TEST_CASE(everything_that_is_sent_is_signed) {
  const auto signed_as = [](auto change) {
    auto r = of_s3("PUT", "/a.jpg");
    change(r);
    return signature_of(aws_authorization(r, s3_key, may_2013));
  };
  const auto original = signed_as([](auto&) {});
  BOOST_TEST(original != signed_as([](auto& r) { r.path = "/b.jpg"; }));
  BOOST_TEST(original != signed_as([](auto& r) { r.method = "DELETE"; }));
  BOOST_TEST(original != signed_as([](auto& r) { r.host = "other"; }));
  BOOST_TEST(original != signed_as([](auto& r) { r.payload_hash = sha256_hex("x"); }));
  BOOST_TEST(original != signed_as([](auto& r) { r.region = "eu-central-1"; }));
}
