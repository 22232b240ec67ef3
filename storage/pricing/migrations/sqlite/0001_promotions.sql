-- `terms` is the definition of a promotion as JSON (storage/pricing/promotion.hpp). `list` is always 0: loads all.
CREATE TABLE promotions(
  promotion_id BLOB NOT NULL PRIMARY KEY,
  list INTEGER NOT NULL CHECK(list = 0),
  status TEXT NOT NULL CHECK(status IN ('Active','Disabled')),
  terms TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX promotions_list ON promotions(list);

-- uses: the orders that use a promotion, its redemptions that are Reserved or Redeemed. orders: all that ever did.
CREATE TABLE promotion_uses(
  promotion_id BLOB NOT NULL PRIMARY KEY REFERENCES promotions(promotion_id),
  uses INTEGER NOT NULL CHECK(uses >= 0),
  orders INTEGER NOT NULL CHECK(orders >= uses),
  version INTEGER NOT NULL
) WITHOUT ROWID;

-- code_key: the code, case-folded. Deleted with the promotion.
CREATE TABLE promotion_codes(
  code_key TEXT NOT NULL PRIMARY KEY,
  code TEXT NOT NULL,
  promotion_id BLOB NOT NULL,
  uses_max INTEGER CHECK(uses_max > 0),
  uses INTEGER NOT NULL CHECK(uses >= 0),
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  CHECK(uses_max IS NULL OR uses <= uses_max)
) WITHOUT ROWID;
CREATE INDEX promotion_codes_promotion ON promotion_codes(promotion_id, code_key);

CREATE TABLE promotion_customers(
  promotion_id BLOB NOT NULL REFERENCES promotions(promotion_id),
  customer TEXT NOT NULL,
  uses INTEGER NOT NULL CHECK(uses >= 0),
  version INTEGER NOT NULL,
  PRIMARY KEY(promotion_id, customer)
) WITHOUT ROWID;

CREATE INDEX promotion_customers_customer ON promotion_customers(customer);

CREATE TABLE redemptions(
  order_id BLOB NOT NULL,
  promotion_id BLOB NOT NULL,
  code_key TEXT,
  customer TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status = 'Reserved' OR status = 'Redeemed' OR status = 'Released'),
  deadline INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY(order_id, promotion_id)
) WITHOUT ROWID;
CREATE INDEX redemptions_deadline ON redemptions(deadline) WHERE status = 'Reserved';
CREATE INDEX redemptions_promotion ON redemptions(promotion_id, order_id);

-- One row, from the first change on.
CREATE TABLE rule_revision(
  list INTEGER NOT NULL PRIMARY KEY CHECK(list = 0),
  revision BLOB NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
