-- Fingerprints of gateways' tokens, under the server's secret: an event of the gateway names a token, which is stored
-- encrypted. Of an operation: the token that an event has named for it.
ALTER TABLE saved_payment_methods ADD COLUMN token_key TEXT NOT NULL DEFAULT '';
ALTER TABLE method_operations ADD COLUMN token_key TEXT NOT NULL DEFAULT '';
CREATE INDEX saved_payment_methods_token ON saved_payment_methods(token_key) WHERE token_key <> '';
CREATE INDEX gateway_customers_id ON gateway_customers(customer_id) WHERE customer_id IS NOT NULL;
