#include "storage/catalog/search_words.hpp"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <unordered_map>

namespace stoa::catalog {

namespace {

constexpr std::size_t word_bytes_max = 64;  ///< longer words are truncated
/// Minimum prefix length of a search's only word: one letter would match half of the store. After
/// other words one letter is enough (10 ms for 50,000 products; two letters take 1 ms), so that
/// results stay while a word is being typed.
constexpr std::size_t only_prefix_points_min = 2;
constexpr std::size_t parts_max = 8;   ///< of a compound; a longer one is split
constexpr std::size_t pairs_max = 32;  ///< per run without spaces in a query

void check(UErrorCode status, const char* what) {
  if (U_FAILURE(status)) throw std::runtime_error(std::string(what) + ": " + u_errorName(status));
}

// --- folding -------------------------------------------------------------------------------------

UScriptCode script_of(char32_t c) {
  UErrorCode status = U_ZERO_ERROR;
  return uscript_getScript(static_cast<UChar32>(c), &status);
}

/// Latin letters without a decomposition into ASCII letters, and their transliteration in CLDR
/// (Latin-ASCII).
using letters = std::unordered_map<char32_t, std::u32string>;
letters read_letters() {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::Transliterator> ascii(
      icu::Transliterator::createInstance("Latin-ASCII", UTRANS_FORWARD, status));
  check(status, "ICU's transliteration Latin-ASCII");
  letters known;
  for (char32_t c = 0xC0; c < 0xA800; ++c) {
    if (script_of(c) != USCRIPT_LATIN || u_isalpha(static_cast<UChar32>(c)) == 0) continue;
    icu::UnicodeString text(static_cast<UChar32>(c));
    ascii->transliterate(text);
    std::u32string becomes;
    for (std::int32_t i = 0; i < text.length(); ++i) {
      const auto one = u_tolower(text.charAt(i));
      if (one < 'a' || one > 'z') break;
      becomes += static_cast<char32_t>(one);
    }
    if (!becomes.empty() && becomes.size() == static_cast<std::size_t>(text.length())) {
      known.emplace(c, std::move(becomes));
    }
  }
  return known;
}

/// Whether the mark is ignored on a letter of the script.
bool is_ignored(UChar32 mark, UScriptCode script) {
  if (u_charType(mark) != U_NON_SPACING_MARK) return false;
  switch (script) {
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_ARABIC:
    case USCRIPT_HEBREW:
      return true;
    case USCRIPT_CYRILLIC:  // ё and stress, but й is not и
      return mark == 0x300 || mark == 0x301 || mark == 0x308;
    default:
      return false;
  }
}

const icu::Normalizer2& form(const icu::Normalizer2* (*get)(UErrorCode&)) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* found = get(status);
  check(status, "ICU's normalization");
  return *found;
}

icu::UnicodeString normalized(const icu::Normalizer2& to, const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  auto made = to.normalize(text, status);
  check(status, "ICU's normalization");
  return made;
}

/// Removes signs whose compatibility forms are letters: "Stoa™" must not become "stoatm".
icu::UnicodeString without_signs(std::string_view text) {
  auto made = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  for (std::int32_t i = 0; i < made.length(); ++i) {
    const auto c = made.charAt(i);
    if (c == 0x2120 || c == 0x2122) made.setCharAt(i, ' ');
  }
  return made;
}

std::u32string folded(std::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<signed char>(c) >= 0; });
  std::u32string out;
  out.reserve(text.size());
  if (ascii) {
    for (const char c : text) out += static_cast<char32_t>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return out;
  }
  static const auto& casefold = form(&icu::Normalizer2::getNFKCCasefoldInstance);
  static const auto& decompose = form(&icu::Normalizer2::getNFDInstance);
  static const auto& compose = form(&icu::Normalizer2::getNFCInstance);
  static const letters latin = read_letters();
  const auto parts = normalized(decompose, normalized(casefold, without_signs(text)));
  icu::UnicodeString kept;
  auto script = USCRIPT_COMMON;  // of the letter before the marks
  for (std::int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1)) {
    const auto c = parts.char32At(i);
    if ((U_GET_GC_MASK(c) & U_GC_M_MASK) == 0) {
      script = script_of(static_cast<char32_t>(c));
    } else if (is_ignored(c, script)) {
      continue;
    }
    kept.append(c);
  }
  const auto whole = normalized(compose, kept);
  for (std::int32_t i = 0; i < whole.length(); i = whole.moveIndex32(i, 1)) {
    const auto c = static_cast<char32_t>(whole.char32At(i));
    const auto known = c < 0x80 ? latin.end() : latin.find(c);
    if (known == latin.end()) {
      out += c;
    } else {
      out += known->second;
    }
  }
  return out;
}

// --- pieces of a text ----------------------------------------------------------------------------

enum class kind { gap, joint, letter, run, follower };

/// Separators in a compound: hyphens, apostrophes and similar characters.
bool is_joint(char32_t c) {
  static constexpr std::u32string_view joints =
      U"-'.&_/+\u001f\u00b7\u02bc\u2010\u2011\u2012\u2013\u2018\u2019\u2044\u2212";
  return joints.find(c) != std::u32string_view::npos;
}

bool is_digit(char32_t c) {
  return u_isdigit(static_cast<UChar32>(c)) != 0;
}

/// "2.0" and "1/2" are not also matched as one word.
bool parts_numbers(char32_t joint, char32_t before, char32_t after) {
  return (joint == '.' || joint == '/' || joint == 0x2044) && is_digit(before) && is_digit(after);
}

kind kind_of(char32_t c) {
  if (c < 0x80) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    return letter ? kind::letter : is_joint(c) ? kind::joint : kind::gap;
  }
  if (is_joint(c)) return kind::joint;
  const auto mask = U_GET_GC_MASK(static_cast<UChar32>(c));
  if ((mask & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) == 0) return kind::gap;
  const auto script = script_of(c);
  if (script == USCRIPT_HANGUL || uscript_breaksBetweenLetters(script) != 0) return kind::run;
  const bool of_any = script == USCRIPT_COMMON || script == USCRIPT_INHERITED;
  // Such as the Japanese prolonged sound mark, which belongs to the preceding character.
  const bool follows = (mask & (U_GC_M_MASK | U_GC_LM_MASK)) != 0;
  return of_any && follows ? kind::follower : kind::letter;
}

struct piece {
  std::u32string text;
  bool run = false;     ///< of a script without spaces
  bool joined = false;  ///< separated by a single joint from the previous piece
};

std::vector<piece> pieces_of(std::string_view text) {
  std::vector<piece> pieces;
  piece open;
  std::u32string between;  // the text between the last piece and this one
  const auto close = [&] {
    if (open.text.empty()) return;
    open.joined = !pieces.empty() && between.size() == 1 && is_joint(between[0]) &&
                  !parts_numbers(between[0], pieces.back().text.back(), open.text[0]);
    pieces.push_back(std::move(open));
    open = {};
    between.clear();
  };
  for (const char32_t c : folded(text)) {
    auto k = kind_of(c);
    if (k == kind::follower) k = open.run ? kind::run : kind::letter;
    if (k == kind::gap || k == kind::joint) {
      close();
      if (between.size() < 2) between += c;
      continue;
    }
    const bool run = k == kind::run;
    if (!open.text.empty() && open.run != run) close();
    open.run = run;
    open.text += c;
  }
  close();
  return pieces;
}

// --- words ---------------------------------------------------------------------------------------

std::string utf8_of(std::u32string_view points) {
  std::string out;
  for (const char32_t c : points) {
    char bytes[U8_MAX_LENGTH];
    std::int32_t length = 0;
    U8_APPEND_UNSAFE(bytes, length, static_cast<UChar32>(c));
    if (out.size() + static_cast<std::size_t>(length) > word_bytes_max) break;
    out.append(bytes, static_cast<std::size_t>(length));
  }
  return out;
}

using piece_span = std::vector<piece>::const_iterator;

/// The end of the compound that starts at `first`.
piece_span compound_end(piece_span first, piece_span end) {
  if (first->run) return first + 1;
  auto last = first + 1;
  while (last != end && !last->run && last->joined &&
         static_cast<std::size_t>(last - first) < parts_max) {
    ++last;
  }
  return last;
}

/// Concatenates parts of a compound.
std::u32string joined(piece_span first, piece_span last) {
  std::u32string whole;
  for (; first != last; ++first) whole += first->text;
  return whole;
}

void add_word(std::string& to, const std::string& word) {
  if (!to.empty()) to += ' ';
  to += word;
}

void index_run(const std::u32string& run, std::string& to) {
  for (std::size_t i = 0; i < run.size(); ++i) add_word(to, utf8_of(run.substr(i, 2)));
}

void index_compound(piece_span first, piece_span last, std::string& to) {
  for (auto p = first; p != last; ++p) add_word(to, utf8_of(p->text));
  const auto parts = last - first;
  if (parts < 2) return;
  add_word(to, utf8_of(joined(first, last)));
  for (auto p = first; parts > 2 && p + 1 != last; ++p) add_word(to, utf8_of(joined(p, p + 2)));
}

/// `prefix_points_min`: minimum length for which the word may be a prefix; 0: never.
search_term term_of(const std::u32string& word, std::size_t prefix_points_min) {
  return {{utf8_of(word)}, prefix_points_min > 0 && word.size() >= prefix_points_min};
}

search_word query_run(const std::u32string& run) {
  if (run.size() == 1) return {{{{utf8_of(run)}, true}}};
  search_term all;
  for (std::size_t i = 0; i + 1 < run.size() && i < pairs_max; ++i) {
    all.words.push_back(utf8_of(run.substr(i, 2)));
  }
  return {{std::move(all)}};
}

/// Alternatives for part `at` of a compound: the part or a concatenation with its neighbours.
/// `prefix_points_min`: see term_of; for the end of the compound.
search_word query_part(piece_span first, piece_span at, piece_span last,
                       std::size_t prefix_points_min) {
  search_word word;
  const auto add = [&](piece_span from, piece_span to) {
    word.any_of.push_back(term_of(joined(from, to), to == last ? prefix_points_min : 0));
  };
  add(at, at + 1);
  const auto parts = last - first;
  if (parts > 1) add(first, last);
  if (parts > 2 && at != first) add(at - 1, at + 1);
  if (parts > 2 && at + 1 != last) add(at, at + 2);
  return word;
}

}  // namespace

std::string index_words(std::string_view text) {
  const auto pieces = pieces_of(text);
  std::string words;
  words.reserve(text.size() + text.size() / 4);
  for (auto p = pieces.begin(); p != pieces.end();) {
    const auto end = compound_end(p, pieces.end());
    if (p->run) {
      index_run(p->text, words);
    } else {
      index_compound(p, end, words);
    }
    p = end;
  }
  return words;
}

std::vector<search_word> query_words(std::string_view text) {
  const auto pieces = pieces_of(text);
  std::vector<search_word> words;
  for (auto p = pieces.begin(); p != pieces.end();) {
    const auto end = compound_end(p, pieces.end());
    if (p->run) {
      words.push_back(query_run(p->text));
    } else {
      const std::size_t letters = p == pieces.begin() ? only_prefix_points_min : 1;
      for (auto part = p; part != end; ++part) {
        words.push_back(query_part(p, part, end, end == pieces.end() ? letters : 0));
      }
    }
    p = end;
  }
  if (words.size() > search_words_max) words.resize(search_words_max);
  return words;
}

}  // namespace stoa::catalog
