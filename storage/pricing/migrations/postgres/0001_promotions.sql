-- `terms` is the definition of a promotion as JSON (storage/pricing/promotion.hpp). `list` is always 0: loads all.
CREATE TABLE promotions(
  promotion_id UUID NOT NULL PRIMARY KEY,
  list BIGINT NOT NULL CHECK(list = 0),
  status TEXT COLLATE "C" NOT NULL CHECK(status IN ('Active','Disabled')),
  terms TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX promotions_list ON promotions(list);

-- uses: the orders that use a promotion, its redemptions that are Reserved or Redeemed. orders: all that ever did.
CREATE TABLE promotion_uses(
  promotion_id UUID NOT NULL PRIMARY KEY REFERENCES promotions(promotion_id),
  uses BIGINT NOT NULL CHECK(uses >= 0),
  orders BIGINT NOT NULL CHECK(orders >= uses),
  version BIGINT NOT NULL
);

-- code_key: the code, case-folded. Deleted with the promotion.
CREATE TABLE promotion_codes(
  code_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  code TEXT NOT NULL,
  promotion_id UUID NOT NULL,
  uses_max BIGINT CHECK(uses_max > 0),
  uses BIGINT NOT NULL CHECK(uses >= 0),
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  CHECK(uses_max IS NULL OR uses <= uses_max)
);
CREATE INDEX promotion_codes_promotion ON promotion_codes(promotion_id, code_key);

CREATE TABLE promotion_customers(
  promotion_id UUID NOT NULL REFERENCES promotions(promotion_id),
  customer TEXT COLLATE "C" NOT NULL,
  uses BIGINT NOT NULL CHECK(uses >= 0),
  version BIGINT NOT NULL,
  PRIMARY KEY(promotion_id, customer)
);

CREATE INDEX promotion_customers_customer ON promotion_customers(customer);

CREATE TABLE redemptions(
  order_id UUID NOT NULL,
  promotion_id UUID NOT NULL,
  code_key TEXT COLLATE "C",
  customer TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL CHECK(status = 'Reserved' OR status = 'Redeemed' OR status = 'Released'),
  deadline BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY(order_id, promotion_id)
);
CREATE INDEX redemptions_deadline ON redemptions(deadline) WHERE status = 'Reserved';
CREATE INDEX redemptions_promotion ON redemptions(promotion_id, order_id);

-- One row, from the first change on.
CREATE TABLE rule_revision(
  list BIGINT NOT NULL PRIMARY KEY CHECK(list = 0),
  revision UUID NOT NULL,
  version BIGINT NOT NULL
);
