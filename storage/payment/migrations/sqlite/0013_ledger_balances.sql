-- The balances of the ledger's accounts: the sum of each account's postings, in their transaction.
CREATE TABLE ledger_balances(
  account TEXT NOT NULL,
  amount_currency TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY(account, amount_currency)
) WITHOUT ROWID;
INSERT INTO ledger_balances
  SELECT account, amount_currency, sum(amount) FROM ledger_postings
  GROUP BY account, amount_currency;

CREATE TRIGGER ledger_postings_sum AFTER INSERT ON ledger_postings BEGIN
  INSERT INTO ledger_balances VALUES(new.account, new.amount_currency, new.amount)
    ON CONFLICT(account, amount_currency) DO UPDATE SET amount = amount + excluded.amount;
END;
