-- The balances of the ledger's accounts: the sum of each account's postings, in their transaction.
-- Each session of a writer adds to the rows of one `shard`, so that the writers do not wait for each
-- other; an account's balance is the sum over the shards.
CREATE TABLE ledger_balances(
  account TEXT NOT NULL,
  amount_currency TEXT NOT NULL,
  shard BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY(account, amount_currency, shard)
);
INSERT INTO ledger_balances
  SELECT account, amount_currency, 0, sum(amount) FROM ledger_postings
  GROUP BY account, amount_currency;

CREATE FUNCTION sum_ledger_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- In order, so that two sessions of one shard do not wait for each other in a circle.
  INSERT INTO ledger_balances AS b
    SELECT account, amount_currency, pg_backend_pid() % 64, sum(amount) FROM added
    GROUP BY account, amount_currency ORDER BY account, amount_currency
    ON CONFLICT(account, amount_currency, shard) DO UPDATE SET amount = b.amount + excluded.amount;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_postings_sum AFTER INSERT ON ledger_postings
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION sum_ledger_postings();
