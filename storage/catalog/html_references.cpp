#include "storage/catalog/html_references.hpp"

#include <charconv>
#include <unordered_map>

namespace stoa::catalog {

namespace {

/// Names and code points of the character references of HTML 4, and of those of HTML 5 for Latin
/// and Cyrillic letters, punctuation and spaces.
constexpr std::string_view entity_names =
    "AElig c6 AMP 26 Aacute c1 Abreve 102 Acirc c2 Acy 410 Agrave c0 Alpha 391 Amacr 100 "
    "Aogon 104 Aring c5 Atilde c3 Auml c4 Bcy 411 Beta 392 CHcy 427 COPY a9 Cacute 106 "
    "Ccaron 10c Ccedil c7 Ccirc 108 Cdot 10a CenterDot b7 Chi 3a7 CloseCurlyDoubleQuote 201d "
    "CloseCurlyQuote 2019 DJcy 402 DScy 405 DZcy 40f Dagger 2021 Dcaron 10e Dcy 414 Delta 394 "
    "Dstrok 110 ENG 14a ETH d0 Eacute c9 Ecaron 11a Ecirc ca Ecy 42d Edot 116 Egrave c8 "
    "Emacr 112 Eogon 118 Epsilon 395 Eta 397 Euml cb Fcy 424 GJcy 403 GT 3e Gamma 393 "
    "Gbreve 11e Gcedil 122 Gcirc 11c Gcy 413 Gdot 120 HARDcy 42a Hcirc 124 Hstrok 126 IEcy 415 "
    "IJlig 132 IOcy 401 Iacute cd Icirc ce Icy 418 Idot 130 Igrave cc Imacr 12a Iogon 12e "
    "Iota 399 Itilde 128 Iukcy 406 Iuml cf Jcirc 134 Jcy 419 Jsercy 408 Jukcy 404 KHcy 425 "
    "KJcy 40c Kappa 39a Kcedil 136 Kcy 41a LJcy 409 LT 3c Lacute 139 Lambda 39b Lcaron 13d "
    "Lcedil 13b Lcy 41b Lmidot 13f Lstrok 141 Mcy 41c MediumSpace 205f Mu 39c NJcy 40a "
    "Nacute 143 Ncaron 147 Ncedil 145 Ncy 41d NewLine a NonBreakingSpace a0 Ntilde d1 Nu 39d "
    "OElig 152 Oacute d3 Ocirc d4 Ocy 41e Odblac 150 Ograve d2 Omacr 14c Omega 3a9 Omicron 39f "
    "OpenCurlyDoubleQuote 201c OpenCurlyQuote 2018 Oslash d8 Otilde d5 Ouml d6 OverBar 203e "
    "Pcy 41f Phi 3a6 Pi 3a0 Prime 2033 Psi 3a8 QUOT 22 REG ae Racute 154 Rcaron 158 Rcedil 156 "
    "Rcy 420 Rho 3a1 SHCHcy 429 SHcy 428 SOFTcy 42c Sacute 15a Scaron 160 Scedil 15e Scirc 15c "
    "Scy 421 Sigma 3a3 THORN de TRADE 2122 TSHcy 40b TScy 426 Tab 9 Tau 3a4 Tcaron 164 "
    "Tcedil 162 Tcy 422 Theta 398 ThinSpace 2009 Tstrok 166 Uacute da Ubrcy 40e Ubreve 16c "
    "Ucirc db Ucy 423 Udblac 170 Ugrave d9 Umacr 16a UnderBar 5f Uogon 172 Upsilon 3a5 "
    "Uring 16e Utilde 168 Uuml dc Vcy 412 Verbar 2016 Vert 2016 VeryThinSpace 200a Wcirc 174 "
    "Xi 39e YAcy 42f YIcy 407 YUcy 42e Yacute dd Ycirc 176 Ycy 42b Yuml 178 ZHcy 416 "
    "Zacute 179 Zcaron 17d Zcy 417 Zdot 17b ZeroWidthSpace 200b Zeta 396 aacute e1 abreve 103 "
    "acirc e2 acute b4 acy 430 aelig e6 agrave e0 alefsym 2135 alpha 3b1 amacr 101 amp 26 "
    "and 2227 ang 2220 aogon 105 apos 27 aring e5 ast 2a asymp 2248 atilde e3 auml e4 "
    "backprime 2035 bcy 431 bdquo 201e beta 3b2 bprime 2035 brvbar a6 bsemi 204f bsol 5c "
    "bull 2022 bullet 2022 cacute 107 cap 2229 caret 2041 ccaron 10d ccedil e7 ccirc 109 "
    "cdot 10b cedil b8 cent a2 centerdot b7 chcy 447 chi 3c7 circ 2c6 clubs 2663 colon 3a "
    "comma 2c commat 40 cong 2245 copy a9 crarr 21b5 cup 222a curren a4 dArr 21d3 dagger 2020 "
    "darr 2193 dash 2010 dcaron 10f dcy 434 ddagger 2021 deg b0 delta 3b4 diams 2666 divide f7 "
    "djcy 452 dollar 24 dscy 455 dstrok 111 dzcy 45f eacute e9 ecaron 11b ecirc ea ecy 44d "
    "edot 117 egrave e8 emacr 113 empty 2205 emsp 2003 emsp13 2004 emsp14 2005 eng 14b "
    "ensp 2002 eogon 119 epsilon 3b5 equals 3d equiv 2261 eta 3b7 eth f0 euml eb euro 20ac "
    "excl 21 exist 2203 fcy 444 fnof 192 forall 2200 frac12 bd frac13 2153 frac14 bc "
    "frac23 2154 frac34 be frasl 2044 gamma 3b3 gbreve 11f gcirc 11d gcy 433 gdot 121 ge 2265 "
    "gjcy 453 grave 60 gt 3e hArr 21d4 hairsp 200a half bd hardcy 44a harr 2194 hcirc 125 "
    "hearts 2665 hellip 2026 horbar 2015 hstrok 127 hybull 2043 hyphen 2010 iacute ed icirc ee "
    "icy 438 iecy 435 iexcl a1 igrave ec ijlig 133 imacr 12b image 2111 imath 131 infin 221e "
    "inodot 131 int 222b iocy 451 iogon 12f iota 3b9 iquest bf isin 2208 itilde 129 iukcy 456 "
    "iuml ef jcirc 135 jcy 439 jsercy 458 jukcy 454 kappa 3ba kcedil 137 kcy 43a kgreen 138 "
    "khcy 445 kjcy 45c lArr 21d0 lacute 13a lambda 3bb lang 2329 laquo ab larr 2190 lbrace 7b "
    "lbrack 5b lcaron 13e lcedil 13c lceil 2308 lcub 7b lcy 43b ldquo 201c ldquor 201e le 2264 "
    "lfloor 230a ljcy 459 lmidot 140 lowast 2217 lowbar 5f loz 25ca lpar 28 lrm 200e "
    "lsaquo 2039 lsqb 5b lsquo 2018 lsquor 201a lstrok 142 lt 3c macr af mcy 43c mdash 2014 "
    "micro b5 midast 2a middot b7 minus 2212 mldr 2026 mu 3bc nabla 2207 nacute 144 napos 149 "
    "nbsp a0 ncaron 148 ncedil 146 ncy 43d ndash 2013 ne 2260 ni 220b njcy 45a nldr 2025 "
    "not ac notin 2209 nsub 2284 ntilde f1 nu 3bd num 23 numero 2116 numsp 2007 oacute f3 "
    "ocirc f4 ocy 43e odblac 151 oelig 153 ograve f2 oline 203e omacr 14d omega 3c9 "
    "omicron 3bf oplus 2295 or 2228 ordf aa ordm ba oslash f8 otilde f5 otimes 2297 ouml f6 "
    "para b6 part 2202 pcy 43f percnt 25 period 2e permil 2030 perp 22a5 pertenk 2031 phi 3c6 "
    "pi 3c0 piv 3d6 plus 2b plusmn b1 pound a3 prime 2032 prod 220f prop 221d psi 3c8 "
    "puncsp 2008 qprime 2057 quest 3f quot 22 rArr 21d2 racute 155 radic 221a rang 232a "
    "raquo bb rarr 2192 rbrace 7d rbrack 5d rcaron 159 rcedil 157 rceil 2309 rcub 7d rcy 440 "
    "rdquo 201d rdquor 201d real 211c reg ae rfloor 230b rho 3c1 rlm 200f rpar 29 rsaquo 203a "
    "rsqb 5d rsquo 2019 rsquor 2019 sacute 15b sbquo 201a scaron 161 scedil 15f scirc 15d "
    "scy 441 sdot 22c5 sect a7 semi 3b shchcy 449 shcy 448 shy ad sigma 3c3 sigmaf 3c2 "
    "sim 223c softcy 44c sol 2f spades 2660 sub 2282 sube 2286 sum 2211 sup 2283 sup1 b9 "
    "sup2 b2 sup3 b3 supe 2287 szlig df tau 3c4 tcaron 165 tcedil 163 tcy 442 there4 2234 "
    "theta 3b8 thetasym 3d1 thinsp 2009 thorn fe tilde 2dc times d7 tprime 2034 trade 2122 "
    "tscy 446 tshcy 45b tstrok 167 uArr 21d1 uacute fa uarr 2191 ubrcy 45e ubreve 16d ucirc fb "
    "ucy 443 udblac 171 ugrave f9 umacr 16b uml a8 uogon 173 upsih 3d2 upsilon 3c5 uring 16f "
    "utilde 169 uuml fc vcy 432 wcirc 175 weierp 2118 xi 3be yacute fd yacy 44f ycirc 177 "
    "ycy 44b yen a5 yicy 457 yucy 44e yuml ff zacute 17a zcaron 17e zcy 437 zdot 17c zeta 3b6 "
    "zhcy 436 zwj 200d zwnj 200c ";

/// Maximum length of a name or number.
constexpr std::size_t reference_bytes_max = 32;
constexpr char32_t code_point_max = 0x10FFFF;

using table = std::unordered_map<std::string_view, char32_t>;

table read_table() {
  table known;
  for (std::string_view rest = entity_names; !rest.empty();) {
    const auto space = rest.find(' ');
    const auto end = rest.find(' ', space + 1);
    std::uint32_t code = 0;
    std::from_chars(rest.data() + space + 1, rest.data() + end, code, 16);
    known.emplace(rest.substr(0, space), static_cast<char32_t>(code));
    rest.remove_prefix(end + 1);
  }
  return known;
}

/// The part after "&#", such as "233" or "xE9".
char32_t number_of(std::string_view digits) {
  const bool hex = digits.starts_with('x') || digits.starts_with('X');
  if (hex) digits.remove_prefix(1);
  std::uint32_t code = 0;
  const char* end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, code, hex ? 16 : 10);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (digits.empty() || error != std::errc{} || at != end || surrogate || code > code_point_max) {
    return 0;
  }
  return code;
}

}  // namespace

html_reference read_reference(std::string_view text) {
  static const table known = read_table();
  const auto end = text.substr(0, reference_bytes_max + 2).find(';');
  if (end == std::string_view::npos || end < 2) return {};
  const auto name = text.substr(1, end - 1);
  if (name[0] == '#') {
    const auto code = number_of(name.substr(1));
    return code == 0 ? html_reference{} : html_reference{code, end + 1};
  }
  const auto found = known.find(name);
  return found == known.end() ? html_reference{} : html_reference{found->second, end + 1};
}

}  // namespace stoa::catalog
