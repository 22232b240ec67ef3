#pragma once
// Finds payment card numbers in text that people and programs send, so that none is stored, mailed
// or logged. The one implementation: the HTTP front end, the payment service and the log use it.
//
// What counts as a card number (ISO/IEC 7812-1): 13 to 19 digits that begin with the range of a
// card scheme, have one of the lengths of that scheme, and pass the Luhn check.
//
// How the digits are found:
//   - The text is compared in NFKC. Every Unicode decimal digit (category Nd) counts with its
//   value.
//   - Letters end a run of digits. Anything else between two digits (spaces, punctuation, dashes,
//     symbols, marks, invisible characters, modifier letters) does not, however much of it.
//   - A UUID with at least one letter is an identifier and ends a run; its digits are not looked
//   at.
//   - Digits with nothing, or only marks and invisible characters, between them form a group.
//
// Where in a run a card number is looked for:
//   1. the whole run, however its digits are grouped;
//   2. each group, and the group without its first or without its last digit: so a number is found
//      that is followed by its expiry date, stands beside a phone number or has a digit too many;
//   3. groups that follow one another in the manner of cards: of the same size or of multiples of
//      four digits, with a rest at the end; 4-6-4, 4-6-5, 6-13. If the whole run is grouped so,
//      also without its first or without its last digit.
// Two or more additional digits without anything between them and the number hide it. Looking at
// every window of long runs would reject a third of the reference numbers of 20 digits and more:
// see tests/unit/card_number_test.cpp for the rates of both errors.
//
// A run right behind a '+' is a phone number (E.164): the 13 digits of old Visa cards are not
// looked for in it, or a tenth of the German ones would be rejected.

#include <cstdint>
#include <string_view>

namespace stoa::card {

/// True when the text holds a card number. Takes linear time and allocates nothing; bytes that are
/// not UTF-8 separate like punctuation.
bool holds_number(std::string_view text);
/// The same for an integer's decimal digits.
bool holds_number(std::uint64_t number);
bool holds_number(std::int64_t number);

/// False only for a text, or a JSON document with any escapes, that is certain to hold no card
/// number. Much cheaper than the search itself.
bool may_hold_number(std::string_view text);

}  // namespace stoa::card
