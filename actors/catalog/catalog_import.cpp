// Products as a file has them. The same import again finds nothing to change, and then writes
// nothing.

#include "actors/catalog/catalog_parts.hpp"
#include "storage/base/json_rules.hpp"
#include "storage/base/text.hpp"
#include "storage/catalog/catalog_store.hpp"

#include <set>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

constexpr std::size_t description_bytes_max = 512 * 1024;
constexpr std::size_t keywords_bytes_max = 16 * 1024;

/// What an import has found and done so far.
struct import_run {
  decision& d;
  const import_product& m;
  import_outcome outcome = import_outcome::unchanged;
  std::vector<std::string> notes;

  void touch() {
    if (outcome == import_outcome::unchanged) outcome = import_outcome::updated;
  }
};

problem bad(const std::string& field, const std::string& why) {
  return invalid_field("/" + field, "range", why);
}

std::optional<problem> check_sold(const money& price, const std::optional<money>& compare_at,
                                  std::int64_t on_hand, const std::string& currency) {
  for (const auto* p : {&price, compare_at ? &*compare_at : &price}) {
    if (p->currency != currency) {
      return bad("price", "The prices of this store are in " + currency + ".");
    }
    if (p->amount < 0 || p->amount > money_amount_max) return bad("price", "No possible price.");
  }
  if (on_hand < 0 || on_hand > stock_max) return bad("on_hand", "No possible stock.");
  return std::nullopt;
}

std::optional<problem> check_texts(const import_product& m) {
  if (m.title.empty() || text::code_points(m.title) > 255) {
    return bad("title", "A title has 1 to 255 characters.");
  }
  if (m.description.size() > description_bytes_max || m.keywords.size() > keywords_bytes_max) {
    return bad("description", "The description or the keywords are too long.");
  }
  if (m.category_path.size() > category_depth_max) {
    return bad("category_path", "The tree of categories has at most " +
                                    std::to_string(category_depth_max) + " levels.");
  }
  for (const auto& c : m.category_path) {
    if (c.name.empty() || text::code_points(c.name) > 255) {
      return bad("category_path", "A category's name has 1 to 255 characters.");
    }
  }
  if (m.images.size() > images_max) return bad("images", "There are too many images.");
  for (const auto& i : m.images) {
    if (!json::has_form(i.image_url, json::format::uri)) {
      return bad("images", "This is no http or https URL: " + i.image_url);
    }
  }
  return std::nullopt;
}

std::optional<problem> check_import(const import_product& m, const std::string& currency) {
  if (auto p = check_texts(m)) return p;
  if (auto a = checked_attributes(m.attributes); !a) return a.error();
  if (m.variants.empty()) return check_sold(m.price, m.compare_at_price, m.on_hand, currency);
  if (m.variants.size() > variants_max) return bad("variants", "There are too many variants.");
  std::set<std::string> seen;
  for (const auto& v : m.variants) {
    if (auto p = check_sold(v.price, v.compare_at_price, v.on_hand, currency)) return p;
    if (auto a = checked_attributes(v.attributes); !a) return a.error();
    if (v.options.empty() || !seen.insert(json::write(v.options)).second) {
      return bad("variants", "Two variants have the same options, or one has none.");
    }
  }
  return std::nullopt;
}

/// The category at the end of the path; what is missing of the path is made.
std::optional<stoa::category_id> find_category(import_run& run) {
  std::optional<stoa::category_id> at;
  auto& categories = run.d.of<category_row>();
  for (const auto& level : run.m.category_path) {
    const category_row* found = nullptr;
    for (const auto* c : categories.where<&category_row::name>(level.name)) {
      if (c->parent_category_id == at) found = c;
    }
    // The same id under another name: staff have renamed or moved it.
    if (!found) found = categories.find(level.category_id);
    if (!found) {
      found = &categories.insert(
          {level.category_id, 0, level.name, std::nullopt, at, run.d.now, run.d.now, 0});
      run.touch();
    }
    at = found->category_id;
  }
  return at;
}

/// The sku, unless another product has it.
std::optional<std::string> free_sku(import_run& run, const std::optional<std::string>& sku,
                                    stoa::product_id id) {
  if (!sku || sku->empty()) return std::nullopt;
  const auto* other = run.d.of<product_row>().find_by<&product_row::sku>(sku);
  if (!other || other->product_id == id) return sku;
  run.notes.push_back("The SKU " + *sku + " belongs to another product and was left out.");
  return std::nullopt;
}

/// Saves the row when it is new or has changed, and its stock when that is wanted.
void save(import_run& run, product_row p, bool sellable, std::int64_t on_hand) {
  auto& d = run.d;
  auto id = p.product_id;
  const auto* old = d.of<product_row>().find(id);
  if (!old) {
    p.created_at = p.updated_at = d.now;
    d.of<product_row>().insert(std::move(p));
    d.of<stock_row>().insert({id, 0, 0, sellable, 0});
    run.touch();
  } else if (p != *old) {
    p.updated_at = d.now;
    d.of<product_row>().edit(id) = std::move(p);
    run.touch();
  }
  const auto* stock = d.of<stock_row>().find(id);
  if (stock->sellable != sellable) {
    d.of<stock_row>().edit(id).sellable = sellable;
    run.touch();
  }
  // Never below what orders hold: the count in a file may be older than they are.
  auto target = std::max(on_hand, stock->reserved);
  if (sellable && (!old || run.m.set_stock) && stock->on_hand != target) {
    change_stock(d, id, target - stock->on_hand, 0, stock_cause::import);
    run.touch();
  }
}

product_row start_row(decision& d, stoa::product_id id) {
  if (const auto* old = d.of<product_row>().find(id)) return *old;
  product_row p;
  p.product_id = id;
  return p;
}

/// Variants that the file does not have go, unless orders hold units of them.
void drop_variants(import_run& run) {
  std::set<stoa::product_id> kept;
  for (const auto& v : run.m.variants) kept.insert(v.product_id);
  for (const auto* v : variants_of(run.d, run.m.product_id)) {
    const auto* stock = run.d.of<stock_row>().find(v->product_id);
    if (kept.contains(v->product_id)) continue;
    if (stock && stock->reserved > 0) {
      run.notes.push_back(v->name + " was kept: orders hold units of it.");
      continue;
    }
    hide_product(run.d, v->product_id);
    run.touch();
  }
}

void save_product(import_run& run, const std::optional<stoa::category_id>& category) {
  const auto& m = run.m;
  product_row p = start_row(run.d, m.product_id);
  p.status = m.status;
  p.handle = m.handle;
  p.category_id = category;
  p.attributes = m.attributes.text;
  bool sold = m.variants.empty();
  p.price = sold ? m.price : m.variants.front().price;
  p.compare_at_price = sold ? m.compare_at_price : std::nullopt;
  p.sku = sold ? free_sku(run, m.sku, m.product_id) : std::nullopt;
  set_texts(p, m.title, m.description, m.keywords);
  save(run, std::move(p), sold, m.on_hand);
}

void save_variants(import_run& run) {
  for (const auto& v : run.m.variants) {
    product_row p = start_row(run.d, v.product_id);
    p.parent_product_id = run.m.product_id;
    p.status = run.m.status;
    p.sku = free_sku(run, v.sku, v.product_id);
    p.price = v.price;
    p.compare_at_price = v.compare_at_price;
    p.options = v.options;
    p.attributes = v.attributes.text;
    set_texts(p, variant_name(run.m.title, v.options), "", "");
    save(run, std::move(p), true, v.on_hand);
  }
}

void save_images(import_run& run) {
  auto& images = run.d.of<image_row>();
  std::set<stoa::image_id> kept;
  for (const auto& i : run.m.images) {
    if (!kept.insert(i.image_id).second) continue;
    const auto* old = images.find(i.image_id);
    image_row row{i.image_id, run.m.product_id, i.image_url,
                  i.alt_text, i.position,       old ? old->created_at : run.d.now};
    if (old && *old == row) continue;
    if (old) {
      images.edit(i.image_id) = row;
    } else {
      images.insert(row);
    }
    run.touch();
  }
  for (const auto* old : images.where<&image_row::product_id>(run.m.product_id)) {
    if (kept.contains(old->image_id)) continue;
    images.erase(old->image_id);
    run.touch();
  }
}

/// The ids must be this product's own.
std::optional<problem> check_ids(decision& d, const import_product& m) {
  const auto& products = d.of<product_row>();
  auto taken = [](stoa::product_id id) {
    return conflict("id_taken", "Another product has the id " + id.str() + ".");
  };
  const auto* old = products.find(m.product_id);
  if (old && old->parent_product_id) return taken(m.product_id);
  std::set<stoa::product_id> own{m.product_id};
  for (const auto& v : m.variants) {
    const auto* variant = products.find(v.product_id);
    if (variant && variant->parent_product_id != m.product_id) return taken(v.product_id);
    if (!own.insert(v.product_id).second) return taken(v.product_id);
  }
  for (const auto& i : m.images) {
    const auto* image = d.of<image_row>().find(i.image_id);
    if (image && image->product_id != m.product_id) {
      return conflict("id_taken", "Another product has the image " + i.image_id.str() + ".");
    }
  }
  if (!m.handle) return std::nullopt;
  const auto* other = products.find_by<&product_row::handle>(m.handle);
  if (!other || other->product_id == m.product_id) return std::nullopt;
  return conflict("handle_taken", "Another product has the handle " + *m.handle + ".");
}

}  // namespace

void catalog_service::needs(const import_product& m, need_list& list, const records& all) const {
  need_product(m.product_id, list, all);
  if (m.handle) list.add<&product_row::handle>(*m.handle);
  if (m.sku) list.add<&product_row::sku>(*m.sku);
  for (const auto& v : m.variants) {
    list.add<&product_row::product_id>(v.product_id);
    list.add<&stock_row::product_id>(v.product_id);
    if (v.sku) list.add<&product_row::sku>(*v.sku);
  }
  for (const auto& i : m.images) list.add<&image_row::image_id>(i.image_id);
  for (const auto& c : m.category_path) {
    list.add<&category_row::category_id>(c.category_id);
    list.add<&category_row::name>(c.name);
  }
}

result<import_answer> catalog_service::decide(const import_product& m, decision& d) const {
  if (auto p = check_import(m, options_.currency)) return std::move(*p);
  if (auto p = check_ids(d, m)) return std::move(*p);
  import_run run{d, m, import_outcome::unchanged, {}};
  const auto* old = d.of<product_row>().find(m.product_id);
  bool is_new = !old || old->status == product_status::Deleted;
  auto category = find_category(run);
  drop_variants(run);
  save_product(run, category);
  save_variants(run);
  save_images(run);
  if (run.outcome != import_outcome::unchanged) {
    d.execute(refresh_list_price, db::params(m.product_id));
    if (is_new) run.outcome = import_outcome::created;
  }
  return import_answer{run.outcome, std::move(run.notes)};
}

}  // namespace stoa::catalog
