// Uploaded images through a running server: what is accepted, how files are served, thumbnails,
// deletion, crashes, backups, and `stoa check`.

#include "tests/support/media_checker.hpp"
#include "tests/support/sample_images.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

using namespace stoa;
using namespace stoa::test;
namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

header_list image_of(header_list who, const std::string& type = "image/png") {
  return with(std::move(who), "Content-Type", type);
}

std::string upload_path(const std::string& product, const std::string& query = "") {
  return "/admin/v1/products/" + product + "/images/upload" + query;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> faults_of(const fs::path& data) {
  store_files files(data);
  return media_violations(files, data / "media");
}

/// The files in the media folder.
std::vector<fs::path> files_in(const fs::path& data) {
  std::vector<fs::path> found;
  if (!fs::exists(data / "media")) return found;
  for (const auto& entry : fs::recursive_directory_iterator(data / "media")) {
    if (entry.is_regular_file()) found.push_back(entry.path());
  }
  return found;
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

bool has_vips() {
  return run_program("/bin/sh", {"-c", "command -v vipsthumbnail"}).exit_code == 0;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_image_is_stored_and_served) {
  storefront shop({.products = 2, .settings = {{"STOA_MEDIA_THUMBNAIL_WIDTHS", ""}}});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto goods = v.goods();
  const auto picture = png_image(300, 200);
  const auto keyed = with(image_of(root), "Idempotency-Key", unique("image"));
  const auto path = upload_path(goods[0].id, "?alt_text=A%20radio&position=3");
  const auto made = v.client.post(path, picture, keyed);
  BOOST_TEST_REQUIRE(made.status == 201, made.body);
  const auto image = made.json();
  BOOST_TEST(text_at(image, "/content_type") == "image/png");
  BOOST_TEST(number_at(image, "/width") == 300);
  BOOST_TEST(number_at(image, "/height") == 200);
  BOOST_TEST(number_at(image, "/bytes") == static_cast<std::int64_t>(picture.size()));
  BOOST_TEST(text_at(image, "/alt_text") == "A radio");
  BOOST_TEST(number_at(image, "/position") == 3);
  BOOST_TEST(size_at(image, "/thumbnails") == 0U);
  const auto place = made.header("Location");
  const auto shown = v.client.get(place, root);
  BOOST_TEST(shown.header("ETag") == made.header("ETag"));
  // A repeat returns the same image.
  BOOST_TEST(v.client.post(path, picture, keyed).body == made.body);
  const auto product = v.client.get("/store/v1/products/" + goods[0].id).json();
  const auto url = text_at(image, "/image_url");
  bool is_listed = false;
  for (std::size_t i = 0; i < size_at(product, "/images"); ++i) {
    is_listed |= text_at(product, "/images/" + std::to_string(i) + "/image_url") == url;
  }
  BOOST_TEST(is_listed);

  const auto file = v.client.get(url);
  BOOST_TEST_REQUIRE(file.status == 200, file.body);
  BOOST_TEST((file.body == picture));
  BOOST_TEST(file.header("Content-Type") == "image/png");
  BOOST_TEST(file.header("X-Content-Type-Options") == "nosniff");
  BOOST_TEST(file.header("Content-Security-Policy") == "default-src 'none'; sandbox");
  BOOST_TEST(file.header("Cache-Control") == "public, max-age=31536000, immutable");
  BOOST_TEST(file.header("Content-Encoding").empty());
  const auto known = v.client.get(url, {{"If-None-Match", file.header("ETag")}});
  BOOST_TEST(known.status == 304);
  BOOST_TEST(known.body.empty());
  const auto head = exchange_raw(
      shop.port(), "HEAD " + url + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  BOOST_TEST(head.starts_with("HTTP/1.1 200"));
  BOOST_TEST(holds(head, "Content-Length: " + std::to_string(picture.size())));
  BOOST_TEST(head.ends_with("\r\n\r\n"));

  // The same content is stored once.
  const auto other = v.client.post(upload_path(goods[1].id), picture, image_of(root));
  BOOST_TEST(text_at(other.json(), "/image_url") == url);
  BOOST_TEST(files_in(shop.data()).size() == 1U);
  for (const auto& fault : faults_of(shop.data())) BOOST_ERROR(fault);
}

BOOST_AUTO_TEST_CASE(paths_outside_the_media_folder_are_not_served) {
  storefront shop({.products = 1});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto made = v.client.post(upload_path(v.goods()[0].id), png_image(9, 9), image_of(root));
  const auto url = text_at(made.json(), "/image_url");
  write(shop.data() / "media" / "secret.png", "secret");
  const auto name = url.substr(7);
  fs::create_symlink("/etc/passwd",
                     shop.data() / "media" / name.substr(0, 2) / (name.substr(0, 73) + "-17.webp"));
  for (const auto& path :
       {std::string("/media/"), std::string("/media/secret.png"),
        std::string("/media/..%2Fstore.json"), std::string("/media/../store.json"),
        "/media/" + name.substr(0, 2) + "/" + name, "/media/" + name.substr(0, 2) + "%2F" + name,
        url + "%00", url + "/", url + ".part", "/media/%2e%2e/" + name,
        "/media/" + std::string(64, 'a') + "-00000000.png",
        "/media/" + name.substr(0, 73) + "-17.webp"}) {
    const auto answer = exchange_raw(
        shop.port(), "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const bool is_refused = answer.starts_with("HTTP/1.1 404") ||
                            answer.starts_with("HTTP/1.1 400") ||
                            answer.starts_with("HTTP/1.1 503");
    BOOST_TEST(is_refused, path << ": " << answer.substr(0, 200));
    BOOST_TEST(!holds(answer, "secret"));
    BOOST_TEST(!holds(answer, "root:"));
  }
  BOOST_TEST(v.client.get(url).status == 200);
}

BOOST_AUTO_TEST_CASE(only_images_of_staff_are_accepted) {
  storefront shop({.products = 1,
                   .settings = {{"STOA_MEDIA_IMAGE_BYTES_MAX", "65536"},
                                {"STOA_MEDIA_IMAGE_PIXELS_MAX", "1000000"}}});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto product = v.goods()[0].id;
  const auto before = size_at(v.client.get("/store/v1/products/" + product).json(), "/images");
  const auto refused = [&](const std::string& body, const std::string& type = "image/png") {
    const auto a = v.client.post(upload_path(product), body, image_of(root, type));
    return std::to_string(a.status) + " " + a.code();
  };
  const auto good = png_image(30, 20);
  BOOST_TEST(refused("<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml") ==
             "415 image_type_unsupported");
  BOOST_TEST(refused("<svg xmlns='http://www.w3.org/2000/svg'/>") == "415 image_type_unsupported");
  BOOST_TEST(refused(good, "text/html") == "415 unsupported_media_type");
  BOOST_TEST(refused(good, "application/json") == "415 unsupported_media_type");
  BOOST_TEST(refused("") == "400 invalid_request");
  BOOST_TEST(refused(good.substr(0, good.size() - 5)) == "422 image_damaged");
  BOOST_TEST(refused(good + "<script>") == "422 image_damaged");
  BOOST_TEST(refused(gif_image(1000, 1000, 2), "image/gif") == "422 image_too_large");
  BOOST_TEST(refused(png_header(60'000, 60'000) + png_chunk("IDAT", "x") + png_chunk("IEND", "")) ==
             "422 image_too_large");
  BOOST_TEST(refused(good + std::string(65'536, 'x')).starts_with("413 "));
  BOOST_TEST(v.client.post(upload_path(product, "?position=0"), good, image_of(root)).status ==
             400);
  BOOST_TEST(v.client.post(upload_path(product, "?name=x"), good, image_of(root)).status == 400);
  const auto unknown = upload_path("018bcfe5-6800-7000-8000-000000000000");
  BOOST_TEST(v.client.post(unknown, good, image_of(root)).status == 404);
  BOOST_TEST(v.client.post(upload_path(product), good, image_of({})).status == 401);
  const auto customer = v.sign_up("ada");
  BOOST_TEST(v.client.post(upload_path(product), good, image_of(customer)).status == 403);
  // Nothing was stored, and nothing has changed.
  BOOST_TEST(files_in(shop.data()).empty());
  BOOST_TEST(size_at(v.client.get("/store/v1/products/" + product).json(), "/images") == before);
  // The declared type does not matter.
  const auto made = v.client.post(upload_path(product), good, image_of(root, "image/jpeg"));
  BOOST_TEST(text_at(made.json(), "/content_type") == "image/png");
}

BOOST_AUTO_TEST_CASE(thumbnails_are_made) {
  if (!has_vips()) return skip("vipsthumbnail is not installed");
  storefront shop({.products = 1, .settings = {{"STOA_MEDIA_THUMBNAIL_WIDTHS", "40,100,900"}}});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto made =
      v.client.post(upload_path(v.goods()[0].id), png_image(640, 400), image_of(root));
  BOOST_TEST_REQUIRE(made.status == 201, made.body);
  const auto place = made.header("Location");
  // A damaged image that has a good structure gets none, and does not stop the others.
  const auto bad = v.client.post(upload_path(v.goods()[0].id), jpeg_header(2000, 2000),
                                 image_of(root, "image/jpeg"));
  BOOST_TEST_REQUIRE(bad.status == 201, bad.body);
  json::value image;
  BOOST_TEST_REQUIRE(eventually([&] {
    image = v.client.get(place, root).json();
    return size_at(image, "/thumbnails") == 2U;
  }));
  BOOST_TEST(number_at(image, "/thumbnails/0/width") == 40);
  BOOST_TEST(number_at(image, "/thumbnails/1/width") == 100);
  const auto small = v.client.get(text_at(image, "/thumbnails/1/url"));
  BOOST_TEST(small.status == 200);
  BOOST_TEST(small.header("Content-Type") == "image/webp");
  BOOST_TEST(small.body.starts_with("RIFF"));
  BOOST_TEST(eventually([&] { return holds(shop.log(), "no thumbnails: vipsthumbnail"); }));
  const auto metrics = v.client.get("/metrics").body;
  BOOST_TEST(holds(metrics, "stoa_media_thumbnails_total{outcome=\"made\"} 1"));
  BOOST_TEST(holds(metrics, "stoa_media_thumbnails_total{outcome=\"impossible\"} 1"));
  for (const auto& fault : faults_of(shop.data())) BOOST_ERROR(fault);
}

BOOST_AUTO_TEST_CASE(files_without_an_image_are_deleted) {
  const temp_dir folder;
  server_options o;
  o.program = stoa_with_faults();
  o.data = folder / "data";
  load_demo(o.program, o.data, 2, 10);
  create_root(o.program, o.data);
  write(folder / "clock", "0");
  o.settings = {{"STOA_TEST_CLOCK_FILE", (folder / "clock").string()},
                {"STOA_MEDIA_UNUSED_S", "3600"},
                {"STOA_MEDIA_THUMBNAIL_WIDTHS", ""}};
  server shop(o);
  shop.start();
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto goods = v.goods();
  const auto kept = v.client.post(upload_path(goods[0].id), png_image(9, 9, 1), image_of(root));
  const auto removed = v.client.post(upload_path(goods[0].id), png_image(9, 9, 2), image_of(root));
  const auto gone = v.client.post(upload_path(goods[1].id), png_image(9, 9, 3), image_of(root));
  BOOST_TEST_REQUIRE(gone.status == 201, gone.body);
  BOOST_TEST(v.client.del(removed.header("Location"), root).status == 204);
  BOOST_TEST(v.client.del("/admin/v1/products/" + goods[1].id, root).status == 204);
  BOOST_TEST(files_in(o.data).size() == 3U);
  const auto ahead = [&](std::int64_t s) {
    write(folder / "new", std::to_string(s * 1'000'000));
    fs::rename(folder / "new", folder / "clock");
  };
  // After the first period their use is checked, after the second they are deleted.
  ahead(3610);
  std::this_thread::sleep_for(seconds{3});
  BOOST_TEST(files_in(o.data).size() == 3U);
  ahead(7300);
  BOOST_TEST(eventually([&] { return files_in(o.data).size() == 1U; }));
  BOOST_TEST(v.client.get(text_at(kept.json(), "/image_url")).status == 200);
  BOOST_TEST(v.client.get(text_at(removed.json(), "/image_url")).status == 404);
  for (const auto& fault : faults_of(o.data)) BOOST_ERROR(fault);
}

BOOST_AUTO_TEST_CASE(killed_servers_lose_no_file_of_an_image) {
  storefront shop({.products = 3, .settings = {{"STOA_MEDIA_THUMBNAIL_WIDTHS", ""}}});
  auto& process = shop.process();
  std::atomic<unsigned> seed{100};
  unsigned acknowledged = 0;
  for (int round = 0; round < 4; ++round) {
    visitor v(shop.port());
    const auto root = v.log_in("root");
    const auto product = v.goods()[0].id;
    std::thread killer([&] {
      std::this_thread::sleep_for(milliseconds{60 + 70 * round});
      process.kill();
    });
    try {
      for (;;) {
        const auto a = v.client.post(upload_path(product), png_image(64, 64, seed), image_of(root));
        if (a.status == 201) ++acknowledged;
        ++seed;
      }
    } catch (const http_failure&) {
      // The server was killed.
    }
    killer.join();
    for (const auto& fault : faults_of(shop.data())) BOOST_ERROR(fault);
    process.start();
  }
  BOOST_TEST(acknowledged > 0U);
  store_files files(shop.data());
  BOOST_TEST(
      files.number("SELECT count(*) FROM catalog_db.product_images WHERE file_id IS NOT NULL") >=
      acknowledged);
  // Damage is found.
  const auto one = files_in(shop.data()).front();
  fs::resize_file(one, 10);
  BOOST_TEST(faults_of(shop.data()).size() == 1U);
  fs::remove(one);
  BOOST_TEST(faults_of(shop.data()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(backups_contain_the_files) {
  storefront shop({.products = 1, .settings = {{"STOA_MEDIA_THUMBNAIL_WIDTHS", ""}}});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto picture = png_image(50, 50);
  const auto made = v.client.post(upload_path(v.goods()[0].id), picture, image_of(root));
  BOOST_TEST_REQUIRE(made.status == 201, made.body);
  const auto url = text_at(made.json(), "/image_url");
  const temp_dir folder;
  const auto run = [](const std::vector<std::string>& words) {
    return run_program(stoa_binary(), words);
  };
  const auto backup = (folder / "backup").string();
  const auto saved = run({"backup", backup, "--data", shop.data().string()});
  BOOST_TEST_REQUIRE(saved.exit_code == 0, saved.output);
  const auto data = folder / "restored";
  const auto restored = run({"restore", backup, "--data", data.string()});
  BOOST_TEST_REQUIRE(restored.exit_code == 0, restored.output);
  BOOST_TEST(holds(restored.output, "1 uploaded files"));
  for (const auto& fault : faults_of(data)) BOOST_ERROR(fault);
  const auto check = run({"check", "--json", "--data", data.string()});
  BOOST_TEST(check.exit_code == 0, check.output);
  BOOST_TEST(holds(check.output, "\"media_files\":1"), check.output);
  {
    server_options options;
    options.data = data;
    server again(options);
    again.start();
    visitor other(again.port());
    BOOST_TEST((other.client.get(url).body == picture));
    again.stop();
  }
  // A file of a later time, which the restored catalogue does not know.
  const auto file = files_in(data).at(0);
  const auto unknown = std::string(64, 'a') + "-00000000.png";
  fs::create_directories(data / "media" / "aa");
  write(data / "media" / "aa" / unknown, "x");
  BOOST_TEST(holds(run({"check", "--json", "--data", data.string()}).output, "media_file_unknown"));
  fs::remove(file);
  const auto found = run({"check", "--json", "--data", data.string()});
  BOOST_TEST(found.exit_code == 3, found.output);
  BOOST_TEST(holds(found.output, "media_file_missing"), found.output);
  // Damaged backups are rejected.
  write(files_in(folder / "backup").at(0), "damaged");
  const auto damaged = run({"restore", backup, "--check-only"});
  BOOST_TEST(damaged.exit_code == 1, damaged.output);
}

BOOST_AUTO_TEST_CASE(nodes_of_a_cluster_need_a_shared_folder) {
  const auto address = "127.0.0.1:" + std::to_string(free_port());
  storefront alone({.products = 1, .settings = {{"STOA_CLUSTER_LISTEN", address}}});
  visitor v(alone.port());
  const auto root = v.log_in("root");
  const auto path = upload_path(v.goods()[0].id);
  const auto refused = v.client.post(path, png_image(9, 9), image_of(root));
  BOOST_TEST(refused.status == 503);
  BOOST_TEST(refused.code() == "media_not_configured");
  BOOST_TEST(holds(alone.log(), "set media.dir to a folder that all nodes share"));
  const temp_dir shared;
  storefront both({.products = 1,
                   .settings = {{"STOA_CLUSTER_LISTEN", "127.0.0.1:" + std::to_string(free_port())},
                                {"STOA_MEDIA_DIR", shared.path().string()}}});
  visitor w(both.port());
  const auto admin = w.log_in("root");
  const auto made = w.client.post(upload_path(w.goods()[0].id), png_image(9, 9), image_of(admin));
  BOOST_TEST(made.status == 201, made.body);
  BOOST_TEST(w.client.get(text_at(made.json(), "/image_url")).status == 200);
}
