// The words and rules are original work.

#include "actors/user/common_password_rules.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

namespace stoa::user {

namespace {

/// Base words, the most common ones first within each group.
constexpr std::string_view words[] = {
    "password",    "passwort",   "passw0rd",    "pass",          "passwd",     "passe",
    "motdepasse",  "contrasena", "senha",       "parola",        "wachtwoord", "haslo",
    "parool",      "salasana",   "admin",       "administrator", "root",       "user",
    "guest",       "test",       "testing",     "tester",        "demo",       "login",
    "logon",       "master",     "manager",     "operator",      "service",    "server",
    "system",      "access",     "security",    "secure",        "secret",     "private",
    "default",     "changeme",   "temporary",   "temp",          "letmein",    "welcome",
    "willkommen",  "bienvenue",  "bienvenido",  "hello",         "goodbye",    "nothing",
    "whatever",    "something",  "anything",    "nobody",        "someone",    "forever",
    "always",      "never",      "computer",    "internet",      "network",    "windows",
    "linux",       "ubuntu",     "laptop",      "keyboard",      "monitor",    "program",
    "developer",   "software",   "hacker",      "google",        "facebook",   "twitter",
    "instagram",   "youtube",    "yahoo",       "hotmail",       "gmail",      "microsoft",
    "apple",       "iphone",     "android",     "samsung",       "nokia",      "sony",
    "dell",        "toshiba",    "oracle",      "cisco",         "database",   "mysql",
    "postgres",    "website",    "office",      "work",          "company",    "business",
    "student",     "teacher",    "school",      "college",       "university", "iloveyou",
    "ilovehim",    "iloveher",   "ilovegod",    "iloveme",       "loveyou",    "lovely",
    "love",        "lover",      "loveme",      "mylove",        "honey",      "sweetheart",
    "sweety",      "sweetie",    "baby",        "babygirl",      "babyboy",    "angel",
    "angels",      "darling",    "princess",    "prince",        "queen",      "king",
    "beautiful",   "pretty",     "cutie",       "happy",         "smile",      "kisses",
    "friend",      "friends",    "bestfriend",  "family",        "mother",     "father",
    "mommy",       "daddy",      "sister",      "brother",       "mamapapa",   "sunshine",
    "summer",      "winter",     "spring",      "autumn",        "flower",     "flowers",
    "rainbow",     "butterfly",  "moonlight",   "midnight",      "thunder",    "lightning",
    "storm",       "diamond",    "crystal",     "silver",        "golden",     "purple",
    "orange",      "yellow",     "green",       "black",         "white",      "blue",
    "pink",        "red",        "football",    "soccer",        "baseball",   "basketball",
    "hockey",      "tennis",     "softball",    "volleyball",    "swimming",   "cricket",
    "rugby",       "wrestling",  "boxing",      "skating",       "champion",   "winner",
    "player",      "gamer",      "arsenal",     "chelsea",       "liverpool",  "manchester",
    "barcelona",   "realmadrid", "juventus",    "bayern",        "dortmund",   "yankees",
    "lakers",      "cowboys",    "steelers",    "eagles",        "packers",    "broncos",
    "raiders",     "patriots",   "dolphins",    "monkey",        "dragon",     "tiger",
    "lion",        "eagle",      "panther",     "wolf",          "bear",       "horse",
    "rabbit",      "kitten",     "kitty",       "puppy",         "doggie",     "doggy",
    "chicken",     "turtle",     "dolphin",     "elephant",      "giraffe",    "spider",
    "scorpion",    "falcon",     "phoenix",     "unicorn",       "dinosaur",   "penguin",
    "hamster",     "superman",   "batman",      "spiderman",     "ironman",    "wonderwoman",
    "starwars",    "startrek",   "pokemon",     "pikachu",       "naruto",     "matrix",
    "terminator",  "simpsons",   "hellokitty",  "mickey",        "minnie",     "snoopy",
    "garfield",    "tinkerbell", "cinderella",  "gandalf",       "merlin",     "yoda",
    "jedi",        "mustang",    "corvette",    "ferrari",       "porsche",    "mercedes",
    "bmw",         "audi",       "toyota",      "honda",         "yamaha",     "harley",
    "suzuki",      "camaro",     "chevrolet",   "metallica",     "nirvana",    "slipknot",
    "eminem",      "beatles",    "blink182",    "linkinpark",    "guitar",     "music",
    "rockstar",    "rocknroll",  "dancer",      "dance",         "chocolate",  "cookie",
    "cookies",     "banana",     "apples",      "cherry",        "strawberry", "peaches",
    "cheese",      "pizza",      "coffee",      "pepper",        "ginger",     "sugar",
    "candy",       "jesus",      "jesuschrist", "heaven",        "blessed",    "faith",
    "angelina",    "gabriel",    "trustno1",    "freedom",       "peace",      "destiny",
    "fantasy",     "mystery",    "victory",     "killer",        "hunter",     "ranger",
    "soldier",     "warrior",    "fighter",     "pirate",        "ninja",      "samurai",
    "knight",      "wizard",     "shadow",      "ghost",         "demon",      "devil",
    "lucifer",     "london",     "paris",       "berlin",        "madrid",     "america",
    "canada",      "mexico",     "brasil",      "germany",       "england",    "france",
    "italia",      "india",      "australia",   "newyork",       "chicago",    "boston",
    "dallas",      "texas",      "florida",     "california",    "brooklyn",   "hollywood",
    "january",     "february",   "march",       "april",         "august",     "september",
    "october",     "november",   "december",    "monday",        "friday",     "sunday",
    "money",       "dollar",     "lucky",       "casino",        "poker",      "blackjack",
    "maverick",    "cowboy",     "bandit",      "rebel",         "legend",     "phantom",
    "thunderbird", "qwerty",     "qwertz",      "azerty",        "asdfgh",     "asdfghjk",
    "zxcvbn",      "zxcv",       "asdf",        "qwer",          "qazwsx",     "qweasd",
    "qweasdzxc",   "abc",        "abcd",        "abcde",         "abcdef",     "aaa",
    "xxx",         "nintendo",   "playstation", "xbox",          "minecraft",  "fortnite",
    "roblox",      "warcraft",   "starcraft",   "counterstrike", "michael",    "jennifer",
    "michelle",    "jessica",    "ashley",      "amanda",        "samantha",   "elizabeth",
    "victoria",    "stephanie",  "nicole",      "daniel",        "andrew",     "joshua",
    "matthew",     "anthony",    "christopher", "jonathan",      "alexander",  "alexandra",
    "william",     "robert",     "thomas",      "charlie",       "charles",    "richard",
    "jordan",      "justin",     "brandon",     "tyler",         "austin",     "dakota",
    "george",      "patrick",    "steven",      "edward",        "kevin",      "brian",
    "jason",       "james",      "john",        "david",         "joseph",     "peter",
    "paul",        "mark",       "maria",       "marie",         "anna",       "hannah",
    "sarah",       "laura",      "julia",       "sophie",        "sophia",     "olivia",
    "emily",       "emma",       "isabella",    "natalie",       "natasha",    "rebecca",
    "rachel",      "melissa",    "vanessa",     "jasmine",       "heather",    "tiffany",
    "amber",       "brittany",   "courtney",    "danielle",      "andrea",     "patricia",
    "barbara",     "sandra",     "angela",      "monica",        "veronica",   "claudia",
    "caroline",    "christine",  "christina",   "katherine",     "catherine",  "valerie",
    "valentina",   "carlos",     "miguel",      "alejandro",     "fernando",   "ricardo",
    "eduardo",     "sebastian",  "francisco",   "antonio",       "roberto",    "mariana",
    "daniela",     "gabriela",   "alex",        "max",           "sam",        "ben",
    "tom",         "nick",       "chris",       "mike",          "dave",       "steve",
    "joe",         "lisa",       "lucy",        "kate",          "jack",       "harry",
    "oliver",      "oscar",      "leon",        "lukas",         "felix",      "simon",
    "martin",      "stefan",     "thorsten",    "andreas",       "klaus",      "hans",
    "pierre",      "nicolas",    "sergey",      "dmitri",        "ivan",       "natalia",
    "svetlana",    "mohammed",   "ahmed",       "fatima",        "ali",        "omar",
    "hassan",      "rahul",      "priya",       "krishna",       "ganesh",     "buddy",
    "bailey",      "buster",     "cooper",      "maggie",        "molly",      "sadie",
    "bella",       "daisy",      "rocky",       "toby",          "zeus",       "apollo",
    "athena",      "hercules"};
/// Suffixes of words: the most common ones, and less common ones.
constexpr std::string_view suffixes_first[] = {"",  "1",     "123", "12", "1234",
                                               "!", "12345", "01",  "2"};
constexpr std::string_view suffixes_later[] = {"123456", "1!", "123!",  "@123", "11",  "69",  "99",
                                               "007",    "21", "22",    "23",   "10",  "13",  "77",
                                               "88",     "00", "3",     "7",    "321", "111", ".",
                                               "?",      "!!", "1234!", "#1",   "666", "777"};
/// Keyboard walks and mixtures that the rules do not generate.
constexpr std::string_view walks[] = {"1q2w3e4r",
                                      "1q2w3e4r5t",
                                      "1q2w3e4r5t6y",
                                      "1q2w3e",
                                      "q1w2e3r4",
                                      "q1w2e3r4t5",
                                      "q1w2e3",
                                      "1qaz2wsx",
                                      "1qaz2wsx3edc",
                                      "1qazxsw2",
                                      "zaq12wsx",
                                      "zaq1zaq1",
                                      "1qaz1qaz",
                                      "2wsx3edc",
                                      "qazwsxedc",
                                      "qazwsx123",
                                      "qazxsw",
                                      "zaqwsx",
                                      "1a2s3d4f",
                                      "a1s2d3f4",
                                      "1z2x3c4v",
                                      "z1x2c3v4",
                                      "a1b2c3d4",
                                      "1a2b3c4d",
                                      "1a2b3c",
                                      "abc123",
                                      "abcd1234",
                                      "abc12345",
                                      "abc123456",
                                      "abcd12345",
                                      "1234abcd",
                                      "123abc",
                                      "qwer1234",
                                      "asdf1234",
                                      "zxcv1234",
                                      "1234qwer",
                                      "1234asdf",
                                      "123qwe",
                                      "123qweasd",
                                      "123qweasdzxc",
                                      "qwe123",
                                      "qweasd123",
                                      "asd123",
                                      "asdasd",
                                      "asdasdasd",
                                      "qweqwe",
                                      "qweqweqwe",
                                      "zxczxc",
                                      "aaa111",
                                      "aaaa1111",
                                      "asdfasdf",
                                      "qwerqwer",
                                      "zxcvzxcv",
                                      "asdf1111",
                                      "qwertyui",
                                      "asdfghjkl",
                                      "zxcvbnm",
                                      "zxcvbnm123",
                                      "mnbvcxz",
                                      "lkjhgfdsa",
                                      "poiuytrewq",
                                      "qwertyuiop123",
                                      "0okm9ijn",
                                      "3edc4rfv",
                                      "1q1q1q1q",
                                      "!qaz2wsx",
                                      "!qaz@wsx",
                                      "1qaz@wsx",
                                      "qwaszx",
                                      "qwerty12345",
                                      "p@ssword",
                                      "p@ssw0rd",
                                      "pa$$word",
                                      "pa$$w0rd",
                                      "pa55word",
                                      "pa55w0rd",
                                      "adm1n",
                                      "@dmin",
                                      "1password",
                                      "123password",
                                      "12345password",
                                      "mypassword",
                                      "thepassword",
                                      "password1password",
                                      "letmein1",
                                      "iloveyou2",
                                      "ncc1701",
                                      "r2d2c3po",
                                      "4815162342",
                                      "tigger",
                                      "biteme",
                                      "taylor",
                                      "gfhjkm",
                                      "hunter2",
                                      "correcthorsebatterystaple",
                                      "changeit",
                                      "changeme123",
                                      "test1234",
                                      "test12345",
                                      "testtest",
                                      "temp1234",
                                      "welcome01",
                                      "drowssap",
                                      "nimda",
                                      "toor",
                                      "1111aaaa",
                                      "11111111a"};
/// Patterns of the number pad and other well-known numbers.
constexpr std::string_view numbers[] = {
    "147258369",    "147258",      "159357",        "159753",     "789456123",    "741852963",
    "963852741",    "456789123",   "123654789",     "123654",     "321654987",    "852456",
    "123321",       "112233",      "1234",          "1234554321", "123454321",    "12344321",
    "12341234",     "43214321",    "11223344",      "1122334455", "112233445566", "11112222",
    "22221111",     "12121212",    "13131313",      "10203040",   "1020304050",   "102030",
    "123456789123", "12345678910", "1234567890123", "1357924680", "2468013579",   "13579",
    "24680",        "135792468",   "31415926",      "314159265",  "27182818",     "10101010",
    "01010101",     "00000000",    "007007007",     "69696969",   "20202020",     "55555555",
    "8675309",      "5201314",     "1314520",       "110110",     "911911",       "112112",
    "123123123",    "321321321",   "456456456",     "789789789",  "987654321",    "0987654321",
    "9876543210",   "1029384756",  "1472583690",    "0123456789", "12345679",     "123456788",
    "1234567899",   "12345678900", "23456789",      "34567890",   "45678901",     "121212",
    "131313",       "252525",      "232323"};
/// Keyboard rows and the alphabet; parts of them are used in both directions.
constexpr std::string_view rows[] = {
    "1234567890", "0123456789", "qwertyuiop", "asdfghjkl",  "zxcvbnm",
    "qwertzuiop", "yxcvbnm",    "azertyuiop", "qsdfghjklm", "abcdefghijklmnopqrstuvwxyz"};
/// Sets of letter substitutions, each applied separately.
struct disguise {
  std::string_view from;
  std::string_view to;
};
constexpr disguise disguises[] = {
    {"o", "0"}, {"a", "@"}, {"ao", "@0"}, {"aso", "@$0"}, {"a", "4"},       {"e", "3"}, {"i", "1"},
    {"s", "$"}, {"s", "5"}, {"as", "@$"}, {"eo", "30"},   {"aeio", "4310"}, {"i", "!"}, {"l", "1"}};
constexpr std::string_view disguised_suffixes[] = {"", "1", "123", "!", "12", "1234"};
constexpr std::string_view prefixes[] = {"my", "the", "1", "123", "ilove", "super", "new", "i"};

constexpr std::size_t row_part_min = 5;
constexpr std::size_t row_part_max = 12;
constexpr std::size_t repeats_min = 4;
constexpr std::size_t repeats_max = 12;
constexpr int year_min = 1950;
constexpr int year_max = 2026;
constexpr int recent_year_min = 2015;
/// Number of words with letter substitutions that come before the less common suffixes.
constexpr std::size_t disguised_words = 60;
constexpr std::string_view seasons[] = {
    "spring", "summer", "autumn", "fall", "winter",    "january", "february", "march",    "april",
    "june",   "july",   "august", "sept", "september", "october", "november", "december", "covid"};

/// Passes candidates on until one is rejected.
class maker {
 public:
  explicit maker(const std::function<bool(std::string_view)>& take) : take_(take) {}

  void all() {
    listed();
    rows_in_parts();
    digits_repeated();
    years();
    words_with(suffixes_first);
    words_disguised(disguised_words);
    words_with_years();
    words_with(suffixes_later);
    words_disguised(std::size(words));
    words_twice();
    words_prefixed();
  }

 private:
  bool offer(std::string_view candidate) {
    if (go_on_) go_on_ = take_(candidate);
    return go_on_;
  }

  void listed() {
    for (const auto w : walks) offer(w);
    for (const auto n : numbers) offer(n);
  }

  void rows_in_parts() {
    for (const auto row : rows) {
      const std::string forward(row);
      const std::string backward(row.rbegin(), row.rend());
      for (std::size_t length = row_part_min; length <= std::min(row.size(), row_part_max);
           ++length) {
        for (std::size_t at = 0; at + length <= row.size(); ++at) {
          offer(forward.substr(at, length));
          offer(backward.substr(at, length));
        }
      }
      for (const auto s : {"1", "12", "123", "1234", "!"}) offer(forward.substr(0, 10) + s);
    }
  }

  /// 11111111, aaaaaaaa; 12121212 of every pair; 123123123 of every three that count up or down.
  void digits_repeated() {
    for (const std::string_view all : {"0123456789", "abcdefghijklmnopqrstuvwxyz"}) {
      for (const char c : all) {
        for (std::size_t n = repeats_min; n <= repeats_max; ++n) offer(std::string(n, c));
      }
    }
    for (int pair = 0; pair < 100 && go_on_; ++pair) {
      const std::string two{static_cast<char>('0' + pair / 10), static_cast<char>('0' + pair % 10)};
      offer(two + two + two);
      offer(two + two + two + two);
      offer(two + two + two + two + two);
    }
    for (int three = 0; three < 1000 && go_on_; ++three) {
      auto digits = std::to_string(three);
      digits.insert(0, 3 - digits.size(), '0');
      offer(digits + digits);
      if (digits[1] - digits[0] == digits[2] - digits[1]) offer(digits + digits + digits);
    }
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      for (const std::string_view row : {"1234567", "12345678", "123456789", "123456", "12345"}) {
        offer(std::string(1, letter) + std::string(row));
        offer(std::string(row) + letter);
      }
    }
  }

  void words_with(std::span<const std::string_view> suffixes) {
    for (const auto suffix : suffixes) {
      for (const auto word : words) {
        if (!offer(std::string(word) + std::string(suffix))) return;
      }
    }
  }

  /// summer2026!, as used where passwords must be changed every season.
  void words_with_years() {
    for (int y = year_max; y >= recent_year_min; --y) {
      for (const auto word : std::span(words).first(disguised_words)) {
        offer(std::string(word) + std::to_string(y));
      }
      for (const auto word : seasons) {
        offer(std::string(word) + std::to_string(y));
        offer(std::string(word) + std::to_string(y) + "!");
      }
    }
  }

  /// P@ssw0rd.
  void words_disguised(std::size_t words_max) {
    for (const auto& d : disguises) {
      for (const auto word : std::span(words).first(words_max)) {
        std::string changed(word);
        for (char& c : changed) {
          const auto at = d.from.find(c);
          if (at != std::string_view::npos) c = d.to[at];
        }
        if (changed == word) continue;
        for (const auto s : disguised_suffixes) {
          if (!offer(changed + std::string(s))) return;
        }
      }
    }
  }

  void words_twice() {
    for (const auto word : words) {
      offer(std::string(word) + std::string(word));
      offer(std::string(word.rbegin(), word.rend()));
    }
  }

  /// 19901990, 01011990, 1990abcd.
  void years() {
    for (int y = year_min; y <= year_max; ++y) {
      const auto year = std::to_string(y);
      for (const auto& made :
           {year + year, "0101" + year, "1234" + year, year + "1234", "3112" + year}) {
        offer(made);
      }
    }
  }

  void words_prefixed() {
    for (const auto p : prefixes) {
      for (const auto word : words) {
        if (!offer(std::string(p) + std::string(word))) return;
      }
    }
  }

  const std::function<bool(std::string_view)>& take_;
  bool go_on_ = true;
};

}  // namespace

void for_each_common_password(const std::function<bool(std::string_view)>& take) {
  maker(take).all();
}

}  // namespace stoa::user
