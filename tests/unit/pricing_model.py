"""An exact model of the rules of prices, independent of the program: reads baskets with their rules
and the program's results, one JSON object per line, and reports the first difference."""

import json
import sys
from fractions import Fraction as F

WHOLE = 10_000
RATE = 1_000_000


def half_up(x):
    return int((x * 2 + 1) // 2)


def divide(amount, weights):
    total = sum(weights)
    if total == 0:
        weights = [1] * len(weights)
        total = len(weights)
    ends, run = [], 0
    for w in weights:
        run += w
        ends.append(int(F(amount) * run / total))
    return [b - a for a, b in zip([0] + ends, ends)]


def list_price(offer, b, rules, entries):
    """The price that applies and the one to compare with; None without a price."""
    def best(kind):
        found = []
        for p in rules["price_lists"]:
            t = p["terms"]
            if t["kind"] != kind or t["currency"] != b["currency"]:
                continue
            if t.get("valid_from", "") > b["now"] or "valid_until" in t and t["valid_until"] <= b["now"]:
                continue
            if t["customer_groups"] and not set(t["customer_groups"]) & set(b["customer_groups"]):
                continue
            for e in entries:
                if e["price_list_id"] == p["price_list_id"] and e["product_id"] == offer["product_id"]:
                    reached = [x["amount"] for x in e["tiers"] if x["min_quantity"] <= offer["quantity"]]
                    amount = ([e["amount"]] + reached)[-1]
                    found.append((-t["priority"], amount, p["price_list_id"], e.get("compare_at")))
        return min(found, key=lambda f: f[:3]) if found else None

    def shown(amount, compare):
        return amount, compare if compare is not None and compare > amount else None

    regular, sale = best("regular"), best("sale")
    own = offer["own_price"]
    usual = regular[1] if regular else own["amount"] if own["currency"] == b["currency"] else None
    if sale and (usual is None or sale[1] < usual):
        return shown(sale[1], usual if sale[3] is None else sale[3])
    if regular:
        return shown(regular[1], regular[3])
    if usual is None:
        return None
    compare = offer["own_compare_at_price"]
    return usual, compare["amount"] if compare else None


def price_faults(case):
    """Differences between the prices of the basket's lines and the model's."""
    b = case["basket"]
    lines = iter(b["lines"])
    for offer in case["offers"]:
        wanted = list_price(offer, b, case["rules"], case["entries"])
        got = None
        if offer["price"]:
            assert next(lines)["unit_price"] == offer["price"]
            assert offer["price"]["currency"] == b["currency"]
            compare = offer["compare_at_price"]
            got = offer["price"]["amount"], compare["amount"] if compare else None
        if got != wanted:
            yield offer, wanted
    assert next(lines, None) is None


def selected(selector, lines):
    products = set(selector["product_ids"])
    categories = set(selector["category_ids"])
    for i, line in enumerate(lines):
        mine = {line["product_id"], line.get("parent_product_id")}
        if not products and not categories or products & mine or categories & set(line["categories"]):
            yield i


def amount_in(amounts, currency):
    for m in amounts:
        if m["currency"] == currency:
            return m["amount"]
    return None


def in_currency(t, currency):
    lists = [t["conditions"]["subtotal_min"], t["discount"]["amounts"]]
    return all(not amounts or amount_in(amounts, currency) is not None for amounts in lists)


def meets(c, b, totals):
    if c["countries"] and (not b["to"] or b["to"]["country"] not in c["countries"]):
        return False
    if c["first_order"] and b["first_order"] is not True:
        return False
    if c["customer_groups"] and not set(c["customer_groups"]) & set(b["customer_groups"]):
        return False
    chosen = list(selected(c["items"], b["lines"]))
    if sum(b["lines"][i]["quantity"] for i in chosen) < c.get("quantity_min", 1):
        return False
    if not c["subtotal_min"]:
        return True
    least = amount_in(c["subtotal_min"], b["currency"])
    return least is not None and sum(totals[i] for i in chosen) >= least


def cheapest(b, chosen, units, points, left):
    """Takes single units, one by one, from the cheapest line on."""
    off = [0] * len(left)
    pool = sorted(((b["lines"][i]["unit_price"]["amount"], i) for i in chosen))
    for _, i in pool:
        quantity = b["lines"][i]["quantity"]
        taken = 0
        while taken < quantity and units > 0:
            taken += 1
            units -= 1
        if taken:
            off[i] = half_up(F(left[i]) * taken / quantity * points / WHOLE)
    return off


def item_discounts(d, b, left):
    lines = b["lines"]
    chosen = list(selected(d["items"], lines))
    if d["type"] == "buy_x_get_y":
        buy, get = d.get("buy_quantity", 1), d.get("get_quantity", 1)
        if "buy_items" in d:
            bought = set(selected(d["buy_items"], lines))
            chosen = [i for i in chosen if i not in bought]
            times = sum(lines[i]["quantity"] for i in bought) // buy
        else:
            times = sum(lines[i]["quantity"] for i in chosen) // (buy + get)
        times = min(times, d.get("times_max", times))
        return cheapest(b, chosen, times * get, d.get("basis_points", WHOLE), left)
    if d["type"] == "cheapest_free":
        return cheapest(b, chosen, d.get("get_quantity", 1), WHOLE, left)
    off = [0] * len(left)
    amount = amount_in(d["amounts"], b["currency"])
    for i in chosen:
        if d["type"] == "percentage":
            off[i] = half_up(F(left[i] * d["basis_points"], WHOLE))
        elif amount is not None:
            all_units = amount * lines[i]["quantity"]
            off[i] = min(left[i], all_units) if d["type"] == "fixed_amount" else max(0, left[i] - all_units)
    return off


def sum_discount(d, b, whole):
    if d["type"] == "free_shipping":
        return whole
    if d["type"] == "percentage":
        return half_up(F(whole * d["basis_points"], WHOLE))
    return min(whole, amount_in(d["amounts"], b["currency"]) or 0)


def fits(area, to):
    if not to or area["country"] != to["country"]:
        return 0
    score = 1
    if "region" in area:
        if area["region"].lower() != to["region"].lower():
            return 0
        score += 1
    if "postal_from" in area:
        code = to["postal_code"].upper().replace(" ", "").replace("-", "")
        low, high = area["postal_from"], area["postal_to"]
        if len(code) < max(len(low), len(high)) or code[:len(low)] < low or code[:len(high)] > high:
            return 0
        score += 2
    return score


def shipping_offers(b, subtotal, rules):
    best, best_score = None, -1
    for zone in sorted(rules["zones"], key=lambda z: z["shipping_zone_id"]):
        areas = zone["terms"]["areas"]
        scores = [s for s in (fits(a, b["to"]) for a in areas) if s]
        score = max(scores) if scores else (0 if not areas else -1)
        if score > best_score:
            best, best_score = zone, score
    if not best or not b["to"]:
        return
    quantity = sum(line["quantity"] for line in b["lines"])
    weight = sum(line["quantity"] * line["weight"] for line in b["lines"])
    for method in best["terms"]["methods"]:
        for r in method["rates"]:
            bounds = [("subtotal", subtotal), ("weight", weight), ("quantity", quantity)]
            if r["amount"]["currency"] != b["currency"]:
                continue
            if any(v < r.get(n + "_min", v) or v >= r.get(n + "_max", v + 1) for n, v in bounds):
                continue
            price = r["amount"]["amount"] + r.get("per_kilogram", 0) * -(-weight // 1000) \
                + r.get("per_unit", 0) * quantity
            yield method, 0 if "free_from" in r and subtotal >= r["free_from"] else price
            break


def taxes(b, left, shipping, shipping_class, rules):
    """Amounts by (rate, line); the line None is shipping."""
    result = {}
    included = rules["prices_include_tax"]
    if not b["to"] or b["tax_exempt"] and not included:
        return result
    amounts = {}
    for i, line in enumerate(b["lines"]):
        amounts.setdefault(line["tax_class"], []).append((i, left[i]))
    if shipping > 0:
        amounts.setdefault(shipping_class, []).append((None, shipping))
    for tax_class, parts in amounts.items():
        best = {}
        for rate in sorted(rules["tax_rates"], key=lambda r: r["tax_rate_id"]):
            t = rate["terms"]
            if t["tax_class"] != tax_class or t.get("valid_from", "") > b["now"]:
                continue
            if "valid_until" in t and t["valid_until"] <= b["now"]:
                continue
            score = fits(t["area"], b["to"])
            if score > best.get(t["priority"], (0,))[0]:
                best[t["priority"]] = (score, rate)
        chosen = [rate for _, rate in best.values()]
        whole = RATE + (sum(r["terms"]["parts_per_million"] for r in chosen) if included else 0)
        for rate in chosen:
            share = F(rate["terms"]["parts_per_million"], whole)
            if rules["rounds_per_order"]:
                each = half_up(sum(a for _, a in parts) * share)
                split = divide(each, [a for _, a in parts]) if each else [0] * len(parts)
            else:
                split = [half_up(a * share) for _, a in parts]
            for (place, _), tax in zip(parts, split):
                if tax:
                    key = (rate["tax_rate_id"], place)
                    result[key] = result.get(key, 0) + tax
    return result


def price(b, rules):
    """The total, the parts by their cause and line, and the codes that are not applied."""
    totals = [line["unit_price"]["amount"] * line["quantity"] for line in b["lines"]]
    left, parts, shipping, shipping_class = list(totals), {}, 0, "standard"
    for method, amount in shipping_offers(b, sum(totals), rules):
        if method["shipping_method_id"] == b["shipping_method_id"]:
            shipping, shipping_class = amount, method["tax_class"]
            parts[("shipping", None)] = amount
    usable = {c["promotion_id"] for c in b["codes"] if not c["used_up"] and c["promotion_id"]}
    applied, seen = [], {}
    for p in sorted(rules["promotions"], key=lambda p: (-p["terms"]["priority"], p["promotion_id"])):
        t, name = p["terms"], p["promotion_id"]
        if t["trigger"] == "code" and name not in usable:
            continue
        d = t["discount"]
        if t.get("starts_at", "") > b["now"]:
            seen[name] = "not_started"
        elif "ends_at" in t and t["ends_at"] <= b["now"]:
            seen[name] = "ended"
        elif name in b["used_up"]:
            seen[name] = "used_up"
        elif not in_currency(t, b["currency"]):
            seen[name] = "not_in_currency"
        elif not meets(t["conditions"], b, totals):
            seen[name] = "conditions_not_met"
        elif any(o["discount"]["target"] not in t["combines_with"]
                 or d["target"] not in o["combines_with"] for o in applied):
            seen[name] = "not_combinable"
        else:
            off, off_shipping = [0] * len(left), 0
            if d["target"] == "items":
                off = item_discounts(d, b, left)
            elif d["target"] == "order":
                if sum(left):
                    off = divide(sum_discount(d, b, sum(left)), left)
            else:
                off_shipping = sum_discount(d, b, shipping)
            if not sum(off) and not off_shipping:
                seen[name] = "nothing_to_reduce"
                continue
            seen[name] = ""
            applied.append(t)
            shipping -= off_shipping
            for i, o in enumerate(off):
                left[i] -= o
                if o:
                    parts[(name, i)] = -o
            if off_shipping:
                parts[(name, None)] = -off_shipping
    assert min(left, default=0) >= 0 and shipping >= 0
    tax = taxes(b, left, shipping, shipping_class, rules)
    total = sum(left) + shipping
    if b["tax_exempt"]:
        for (_, place), amount in tax.items():
            parts[("tax_exemption", place)] = parts.get(("tax_exemption", place), 0) - amount
            total -= amount
    else:
        parts.update(tax)
        if not rules["prices_include_tax"]:
            total += sum(tax.values())
    return total, parts, seen


def unused(b, seen):
    found, led = [], set()
    for c in b["codes"]:
        name = c["promotion_id"]
        if not name:
            reason = "unknown"
        elif c["used_up"]:
            reason = "used_up"
        elif name not in seen:
            reason = "not_active"
        else:
            reason = seen[name] or ("not_combinable" if name in led else "")
            led.add(name)
        if reason:
            found.append((c["code"], reason))
    return found


def parts_of(quote):
    """The program's parts in the form of the model's."""
    parts = {}
    for p in quote["price_parts"]:
        name = p.get("promotion_id") or p.get("tax_rate_id") or p["code"]
        if "lines" not in p:
            parts[(name, None)] = p["amount"]["amount"]
            continue
        for share in p["lines"]:
            parts[(name, share["line"])] = share["amount"]
        if "shipping_amount" in p:
            parts[(name, None)] = p["shipping_amount"]
        assert sum(s["amount"] for s in p["lines"]) + p.get("shipping_amount", 0) == p["amount"]["amount"]
    return parts


def main():
    count = discounted = taxed = listed = 0
    currencies = {}
    with open(sys.argv[1], encoding="utf-8") as lines:
        for text in lines:
            case = json.loads(text)
            b, quote = case["basket"], case["quote"]
            faults = list(price_faults(case))
            if faults:
                print("the model:", faults[0], "\nfor", text)
                return 1
            parts_sum = sum(p["amount"]["amount"] for p in quote["price_parts"] if p["kind"] != "included_tax")
            assert quote["subtotal"]["amount"] + parts_sum == quote["total_amount"]["amount"]
            assert all(p["amount"]["currency"] == b["currency"] for p in quote["price_parts"])
            currencies[b["currency"]] = currencies.get(b["currency"], 0) + 1
            listed += any(o["price"] and o["price"] != o["own_price"] for o in case["offers"])
            total, parts, seen = price(b, case["rules"])
            got = parts_of(quote)
            if quote["total_amount"]["amount"] != total or got != parts:
                print("the model:", total, parts, "\nthe program:", quote, "\nfor", text)
                return 1
            codes = [(c["code"], c["reason"]) for c in case["unused_codes"]]
            if codes != unused(b, seen):
                print("the model:", unused(b, seen), "\nthe program:", codes, "\nfor", text)
                return 1
            count += 1
            discounted += any(v == "" for v in seen.values())
            taxed += quote["tax_total"]["amount"] > 0
    print(count, "baskets,", discounted, "with discounts,", taxed, "with added taxes,", listed,
          "with prices of lists, by currency:", currencies)
    if count > 1000 and (listed * 10 < count or len(currencies) < 3):
        print("too few of some kind")
        return 1
    return 0


sys.exit(main())
