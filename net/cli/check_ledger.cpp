// Checks of the balances of the ledger for `stoa check`.

#include "net/cli/check_reader.hpp"
#include "storage/db/columns.hpp"

namespace stoa::cli {

namespace {

const db::sql ledger_accounts_stored{"number of ledger accounts",
                                     "SELECT count(*) FROM (SELECT DISTINCT account,amount_currency"
                                     " FROM ledger_balances) AS a"};
// One statement: the balances change with each payment.
const db::sql wrong_ledger_balances{
    "balances that are not the sum of the postings",
    "SELECT account,amount_currency,CAST(sum(balance) AS BIGINT),CAST(sum(posted) AS BIGINT) FROM ("
    "SELECT account,amount_currency,amount AS balance,0 AS posted FROM ledger_balances UNION ALL"
    " SELECT account,amount_currency,0,sum(amount) FROM ledger_postings"
    " GROUP BY account,amount_currency) AS b GROUP BY account,amount_currency"
    " HAVING sum(balance)<>sum(posted) ORDER BY account,amount_currency"};

}  // namespace

std::int64_t check_ledger(db::connection& payment, finding_list& out) {
  std::int64_t count = 0;
  const std::vector<db::statement> all{{&ledger_accounts_stored, {}}, {&wrong_ledger_balances, {}}};
  payment.query(all, [&](std::size_t index, db::row r) {
    if (index == 0) {
      count = std::get<std::int64_t>(r[0]);
      return;
    }
    const auto account = std::get<std::string>(r[0]) + " " + std::get<std::string>(r[1]);
    out.add({"ledger_balance_wrong", "payment", account, std::nullopt,
             "balance " + std::to_string(std::get<std::int64_t>(r[2])) +
                 "; postings: " + std::to_string(std::get<std::int64_t>(r[3]))});
  });
  return count;
}

}  // namespace stoa::cli
