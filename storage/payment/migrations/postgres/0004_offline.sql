-- Payments that staff confirm: until when the customer must pay, what the customer was asked to do,
-- and the received amount if it is lower than the amount.
ALTER TABLE payments ADD COLUMN pay_until BIGINT;
ALTER TABLE payments ADD COLUMN instructions TEXT;
ALTER TABLE payments ADD COLUMN received_amount BIGINT CHECK(received_amount BETWEEN 1 AND amount);
ALTER TABLE payments ADD COLUMN received_amount_currency TEXT;
