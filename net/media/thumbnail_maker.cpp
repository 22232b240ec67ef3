#include "net/media/thumbnail_maker.hpp"

#include "actors/catalog/image_name.hpp"
#include "net/media/image_probe.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace stoa::media {

namespace {

namespace fs = std::filesystem;

/// A private folder, removed with its files.
class temporary_folder {
 public:
  temporary_folder() {
    auto name = (fs::temp_directory_path() / "stoa-thumbnails-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error(name + ": cannot be created");
    path_ = name;
  }
  ~temporary_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

thumbnails_made thumbnail_maker::make(const catalog::image_file& image, std::string_view bytes,
                                      const std::function<bool()>& is_stopping) const {
  const temporary_folder folder;
  const auto input = "image." + std::string(catalog::extension_of(image.content_type));
  {
    std::ofstream out(folder.path() / input, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) throw std::runtime_error(folder.path().string() + ": cannot be written");
  }
  thumbnails_made made;
  for (const auto width : options_.widths) {
    if (width >= image.width) continue;
    const auto name = std::to_string(width) + ".webp";
    // The height is bounded too: an image of one column would get one of many rows.
    const auto size = std::to_string(width) + "x" + std::to_string(4 * width) + ">";
    made.end = run_limited({options_.program, input, "--size", size, "--output",
                            (folder.path() / name).string() + "[Q=80,strip]"},
                           folder.path(), options_.limits, is_stopping);
    if (made.end != program_end::done) return {made.end, {}};
    auto file = bytes_of(folder.path() / name);
    const auto facts = probe_image(file, image.width * image.height);
    if (!facts || facts->content_type != "image/webp") return {program_end::failed, {}};
    made.all.push_back({width, facts->width, std::move(file)});
  }
  return made;
}

}  // namespace stoa::media
