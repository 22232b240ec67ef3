#pragma once
// Damage to a store's books, each with the codes that `stoa check` must report. The store is at
// rest and has at least planted_orders_min orders.

#include "tests/support/shoppers.hpp"

#include <regex>
#include <set>
#include <string>
#include <vector>

namespace stoa::test {

inline constexpr std::int64_t planted_orders_min = 110;

struct planted_damage {
  struct change {
    std::string service;  ///< "bank" is the sandbox's ledger
    std::string sql;      ///< {uuid} is a new id, {fixed} a constant one
  };
  std::vector<change> changes;
  std::set<std::string> codes;  ///< exactly the codes reported
  bool sqlite_only = false;
};

/// The damages affect different orders, so that all can be applied to one store.
inline std::vector<planted_damage> all_damages() {
  const auto nth = [](const char* column, const char* from, int n, const char* direction = "") {
    return "(SELECT DISTINCT " + std::string(column) + " FROM " + from + " ORDER BY 1 " +
           direction + " LIMIT 1 OFFSET " + std::to_string(n) + ")";
  };
  const auto order = [&](int n) { return nth("order_id", "orders WHERE status='Confirmed'", n); };
  const auto paid = [&](int n) {
    return nth("payment_id", "payments WHERE status='Completed'", 20 + n);
  };
  const auto sold = [&](int n) {
    return nth("order_id", "reservations WHERE status='Sold'", 40 + n);
  };
  const auto mail = [&](int n) {
    return nth("notification_id", "notifications WHERE template_name='confirmed'", 60 + n);
  };
  const auto newest_order = nth("order_id", "orders WHERE status='Confirmed'", 0, "DESC");
  const auto newest_payment = nth("order_id", "payments WHERE status='Completed'", 0, "DESC");
  const auto charge = [&](int n) {
    return nth("key", "charges WHERE status='paid' AND refunded=0", 80 + n);
  };
  const std::string make_pending =
      "DELETE FROM order_status_history WHERE status='Confirmed' AND "
      "order_id=" +
      newest_order + "; UPDATE orders SET status='Pending'";
  const auto payment_to = [&](const std::string& set, const std::string& id) {
    return planted_damage::change{"payment",
                                  "UPDATE payments SET " + set + " WHERE payment_id=" + id};
  };
  const auto other_payment = [&](const char* status, int n) {
    const auto from = "payments WHERE amount>0 AND status='" + std::string(status) + "'";
    return nth("payment_id", from.c_str(), n);
  };
  const auto listed = [](const std::string& name, const std::string& currency,
                         const std::string& times, int count,
                         const std::vector<std::string>& prices, const char* code) {
    auto sql = R"(INSERT INTO price_lists VALUES({uuid},0,'{"name":")" + name +
               R"(","currency":")" + currency + "\"" + times + "}'," + std::to_string(count) +
               ",0,0,0,1)";
    for (const auto& price : prices) {
      sql += "; INSERT INTO price_entries SELECT price_list_id,{uuid}," + price +
             R"(,0 FROM price_lists WHERE terms LIKE '{"name":")" + name + "\"%'";
    }
    return planted_damage{{{"pricing", sql}}, {code}};
  };
  /// `flags`: is_open and has_parts; `file`: its parts, those deleted, its bytes. With one part.
  const auto exported = [](const std::string& name, const std::string& state,
                           const std::string& flags, const std::string& file,
                           const char* expires_at = "9") {
    return planted_damage{{{"catalog", "INSERT INTO exports VALUES({uuid},'" + state + "'," +
                                           flags + ",{uuid},'csv',NULL,NULL,0,'','" + name +
                                           "',''," + file + ",0,0,NULL,0,0,0," + expires_at +
                                           ",0); INSERT INTO export_parts SELECT export_id,0,'abc' "
                                           "FROM exports WHERE position='" +
                                           name + "'"}},
                          {"export_wrong"}};
  };
  return {
      // First: payments get other orders below.
      {{{"order", make_pending + ",created_at=0 WHERE order_id=" + newest_order},
        {"payment", "UPDATE payments SET status='Pending' WHERE order_id=" + newest_payment}},
       {"order_overdue", "payment_wrong_state", "ledger_not_of_payment"}},
      {{{"order", make_pending + " WHERE order_id=" + newest_order},
        {"payment", "UPDATE payments SET status='Pending' WHERE order_id=" + newest_payment}},
       {"sold_too_early", "payment_wrong_state", "ledger_not_of_payment"}},
      {{{"order", "UPDATE orders SET total_amount=total_amount+1 WHERE order_id=" + order(0)}},
       {"order_wrong_total", "payment_wrong_amount"}},
      {{{"order",
         "DELETE FROM order_status_history WHERE status='Confirmed' AND order_id=" + order(1)}},
       {"order_history_wrong"}},
      {{{"order", "DELETE FROM order_items WHERE order_id=" + order(3) +
                      "; DELETE FROM order_status_history WHERE order_id=" + order(3) +
                      "; DELETE FROM orders WHERE order_id=" + order(3)}},
       {"charge_without_order", "sale_without_order", "mail_without_order"}},
      {{{"order", "UPDATE orders SET status='Pending' WHERE order_id=" + order(5)}},
       {"order_history_wrong", "order_not_settled"}},
      {{payment_to("order_id={uuid}", paid(0))}, {"order_without_payment", "charge_without_order"}},
      {{payment_to("status='Failed'", paid(2))},
       {"payment_not_completed", "charge_not_recorded", "ledger_not_of_payment"}},
      {{payment_to("amount=amount+1", paid(4))},
       {"payment_wrong_amount", "charge_wrong_amount", "ledger_not_of_payment"}},
      {{payment_to("status='Refunded'", paid(6))},
       {"payment_not_completed", "refund_missing", "mail_missing"}},
      {{payment_to("effect='Authorize',next_attempt_at=4000000000000000", paid(8))},
       {"payment_overdue", "payment_wrong_state"}},
      {{payment_to("refunded_amount=1", paid(10))},
       {"refunds_wrong_sum", "refund_missing", "ledger_not_of_payment"}},
      {{{"payment",
         "INSERT INTO ledger_postings SELECT entry_id,3,payment_id,operation,kind,'sales',5,"
         "amount_currency,posted_at FROM ledger_postings WHERE line=1 AND payment_id=" +
             paid(12)}},
       {"ledger_entry_unbalanced", "ledger_not_of_payment"}},
      {{{"payment",
         "INSERT INTO ledger_postings SELECT {fixed},l.line,p.payment_id,'planted','refund',"
         "CASE l.line WHEN 1 THEN 'refunds' ELSE 'gateway_receivable:sandbox' END,"
         "CASE l.line WHEN 1 THEN 7 ELSE -7 END,p.amount_currency,0 FROM payments p,"
         "(SELECT 1 AS line UNION ALL SELECT 2) l WHERE p.payment_id=" +
             paid(14)}},
       {"ledger_not_of_payment"}},
      {{{"payment",
         "INSERT INTO payment_disputes SELECT {uuid},payment_id,gateway,'dp_1',5,amount_currency,"
         "'fraudulent','Open',1,0,NULL,0,0,1 FROM payments WHERE payment_id=" +
             paid(16)}},
       {"ledger_not_of_payment"}},
      {{{"payment",
         "DROP TRIGGER ledger_postings_stay; DELETE FROM ledger_postings WHERE payment_id=" +
             paid(18)}},
       {"ledger_balance_wrong", "ledger_not_of_payment"},
       true},
      {{{"payment", "UPDATE ledger_balances SET amount=amount+1 WHERE account='sales'"}},
       {"ledger_balance_wrong"}},
      {{{"payment", "UPDATE payment_refunds SET status='Declined' WHERE payment_id=" +
                        other_payment("Refunded", 2)}},
       {"refunds_wrong_sum"}},
      {{payment_to("status='Completed'", other_payment("Refunded", 0))},
       {"payment_not_refunded", "refund_not_recorded"}},
      {{payment_to("status='Completed',failure_code='refund_declined'",
                   other_payment("Refunded", 1))},
       {"refund_declined", "refund_not_recorded"}},
      {{payment_to("status='Pending',order_cancelled=0", other_payment("Failed", 0))},
       {"payment_not_cancelled", "payment_wrong_state"}},
      {{payment_to("status='Pending',order_cancelled=0,order_id={uuid}",
                   other_payment("Failed", 1))},
       {"payment_without_order"}},
      {{{"catalog",
         "INSERT INTO product_images(image_id,product_id,image_url,alt_text,position,created_at,"
         "file_id,file) SELECT {uuid},product_id,'','',1,0,'ab','{}' FROM products LIMIT 1"}},
       {"media_file_missing"}},
      {{{"catalog", "UPDATE reservations SET status='Active' WHERE order_id=" + sold(0)}},
       {"reservation_not_sold", "stock_not_of_reservations"}},
      {{{"catalog", "UPDATE reservations SET quantity=quantity+1 WHERE order_id=" + sold(2)}},
       {"reservation_missing"}},
      {{{"catalog",
         "INSERT INTO reservations(order_id,product_id,quantity,status,deadline,created_at)"
         " SELECT {uuid},product_id,1,'Active',0,0 FROM inventory"
         " ORDER BY product_id LIMIT 1"}},
       {"reservation_without_order", "stock_not_of_reservations"}},
      {{{"catalog", "UPDATE reservations SET status='Sold' WHERE order_id=" +
                        nth("order_id", "reservations WHERE status='Released'", 0)}},
       {"reservation_not_released"}},
      {{{"catalog",
         "UPDATE inventory SET on_hand=on_hand+1 WHERE product_id="
         "(SELECT product_id FROM inventory WHERE sellable=1 ORDER BY 1 LIMIT 1)"}},
       {"stock_not_of_ledger"}},
      {{{"catalog",
         "PRAGMA ignore_check_constraints=ON; UPDATE inventory SET on_hand=0,reserved=5 "
         "WHERE product_id=(SELECT product_id FROM inventory WHERE sellable=1 LIMIT 1)"}},
       {"stock_not_of_ledger", "stock_not_of_reservations", "stock_oversold"},
       true},
      {{{"catalog",
         "INSERT INTO locations(location_id,name,priority,countries,active,pickup,created_at,"
         "updated_at,version) VALUES({fixed},'x',0,'[]',1,0,0,0,0);"
         "INSERT INTO stock_levels(product_id,location_id,on_hand,reserved,version)"
         " SELECT product_id,{fixed},1,0,0 FROM inventory ORDER BY product_id LIMIT 1"}},
       {"level_not_of_ledger", "level_not_of_stock"}},
      {{{"catalog",
         "UPDATE inventory SET located=1 WHERE product_id="
         "(SELECT product_id FROM inventory ORDER BY product_id LIMIT 1 OFFSET 1)"}},
       {"level_not_of_stock"}},
      {{{"catalog",
         "INSERT INTO stock_holds(cart_id,product_id,order_id,quantity,deadline,created_at,"
         "allocations) SELECT {uuid},product_id,{uuid},1,4000000000000000,0,"
         R"('[{"location_id":"0193a9b2-0000-7000-8000-00000000cafe","quantity":1}]')"
         " FROM inventory ORDER BY product_id LIMIT 1"}},
       {"level_not_of_allocations", "stock_not_of_reservations"}},
      {{{"catalog",
         "INSERT INTO resource_redirects(handle,kind,resource_id,created_at)"
         " VALUES('gone','collection',{uuid},0);"
         "INSERT INTO resource_redirects(handle,kind,resource_id,created_at)"
         " SELECT handle,'category',category_id,0 FROM categories"
         " WHERE handle IS NOT NULL LIMIT 1"}},
       {"earlier_handle_wrong"}},
      exported("missing part", "completed", "0,1", "2,0,6"),
      exported("missing bytes", "completed", "0,1", "1,0,4"),
      exported("surplus part", "expired", "0,0", "1,1,3"),
      exported("no end", "completed", "0,1", "1,0,3", "NULL"),
      exported("queued with a part", "queued", "1,1", "1,0,3", "NULL"),
      exported("open", "failed", "1,1", "1,0,3", "NULL"),
      {{{"catalog",
         "INSERT INTO exports VALUES({uuid},'completed',0,0,{uuid},'csv',NULL,NULL,0,'','','',0,0,"
         "0,0,0,NULL,0,0,0,9,0)"}},
       {"export_wrong"}},
      {{{"catalog", "INSERT INTO export_parts VALUES({uuid},0,'abc')"}}, {"export_wrong"}},
      {{{"notification",
         "UPDATE notifications SET template_name='other' WHERE notification_id=" + mail(0)}},
       {"mail_missing"}},
      {{{"notification",
         "UPDATE notifications SET order_id=(SELECT order_id FROM notifications "
         "WHERE notification_id=" +
             mail(2) + ") WHERE notification_id=" + mail(4)}},
       {"mail_missing", "mail_duplicate"}},
      {{{"notification",
         "UPDATE notifications SET status='Failed' WHERE notification_id=" + mail(6)}},
       {"mail_failed"}},
      {{{"notification",
         "UPDATE notifications SET status='Pending',next_attempt_at=0 WHERE "
         "notification_id=" +
             mail(8)}},
       {"mail_overdue"}},
      {{{"catalog", "INSERT INTO outbox VALUES(0,1,{uuid},'stock.reserved',{uuid},'{}','',0)"}},
       {"outbox_overdue"}},
      {{{"payment",
         "INSERT INTO outbox VALUES(0,999999999,{uuid},'payment.failed',{uuid},'{}','',"
         "4000000000000000)"}},
       {"outbox_beyond_partition"}},
      {{{"cart",
         "INSERT INTO dead_letter VALUES({uuid},'order',1,'order.placed',{uuid},'{}','','why',"
         "1,0,0)"}},
       {"dead_letter"}},
      {{{"order", "UPDATE partition SET last_seq=0"}}, {"event_unknown_to_producer"}},
      {{{"order", "UPDATE order_status_history SET seq=3-seq WHERE order_id=" + order(9)}},
       {"order_history_wrong"}},
      {{{"order",
         R"(UPDATE orders SET redemptions='[{"promotion_id":"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90"}]')"
         " WHERE order_id=" +
             order(13)}},
       {"redemption_missing"}},
      {{{"pricing",
         "INSERT INTO redemptions VALUES({uuid},{uuid},NULL,'email:a','Redeemed',0,0,0)"}},
       {"redemption_without_order"}},
      {{{"pricing",
         "INSERT INTO credit_accounts VALUES({uuid},'gift_card','key',NULL,'0000',NULL,'EUR',7,"
         "'Active',NULL,NULL,0,0,0)"}},
       {"credit_not_of_entries"}},
      {{{"pricing", "INSERT INTO credit_redemptions VALUES({uuid},{uuid},5,'Redeemed',0,0,0,3)"}},
       {"credit_not_of_orders", "redemption_without_order"}},
      {{{"pricing",
         R"(INSERT INTO promotions VALUES({fixed},0,'Active','{"name":"Sale","trigger":"automatic",)"
         R"("priority":0,"combines_with":[],"conditions":{},"discount":{"type":"percentage"}}',0,0,0);)"
         "INSERT INTO promotion_uses VALUES({fixed},3,3,0)"}},
       {"promotion_uses_wrong"}},
      {{{"pricing", "INSERT INTO price_entries VALUES({uuid},{uuid},1,NULL,'[]',0)"}},
       {"price_without_list"}},
      listed("wrong count", "EUR", "", 2, {"1,NULL,'[]'"}, "price_list_wrong"),
      listed("wrong currency", "EURO", "", 0, {}, "price_list_wrong"),
      listed("wrong time", "EUR",
             R"(,"valid_from":"2027-01-02T00:00:00Z","valid_until":"2027-01-01T00:00:00Z")", 0, {},
             "price_list_wrong"),
      {{{"pricing",
         R"(INSERT INTO price_lists VALUES({uuid},0,'{"name":"A","currency":"EUR","key":"a"}',)"
         "0,0,0,0,1),"
         R"(({uuid},0,'{"name":"B","currency":"EUR","key":"a"}',0,0,0,0,1))"}},
       {"price_list_wrong"}},
      {{{"catalog",
         "INSERT INTO products(product_id,status,name,sort_name,price,price_currency,options,"
         "created_at,updated_at,version,description,attributes,keywords,search_text)"
         " VALUES({fixed},'Deleted','Gone','gone',1,'EUR','[]',1,1,1,'','{}','','')"},
        {"pricing",
         R"(INSERT INTO price_lists VALUES({fixed},0,'{"name":"D","currency":"EUR"}',1,0,0,0,1);)"
         "INSERT INTO price_entries VALUES({fixed},{fixed},1,NULL,'[]',0)"}},
       {"price_of_deleted_product"}},
      listed("high price", "EUR", "", 1, {"100000000000001,NULL,'[]'"}, "price_invalid"),
      listed("high comparison", "EUR", "", 1, {"1,100000000000001,'[]'"}, "price_invalid"),
      listed("same tier", "EUR", "", 1,
             {R"(9,NULL,'[{"min_quantity":9,"amount":8},{"min_quantity":9,"amount":7}]')"},
             "price_invalid"),
      listed("low tier", "EUR", "", 1, {R"(9,NULL,'[{"min_quantity":1,"amount":8}]')"},
             "price_invalid"),
      listed("high tier", "EUR", "", 1, {R"(9,NULL,'[{"min_quantity":1000001,"amount":8}]')"},
             "price_invalid"),
      listed("negative tier", "EUR", "", 1, {R"(9,NULL,'[{"min_quantity":2,"amount":-1}]')"},
             "price_invalid"),
      listed("cut tiers", "EUR", "", 1, {"9,NULL,'[{'"}, "price_invalid"),
      {{{"order", "UPDATE orders SET currency='XTS' WHERE order_id=" + order(11)}},
       {"payment_wrong_amount"}},
      {{{"order", "UPDATE orders SET subtotal=subtotal+1,tax_total=tax_total-1 WHERE order_id=" +
                      order(15)}},
       {"order_wrong_total"}},
      {{payment_to("order_cancelled=1", paid(10))}, {"payment_wrong_state"}},
      {{payment_to("status='Pending',effect='None'", other_payment("Failed", 2))},
       {"payment_wrong_state"}},
      {{{"catalog", "UPDATE reservations SET product_id={uuid} WHERE order_id=" + sold(4)}},
       {"reservation_missing", "reservation_not_of_order"}},
      {{{"catalog",
         "INSERT INTO stock_ledger(product_id,ledger_id,on_hand_change,reserved_change,cause,actor,"
         "created_at) VALUES({uuid},{uuid},5,0,'adjustment','test',0)"}},
       {"stock_not_of_ledger"}},
      {{{"order", "UPDATE order_items SET cart_item_id={fixed} WHERE order_id=" + order(13)},
        {"cart",
         "INSERT INTO carts(cart_id,revision,created_at,updated_at,expires_at,version)"
         " VALUES({fixed},1,0,0,0,1); INSERT INTO cart_items(cart_item_id,cart_id,product_id,name,"
         "quantity,price_when_added,price_when_added_currency,added_at)"
         " VALUES({fixed},{fixed},{uuid},'x',1,1,'EUR',0)"}},
       {"cart_has_bought_lines"}},
      {{{"user", "DELETE FROM partition"}}, {"store_part"}},
      {{{"order", "INSERT INTO outbox VALUES(99,1,{uuid},'order.placed',{uuid},'{}','',0)"}},
       {"outbox_beyond_partition"}},
      {{{"bank", "UPDATE charges SET currency='XTS' WHERE key=" + charge(2)}},
       {"charge_wrong_amount"}},
      {{{"bank",
         "INSERT INTO "
         "charges(key,order_id,amount,currency,token,status,code,transaction_id,created_at)"
         " SELECT 'ffffffff-0000-7000-8000-000000000001',order_id,amount,currency,token,status,"
         "code,transaction_id,created_at FROM charges WHERE status='paid' LIMIT 1"}},
       {"charge_without_payment"}},
      {{{"bank", "DELETE FROM charges WHERE key=" + charge(0)}}, {"charge_missing"}},
      {{{"bank",
         "UPDATE charges SET refunded=0 WHERE key=(SELECT max(key) FROM charges WHERE "
         "refunded>0)"}},
       {"refund_missing"}},
  };
}

/// `new_id` is an expression for an id; `quote` begins a hexadecimal literal.
inline std::string with_ids(std::string sql, const std::string& new_id, const std::string& quote) {
  sql = std::regex_replace(sql, std::regex(R"(\{uuid\})"), new_id);
  return std::regex_replace(sql, std::regex(R"(\{fixed\})"),
                            quote + "0193a9b200007000800000000000cafe'");
}

inline std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const auto& w : words) text += w + " ";
  return text;
}

/// The codes in the JSON report of `stoa check`.
inline std::set<std::string> codes_of(const std::string& report) {
  static const std::regex code(R"re("([a-z_]+)":\{"severity")re");
  std::set<std::string> codes;
  for (std::sregex_iterator at(report.begin(), report.end(), code), end; at != end; ++at) {
    codes.insert((*at)[1]);
  }
  return codes;
}

}  // namespace stoa::test
