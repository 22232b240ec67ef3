// Products and their variants.

#include "actors/catalog/attribute_merge.hpp"
#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/product_rules.hpp"
#include "actors/catalog/stored_texts.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "storage/base/json_value.hpp"
#include "storage/catalog/catalog_store.hpp"

#include <set>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

problem required(const std::string& pointer) {
  return {problem_kind::malformed,
          "invalid_request",
          "The request is invalid.",
          {{pointer, "required", "This is required."}}};
}

/// The variant must have the same options as its siblings, with different values.
std::optional<problem> check_siblings(const std::vector<const product_row*>& variants,
                                      stoa::product_id itself,
                                      const std::vector<option_value>& options) {
  for (const auto* v : variants) {
    if (v->product_id == itself) continue;
    if (v->options == options) {
      return conflict("variant_exists", "The product has a variant with these options.");
    }
    bool same = v->options.size() == options.size() &&
                std::equal(options.begin(), options.end(), v->options.begin(),
                           [](const auto& a, const auto& b) { return a.name == b.name; });
    if (!same) {
      return invalid_field("/options", "other_options",
                           "All variants of a product have the same options, in the same order.");
    }
  }
  return std::nullopt;
}

/// A value that must be unique in the store: conflict with the field when another product has it.
template <auto Member>
std::optional<problem> check_unique(decision& d, const std::optional<std::string>& wanted,
                                    stoa::product_id itself, const std::string& field) {
  if (!wanted) return std::nullopt;
  const auto* other = d.of<product_row>().find_by<Member>(wanted);
  if (!other || other->product_id == itself) return std::nullopt;
  auto p = conflict(field + "_taken", "Another product has this " + field + ".");
  p.errors.push_back({"/" + field, "taken", "product " + other->product_id.str()});
  return p;
}

std::optional<problem> check_category(decision& d, const std::optional<stoa::category_id>& id) {
  if (!id || d.of<category_row>().find(*id)) return std::nullopt;
  return invalid_field("/category_id", "unknown", "Unknown category.");
}

std::optional<problem> check_no_schedule(const std::optional<timestamp>& publish_at,
                                         const std::optional<timestamp>& archive_at) {
  if (!publish_at && !archive_at) return std::nullopt;
  return invalid_field(publish_at ? "/publish_at" : "/archive_at", "is_variant",
                       "A variant has its product's status.");
}

std::optional<problem> check_schedule(const product_row& p) {
  if (!p.publish_at || !p.archive_at || *p.publish_at < *p.archive_at) return std::nullopt;
  return invalid_field("/archive_at", "range", "A product is archived after its publication.");
}

std::optional<problem> check_variant(const new_product& m, decision& d) {
  const auto* parent = find_existing(d, *m.parent_product_id);
  if (!parent) return invalid_field("/parent_product_id", "unknown", "Unknown product.");
  if (parent->parent_product_id) {
    return invalid_field("/parent_product_id", "is_variant", "A variant has no variants.");
  }
  if (m.category_id) {
    return invalid_field("/category_id", "is_variant", "A variant is in its product's category.");
  }
  if (m.handle) return invalid_field("/handle", "is_variant", "A variant has no handle.");
  if (m.status) {
    return invalid_field("/status", "is_variant", "A variant has its product's status.");
  }
  if (m.vendor) return invalid_field("/vendor", "is_variant", "A variant has no vendor.");
  if (m.tags) return invalid_field("/tags", "is_variant", "A variant has no tags.");
  if (m.product_type) {
    return invalid_field("/product_type", "is_variant", "A variant has its product's type.");
  }
  if (auto bad = check_no_schedule(m.publish_at, m.archive_at)) return bad;
  const auto siblings = variants_of(d, parent->product_id);
  if (siblings.size() >= variants_max) {
    return conflict("too_many_variants",
                    "A product has at most " + std::to_string(variants_max) + " variants.");
  }
  return check_siblings(siblings, {}, m.options);
}

}  // namespace

const product_row* find_existing(decision& d, stoa::product_id id) {
  const auto* p = d.of<product_row>().find(id);
  return p && p->status != product_status::Deleted ? p : nullptr;
}

void refresh_price(decision& d, const product_row& p) {
  d.execute(refresh_list_price, db::params(p.parent_product_id.value_or(p.product_id)));
}

void touch_product(decision& d, const product_row& p) {
  if (p.parent_product_id) d.of<product_row>().edit(*p.parent_product_id).updated_at = d.now;
}

product_view staff_view(decision& d, stoa::product_id id, const std::string& media_url) {
  const auto& p = *d.of<product_row>().find(id);
  const auto& s = *d.of<stock_row>().find(id);
  std::optional<category_ref> category;
  if (p.category_id) {
    const auto* c = d.of<category_row>().find(*p.category_id);
    if (c) category = category_ref{c->category_id, c->name, c->handle};
  }
  auto view = product_view_of(p, s, std::move(category), true);
  auto images = d.of<image_row>().where<&image_row::product_id>(id);
  std::sort(images.begin(), images.end(), [](const auto* a, const auto* b) {
    return std::pair(a->position, a->image_id) < std::pair(b->position, b->image_id);
  });
  for (const auto* i : images) view.images.push_back(view_of(*i, media_url));
  std::vector<std::pair<const product_row*, const stock_row*>> variants;
  for (const auto* v : variants_of(d, id)) {
    const auto* stock = d.of<stock_row>().find(v->product_id);
    if (stock) variants.emplace_back(v, stock);
  }
  add_variants(view, variants, true);
  return view;
}

void need_product(stoa::product_id id, catalog_service::need_list& list,
                  const catalog_service::records& all) {
  list.add<&product_row::product_id>(id);
  list.add<&product_row::parent_product_id>(id);
  list.add<&stock_row::product_id>(id);
  list.add<&image_row::product_id>(id);
  list.add<&translation_row::resource_id>(id.value);
  if (const auto* p = all.of<product_row>().find(id)) {
    need_type(p->product_type, list);
    if (p->category_id) list.add<&category_row::category_id>(*p->category_id);
    for (const auto* v : all.of<product_row>().where<&product_row::parent_product_id>(
             std::optional<stoa::product_id>(id))) {
      list.add<&stock_row::product_id>(v->product_id);
      need_holds_of(v->product_id, list, all);
    }
  }
  need_holds_of(id, list, all);
}

void set_texts(product_row& p, const std::string& name, const std::string& description,
               const std::string& keywords) {
  p.name = name;
  p.description = description;
  p.keywords = keywords;
  p.search_text.clear();  // of earlier versions
}

result<std::string> checked_attributes(const json::raw& attributes) {
  if (attributes.text.size() > attributes_bytes_max) {
    return invalid_field(
        "/attributes", "too_long",
        "This must have at most " + std::to_string(attributes_bytes_max) + " bytes.");
  }
  auto parsed = json::parse(attributes.text);
  if (!parsed || !parsed->if_object()) {
    return invalid_field("/attributes", "type", "This must be an object.");
  }
  return attributes.text;
}

void catalog_service::needs(const create_product& m, need_list& list, const records& all) const {
  const auto& p = m.product;
  if (p.sku) list.add<&product_row::sku>(stored_sku(*p.sku));
  if (p.handle) list.add<&product_row::handle>(stored_name(*p.handle));
  if (p.category_id) list.add<&category_row::category_id>(*p.category_id);
  need_type(p.product_type, list);
  if (p.handle) need_redirect(stored_name(*p.handle), list);
  if (!p.handle && !p.parent_product_id && p.name) {
    need_free_handle(product_kind, stored_name(*p.name), list);
  }
  if (p.parent_product_id) need_product(*p.parent_product_id, list, all);
}

std::optional<problem> catalog_service::check_new(const new_product& m, decision& d) const {
  bool is_variant = m.parent_product_id.has_value();
  if (!is_variant && !m.name) return required("/name");
  if (!is_variant && !m.price) return required("/price");
  if (m.status == product_status::Deleted) {
    return invalid_field("/status", "range", "A new product is Draft, Active or Archived.");
  }
  if (auto bad = check_currency(m.price, "/price", options_.currency)) return bad;
  if (auto bad = check_currency(m.compare_at_price, "/compare_at_price", options_.currency)) {
    return bad;
  }
  if (auto bad = check_options(m.options, is_variant)) return bad;
  if (auto bad = check_category(d, m.category_id)) return bad;
  if (is_variant) {
    if (auto bad = check_variant(m, d)) return bad;
  }
  if (auto bad = check_handle(m.handle)) return bad;
  if (auto bad = check_limits({m.quantity_min, m.quantity_max, m.quantity_step})) return bad;
  if (auto bad = check_unique<&product_row::sku>(d, m.sku, {}, "sku")) return bad;
  return check_unique<&product_row::handle>(d, m.handle, {}, "handle");
}

result<product_view> catalog_service::decide(const create_product& command, decision& d) const {
  const auto id = insert_product(command.product, d.new_id<stoa::product_id>(), d);
  if (!id) return id.error();
  const auto& p = *d.of<product_row>().find(*id);
  refresh_price(d, p);
  touch_product(d, p);
  index_product(d, p.parent_product_id.value_or(p.product_id));
  return staff_view(d, *id, options_.media_url);
}

result<stoa::product_id> catalog_service::insert_product(const new_product& given,
                                                         stoa::product_id id, decision& d) const {
  const auto m = as_stored(given);
  if (auto bad = check_new(m, d)) return std::move(*bad);
  if (m.vendor && m.attributes) {
    if (auto bad = check_same_vendor(*m.attributes, m.vendor)) return std::move(*bad);
  }
  auto attributes = given_attributes(m.attributes.value_or(json::raw{"{}"}), "{}",
                                     m.parent_product_id.has_value());
  if (!attributes) return attributes.error();
  auto metadata = changed_metadata({}, m.metadata.value_or(metadata_change{}));
  if (!metadata) return std::move(metadata.error());
  product_row p;
  p.product_id = id;
  p.parent_product_id = m.parent_product_id;
  // A product that is to be published later is a draft until then.
  p.status = m.status.value_or(m.publish_at ? product_status::Draft : product_status::Active);
  p.product_type = m.product_type;
  p.sku = m.sku;
  p.handle = m.handle;
  p.price = m.price.value_or(money{});
  p.compare_at_price = m.compare_at_price;
  p.category_id = m.category_id;
  p.options = m.options;
  auto labelled = checked_labels(with_labels(*attributes, m.vendor, m.tags));
  if (!labelled) return labelled.error();
  p.attributes = *labelled;
  p.publish_at = m.publish_at;
  p.archive_at = m.archive_at;
  if (auto bad = check_schedule(p)) return std::move(*bad);
  if (auto bad = check_type(d, p)) return std::move(*bad);
  p.metadata = std::move(*metadata);
  p.quantity_min = m.quantity_min;
  p.quantity_max = m.quantity_max;
  p.quantity_step = m.quantity_step;
  p.created_at = p.updated_at = d.now;
  std::string title = m.name.value_or("");
  if (m.parent_product_id) {
    const auto& parent = *d.of<product_row>().find(*m.parent_product_id);
    if (auto bad = make_parent(d, parent)) return std::move(*bad);
    p.status = parent.status;
    if (!m.name) title = variant_name(parent.name, m.options);
    if (!m.price) p.price = parent.price;
  }
  set_texts(p, title, m.description, m.parent_product_id ? "" : keywords_of(p.attributes));
  if (!p.handle && !p.parent_product_id) {
    p.handle = free_handle(d, product_kind, p.name, p.product_id.value);
  }
  d.of<product_row>().insert(p);
  take_handle(d, p.handle);
  auto& stock = d.of<stock_row>().insert({p.product_id, 0, 0, true, 0});
  stock.low_stock_threshold = m.low_stock_threshold;
  set_policy(stock, m.track_inventory, m.allow_backorder);
  if (m.on_hand != 0) {
    set_on_hand(d, p.product_id, m.on_hand, stock_cause::adjustment, "Initial stock.");
  }
  return id;
}

void catalog_service::needs(const change_product& m, need_list& list, const records& all) const {
  need_product(m.product_id, list, all);
  const auto& change = m.change;
  need_redirects(change, m.product_id, list, all);
  need_type(change.product_type.value, list);
  if (change.handle.value) need_redirect(stored_name(*change.handle.value), list);
  if (change.sku.value) list.add<&product_row::sku>(stored_sku(*change.sku.value));
  if (change.handle.value) list.add<&product_row::handle>(stored_name(*change.handle.value));
  if (change.category_id.value) {
    list.add<&category_row::category_id>(*change.category_id.value);
  }
  const auto* p = all.of<product_row>().find(m.product_id);
  if (p && !p->parent_product_id && change.handle.present && !change.handle.value) {
    need_free_handle(product_kind, stored_name(change.name.value_or(p->name)), list);
  }
  if (p && p->parent_product_id) {
    list.add<&product_row::parent_product_id>(*p->parent_product_id);
    list.add<&product_row::product_id>(*p->parent_product_id);
  }
}

namespace {

/// Rejects changes of members that a variant inherits from its product.
std::optional<problem> check_change(const product_change& c, bool is_variant) {
  if (c.status == product_status::Deleted) {
    return invalid_field("/status", "range", "Use DELETE to delete a product.");
  }
  if (!is_variant) return std::nullopt;
  if (c.category_id.value) {
    return invalid_field("/category_id", "is_variant", "A variant is in its product's category.");
  }
  if (c.handle.value) return invalid_field("/handle", "is_variant", "A variant has no handle.");
  if (c.status) {
    return invalid_field("/status", "is_variant", "A variant has its product's status.");
  }
  if (c.vendor.value) return invalid_field("/vendor", "is_variant", "A variant has no vendor.");
  if (c.tags.value) return invalid_field("/tags", "is_variant", "A variant has no tags.");
  if (c.product_type.value) {
    return invalid_field("/product_type", "is_variant", "A variant has its product's type.");
  }
  return check_no_schedule(c.publish_at.value, c.archive_at.value);
}

/// Applies the vendor and the tags, which the attributes hold.
std::optional<problem> change_labels(product_row& p, const product_change& c) {
  std::optional<std::string> vendor;
  std::optional<std::vector<std::string>> tags;
  if (c.vendor.present) vendor = c.vendor.value.value_or("");
  if (c.tags.present) tags = c.tags.value.value_or(std::vector<std::string>{});
  auto labelled = checked_labels(with_labels(p.attributes, vendor, tags));
  if (!labelled) return labelled.error();
  p.attributes = std::move(*labelled);
  return std::nullopt;
}

/// The product with the change applied.
result<product_row> changed(const product_row& old, const product_change& c) {
  product_row p = old;
  if (c.price) p.price = *c.price;
  if (c.compare_at_price.present) p.compare_at_price = c.compare_at_price.value;
  if (c.category_id.present) p.category_id = c.category_id.value;
  if (c.sku.present) p.sku = c.sku.value;
  if (c.handle.present) p.handle = c.handle.value;
  if (c.status) p.status = *c.status;
  if (c.quantity_min.present) p.quantity_min = c.quantity_min.value;
  if (c.quantity_max.present) p.quantity_max = c.quantity_max.value;
  if (c.quantity_step.present) p.quantity_step = c.quantity_step.value;
  if (auto bad = check_limits(p.limits())) return std::move(*bad);
  if (c.options.present) p.options = c.options.value.value_or(std::vector<option_value>{});
  if (c.attributes.present) {
    const auto& patch = c.attributes.value;
    if (patch) {
      if (auto given = checked_attributes(*patch); !given) return given.error();
      if (c.vendor.present) {
        if (auto bad = check_same_vendor(*patch, c.vendor.value)) return std::move(*bad);
      }
    }
    const json::raw merged{patch ? merged_attributes(old.attributes, patch->text) : "{}"};
    auto attributes = given_attributes(merged, old.attributes, old.parent_product_id.has_value());
    if (!attributes) return attributes.error();
    p.attributes = *attributes;
  }
  if (c.publish_at.present) p.publish_at = c.publish_at.value;
  if (c.archive_at.present) p.archive_at = c.archive_at.value;
  if (c.product_type.present) p.product_type = c.product_type.value;
  if (auto bad = change_labels(p, c)) return std::move(*bad);
  if (auto bad = check_schedule(p)) return std::move(*bad);
  // A status set by staff applies to later imports, too.
  if (c.status) p.attributes = with_awaited_price(p.attributes, false);
  auto metadata = changed_metadata(old.metadata, c.metadata);
  if (!metadata) return std::move(metadata.error());
  p.metadata = std::move(*metadata);
  set_texts(p, c.name.value_or(old.name),
            c.description.present ? c.description.value.value_or("") : old.description,
            old.parent_product_id ? old.keywords : keywords_of(p.attributes));
  return p;
}

/// Other changes are accepted even if the type has changed since the attributes were set.
std::optional<problem> check_type_change(decision& d, const product_row& old, const product_row& p,
                                         const product_change& c) {
  const bool published = (old.status != p.status && p.status == product_status::Active) ||
                         (c.publish_at.present && p.publish_at);
  if (!c.product_type.present && !c.attributes.present && !published) return std::nullopt;
  return check_type(d, p);
}

/// Only products that are sold have a stock policy; the removal of a threshold is always accepted.
std::optional<problem> check_policy(decision& d, stoa::product_id id, const product_change& c) {
  const bool sets_threshold = c.low_stock_threshold.value.has_value();
  if (!c.track_inventory && !c.allow_backorder && !sets_threshold) return std::nullopt;
  if (d.of<stock_row>().find(id)->sellable) return std::nullopt;
  if (sets_threshold) {
    return invalid_field("/low_stock_threshold", "has_variants",
                         "A product with variants has no stock; its variants have.");
  }
  return invalid_field(c.track_inventory ? "/track_inventory" : "/allow_backorder", "has_variants",
                       "A product with variants has no stock; its variants have.");
}

/// Applies the change's stock policy; true when it differs.
bool change_policy(decision& d, stoa::product_id id, const product_change& c) {
  const auto* stock = d.of<stock_row>().find(id);
  const bool tracked = c.track_inventory.value_or(stock->tracked);
  const bool backorder = c.allow_backorder.value_or(stock->backorder);
  const auto threshold =
      c.low_stock_threshold.present ? c.low_stock_threshold.value : stock->low_stock_threshold;
  const bool is_same = tracked == stock->tracked && backorder == stock->backorder &&
                       threshold == stock->low_stock_threshold;
  if (is_same) return false;
  auto& changed_stock = d.of<stock_row>().edit(id);
  changed_stock.low_stock_threshold = threshold;
  set_policy(changed_stock, tracked, backorder);
  return true;
}

}  // namespace

result<product_view> catalog_service::decide(const change_product& m, decision& d) const {
  const auto* found = find_existing(d, m.product_id);
  if (!found) return not_found("product");
  if (auto bad = kernel::check_precondition(
          m.precondition, [&] { return staff_view(d, m.product_id, options_.media_url); })) {
    return std::move(*bad);
  }
  const product_row old = *found;
  const auto listed = old.parent_product_id.value_or(old.product_id);
  const auto source = search_source_of(d, listed);
  const auto is_changed = apply_change(old.product_id, m.change, d);
  if (!is_changed) return is_changed.error();
  if (*is_changed) {
    const auto& p = *d.of<product_row>().find(old.product_id);
    if (p.price != old.price) refresh_price(d, p);
    touch_product(d, p);
    index_changes(d, listed, source);
  }
  return staff_view(d, old.product_id, options_.media_url);
}

result<bool> catalog_service::apply_change(stoa::product_id id, const product_change& given,
                                           decision& d) const {
  const product_change change = as_stored(given);
  const product_row old = *d.of<product_row>().find(id);
  bool is_variant = old.parent_product_id.has_value();
  if (auto bad = check_change(change, is_variant)) return std::move(*bad);
  auto p = changed(old, change);
  if (!p) return p.error();
  if (auto bad = check_currency(p->price, "/price", options_.currency)) return std::move(*bad);
  if (auto bad = check_currency(p->compare_at_price, "/compare_at_price", options_.currency)) {
    return std::move(*bad);
  }
  if (auto bad = check_category(d, p->category_id)) return std::move(*bad);
  if (auto bad = check_type_change(d, old, *p, change)) return std::move(*bad);
  if (auto bad = check_handle(change.handle.value)) return std::move(*bad);
  if (change.options.present) {
    if (auto bad = check_options(p->options, is_variant)) return std::move(*bad);
  }
  if (is_variant && change.options.present) {
    const auto siblings = variants_of(d, *old.parent_product_id);
    if (auto bad = check_siblings(siblings, old.product_id, p->options)) return std::move(*bad);
  }
  if (auto bad = check_unique<&product_row::sku>(d, p->sku, old.product_id, "sku")) {
    return std::move(*bad);
  }
  if (!is_variant && change.handle.present && !change.handle.value) {
    p->handle = free_handle(d, product_kind, p->name, old.product_id.value);
  }
  if (auto bad = check_unique<&product_row::handle>(d, p->handle, old.product_id, "handle")) {
    return std::move(*bad);
  }
  if (auto bad = check_policy(d, old.product_id, given)) return std::move(*bad);
  const auto* parent = is_variant ? d.of<product_row>().find(*old.parent_product_id) : nullptr;
  if (parent && !change.name && old.name == variant_name(parent->name, old.options)) {
    set_texts(*p, variant_name(parent->name, p->options), p->description, p->keywords);
  }
  const bool new_policy = change_policy(d, old.product_id, given);
  if (*p == old && !new_policy) return false;
  p->updated_at = d.now;
  d.of<product_row>().edit(old.product_id) = *p;
  propagate_to_variants(d, old, *p);
  keep_handle(d, old, *p);
  if (p->status != product_status::Active) release_all_holds(d, old.product_id);
  return true;
}

}  // namespace stoa::catalog
