// Uploaded images, and the files of the media folder.

#include "actors/catalog/catalog_messages.hpp"
#include "actors/catalog/image_name.hpp"
#include "actors/catalog/media_messages.hpp"
#include "config/settings.hpp"
#include "net/media/aws_signature.hpp"
#include "net/media/image_probe.hpp"
#include "net/media/media_service.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/staff_about.hpp"

namespace stoa::front {

namespace {

using response_task = task<http::response>;

/// Default of media.image_bytes_max, which is the limit that applies.
constexpr std::size_t image_bytes_default = std::size_t{10} << 20;

struct image_upload_query {
  std::optional<std::string> alt_text;
  std::optional<std::int64_t> position;
  static constexpr json::rule rules[] = {
      {.field = "alt_text",
       .length_max = catalog::alt_text_length_max,
       .form = json::format::text,
       .description = "A text alternative for the image."},
      {.field = "position",
       .value_min = 1,
       .value_max = catalog::image_position_max,
       .description = "The position among the product's images; default: after the others."},
  };
};
BOOST_DESCRIBE_STRUCT(image_upload_query, (), (alt_text, position))

media::media_service& media_of(const exchange& x) {
  auto* media = x.shared->media;
  if (media == nullptr || !media->has_store()) {
    fail({503,
          "media_not_configured",
          "This store has several nodes and no media store that they share.",
          {}});
  }
  return *media;
}

media::image_facts probed(const exchange& x) {
  const auto& body = x.request->body;
  if (body.empty()) {
    fail({400, "invalid_request", "The body must be the image.", {{"", "required", "a file"}}});
  }
  auto facts = media::probe_image(body, x.shared->config->media.image_pixels_max);
  if (!facts) fail(facts.error());
  return *facts;
}

/// Stores the body. Fails with 503 if it cannot be stored.
task<bool> store_body(exchange& x, std::string name, std::string content_type) {
  auto& media = media_of(x);
  std::function<bool(std::function<void(bool)>)> start =
      [&media, request = x.request, name, content_type](std::function<void(bool)> done) {
        return media.put(name, content_type, request->body, request, std::move(done));
      };
  const bool stored = co_await x.run_elsewhere<bool>(std::move(start));
  if (!stored) {
    fail({503, "media_store_unavailable", "The image could not be stored. Send it again.", {}});
  }
  // Storing has its own time limit.
  x.context.deadline =
      process_time().now() + milliseconds{x.shared->config->http.request_timeout_ms};
  co_return true;
}

/// The file is stored before the command that refers to it, and recorded before it is stored.
response_task upload_image(exchange& x, image_upload_query q) {
  const auto product = x.path_id<stoa::product_id>("product_id", "product");
  media_of(x);
  const auto facts = probed(x);
  catalog::get_product exists{product, true};
  co_await x.ask(std::move(exists));
  catalog::prepare_image_file prepare;
  prepare.file_id = media::sha256_hex(x.request->body);
  prepare.file = {"",
                  std::string(facts.content_type),
                  static_cast<std::int64_t>(x.request->body.size()),
                  facts.width,
                  facts.height,
                  {}};
  const auto file_id = prepare.file_id;
  auto prepared = x.start_command(std::move(prepare));
  auto place = co_await x.take_started<catalog::prepare_image_file>(std::move(prepared));
  auto stored = store_body(x, std::move(place.name), std::string(facts.content_type));
  co_await stored;
  catalog::add_image_file add{product, file_id, q.alt_text.value_or(""), q.position};
  auto image = co_await x.command(std::move(add));
  auto r = x.with_etag(x.json(201, image));
  r.headers.emplace_back("Location",
                         "/admin/v1/products/" + product.str() + "/images/" + image.image_id.str());
  co_return r;
}

http::response file_response(const std::string& name, std::shared_ptr<const std::string> bytes) {
  http::response r;
  r.content_type = std::string(catalog::type_of_name(name));
  r.shared_body = std::move(bytes);
  // A file that a browser shows as a separate page may neither run scripts nor load anything.
  r.headers = {{"Cache-Control", "public, max-age=31536000, immutable"},
               {"Content-Security-Policy", "default-src 'none'; sandbox"},
               {"Cross-Origin-Resource-Policy", "cross-origin"}};
  return r;
}

response_task one_file(exchange& x, none) {
  const auto name = x.path_value("file");
  auto* media = x.shared->media;
  if (media == nullptr || !media->serves_files() || !catalog::is_media_name(name)) {
    fail(not_found("file"));
  }
  using outcome = media::file_read::outcome;
  std::function<bool(std::function<void(media::file_read)>)> start =
      [media, name](std::function<void(media::file_read)> done) {
        return media->read(name, std::move(done));
      };
  auto file = co_await x.run_elsewhere<media::file_read>(std::move(start));
  if (file.how == outcome::missing) fail(not_found("file"));
  if (file.how == outcome::overloaded) {
    fail({503, "overloaded", "Too many files are being sent.", {}});
  }
  if (file.how == outcome::failed) {
    fail({503, "media_store_unavailable", "The file cannot be read.", {}});
  }
  co_return x.with_etag(file_response(name, std::move(file.bytes)), name);
}

}  // namespace

void add_media_routes(routes& r) {
  auto upload = for_staff("admin_upload_image", "Upload an image of a product", {201},
                          {404, 409, 413, 415, 422});
  upload.description =
      "The body is a JPEG, PNG, WebP, GIF or AVIF image; its type is detected from the content. "
      "Responds when the image is stored. Thumbnails are made afterwards.";
  upload.answer_fields = {"Location", "ETag"};
  upload.body_type = "image/*";
  upload.image_body = true;
  upload.body_bytes_max = image_bytes_default;
  r.post_file<image_upload_query, catalog::image_view>(
      "/admin/v1/products/{product_id}/images/upload", std::move(upload), upload_image);
  r.get<none, none>("/media/{file}",
                    {.id = "media_file",
                     .tag = "catalog",
                     .summary = "Get an uploaded file",
                     .success = {200, 304},
                     .errors = {404},
                     .shared_cache = true,
                     .listed = false},
                    one_file);
}

}  // namespace stoa::front
