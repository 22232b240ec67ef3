-- What refunds have returned of the amount; a cancellation returns the rest.
ALTER TABLE credit_redemptions ADD COLUMN returned BIGINT NOT NULL DEFAULT 0 CHECK(returned BETWEEN 0 AND amount);
