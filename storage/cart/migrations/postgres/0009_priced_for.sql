-- For whom price_when_added was the price: for how many units of the product in the cart, and for which account, if its
-- groups mattered. NULL in lines of earlier versions: for the units of now, and for everyone.
ALTER TABLE cart_items
  ADD COLUMN priced_units BIGINT CHECK(priced_units > 0),
  ADD COLUMN priced_for UUID;
