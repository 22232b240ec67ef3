#pragma once
// Finds payment card numbers in received text to keep them out of databases, mails and logs. Used
// by the HTTP front end, the payment service and the log.
//
// A card number (ISO/IEC 7812-1) has 13 to 19 digits, begins with a prefix of a card scheme, has
// one of that scheme's lengths, and passes the Luhn check.
//
// How the digits are found:
//   - The text is compared in NFKC. Every Unicode decimal digit (category Nd) counts with its
//   value.
//   - Letters end a run of digits. Other characters between two digits (spaces, punctuation,
//     dashes, symbols, marks, invisible characters, modifier letters) do not, in any number.
//   - A UUID with at least one letter ends a run; its digits are ignored.
//   - Digits that are adjacent, or separated only by marks and invisible characters, form a group.
//
// Candidates in a run:
//   1. the whole run, regardless of grouping;
//   2. each group, also without its first or its last digit. This finds a number that is followed
//      by its expiry date, is next to a phone number or has one extra digit;
//   3. consecutive groups as printed on cards: of the same size or of multiples of four digits,
//      with a remainder at the end; 4-6-4, 4-6-5, 6-13. If the whole run is grouped this way, also
//      without its first or its last digit.
// A number with two or more extra digits in its group is not found. Checking every window of long
// runs would reject a third of the reference numbers of 20 digits and more; for the error rates see
// tests/unit/card_number_test.cpp.
//
// A run directly after a '+' is a phone number (E.164). The 13 digits of old Visa cards are not
// searched in it, because this would reject a tenth of the German phone numbers.

#include <cstdint>
#include <string_view>

namespace stoa::card {

/// True if the text contains a card number. Linear time, no allocation; invalid UTF-8 is treated
/// like punctuation.
bool holds_number(std::string_view text);
/// The same for an integer's decimal digits.
bool holds_number(std::uint64_t number);
bool holds_number(std::int64_t number);

/// False only if the text, or JSON document with escapes, certainly contains no card number. Much
/// cheaper than the full search.
bool may_contain_card_number(std::string_view text);

}  // namespace stoa::card
