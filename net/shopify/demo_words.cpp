#include "net/shopify/demo_words.hpp"

#include <array>

namespace stoa::shopify::demo {

namespace {

using text = std::string_view;

constexpr std::array<text, 3> sizes{"Small", "Medium", "Large"};
constexpr std::array<text, 3> room_sizes{"Single", "Double", "King"};
constexpr std::array<text, 3> colours{"Slate", "Sand", "Forest"};
constexpr std::array<text, 3> shoe_sizes{"38", "40", "42"};
constexpr std::array<text, 3> packs{"Single", "Set of 2", "Set of 4"};
constexpr std::array<text, 3> weights{"250 g", "500 g", "1 kg"};

constexpr std::array<text, 5> ceramics{"Stoneware", "Glazed", "Terracotta", "Porcelain",
                                       "Speckled"};
constexpr std::array<text, 5> woods{"Oak", "Walnut", "Beech", "Acacia", "Bamboo"};
constexpr std::array<text, 5> metals{"Copper", "Brass", "Cast-Iron", "Brushed Steel", "Enamelled"};
constexpr std::array<text, 5> fabrics{"Linen", "Cotton", "Wool", "Flannel", "Organic Cotton"};
constexpr std::array<text, 5> hides{"Leather", "Suede", "Canvas", "Waxed Cotton", "Cork"};
constexpr std::array<text, 5> papers{"Recycled", "Dotted", "Ruled", "Hardback", "Pocket"};
constexpr std::array<text, 5> tastes{"Dark Roast", "Honey", "Wild Berry", "Mountain",
                                     "Single-Origin"};
constexpr std::array<text, 5> technics{"Folding", "Lightweight", "All-Weather", "Compact",
                                       "Padded"};
constexpr std::array<text, 5> devices{"Wireless", "Solar", "Rechargeable", "Foldable", "Retro"};

constexpr std::array<item, 6> kitchen{{{"Mug", 9, 24, 380},
                                       {"Serving Bowl", 18, 55, 950},
                                       {"Teapot", 29, 89, 1100},
                                       {"Butter Dish", 14, 39, 620},
                                       {"Dinner Plate", 12, 36, 780},
                                       {"Pitcher", 19, 64, 900}}};
constexpr std::array<item, 5> cookware{{{"Frying Pan", 29, 119, 1800},
                                        {"Saucepan", 25, 99, 1400},
                                        {"Kettle", 35, 129, 1300},
                                        {"Roasting Tray", 22, 79, 1500},
                                        {"Ladle", 8, 29, 160}}};
constexpr std::array<item, 5> bedroom{{{"Duvet Cover", 49, 159, 1300},
                                       {"Throw", 39, 129, 900},
                                       {"Pillowcase", 12, 39, 250},
                                       {"Bedspread", 69, 219, 1900},
                                       {"Fitted Sheet", 25, 89, 800}}};
constexpr std::array<item, 6> furniture{{{"Side Table", 79, 289, 6500},
                                         {"Stool", 59, 189, 4200},
                                         {"Bookshelf", 129, 649, 21000},
                                         {"Desk", 189, 899, 28000},
                                         {"Coat Rack", 39, 149, 5200},
                                         {"Bench", 119, 459, 14000}}};
constexpr std::array<item, 5> lighting{{{"Table Lamp", 39, 169, 1700},
                                        {"Pendant Light", 49, 249, 1900},
                                        {"Wall Light", 35, 139, 1100},
                                        {"Floor Lamp", 79, 329, 5200},
                                        {"Lantern", 19, 79, 900}}};
constexpr std::array<item, 5> tops{{{"T-Shirt", 19, 45, 180},
                                    {"Shirt", 39, 99, 260},
                                    {"Jumper", 49, 149, 420},
                                    {"Cardigan", 59, 169, 480},
                                    {"Jacket", 89, 289, 900}}};
constexpr std::array<item, 4> bags{{{"Backpack", 59, 199, 900},
                                    {"Tote Bag", 29, 119, 450},
                                    {"Wallet", 25, 89, 110},
                                    {"Weekend Bag", 99, 349, 1500}}};
constexpr std::array<item, 4> shoes{{{"Sneakers", 69, 149, 800},
                                     {"Boots", 109, 279, 1400},
                                     {"Sandals", 39, 109, 500},
                                     {"Slippers", 25, 69, 350}}};
constexpr std::array<item, 5> garden{{{"Plant Pot", 9, 59, 1800},
                                      {"Watering Can", 19, 69, 900},
                                      {"Bird Feeder", 15, 49, 650},
                                      {"Planter", 29, 139, 4200},
                                      {"Saucer", 5, 19, 500}}};
constexpr std::array<item, 4> stationery{{{"Notebook", 6, 24, 260},
                                          {"Planner", 14, 39, 380},
                                          {"Sketchbook", 9, 34, 420},
                                          {"Address Book", 11, 29, 240}}};
constexpr std::array<item, 4> pantry{{{"Coffee", 8, 22, 250},
                                      {"Black Tea", 6, 19, 250},
                                      {"Granola", 5, 14, 250},
                                      {"Chocolate", 3, 12, 250}}};
constexpr std::array<item, 5> camping{{{"Tent", 129, 599, 3200},
                                       {"Sleeping Bag", 59, 289, 1500},
                                       {"Camp Chair", 29, 119, 2400},
                                       {"Dry Bag", 15, 59, 300},
                                       {"Hammock", 35, 129, 900}}};
constexpr std::array<item, 5> audio{{{"Headphones", 49, 349, 280},
                                     {"Speaker", 39, 299, 900},
                                     {"Radio", 35, 189, 1200},
                                     {"Alarm Clock", 19, 79, 350},
                                     {"Desk Light", 29, 129, 700}}};

constexpr std::array<shelf, 13> all_shelves{{
    {"Home > Kitchen > Tableware", "tableware,handmade", kitchen, ceramics, {"Pack", packs}},
    {"Home > Kitchen > Cookware", "cookware,cooking", cookware, metals, {"Size", sizes}},
    {"Home > Bedroom", "bedding,textiles", bedroom, fabrics, {"Size", room_sizes}},
    {"Home > Furniture", "furniture,wood", furniture, woods, {"Size", sizes}},
    {"Home > Lighting", "lighting,interior", lighting, metals, {"Colour", colours}},
    {"Clothing > Tops", "clothing,everyday", tops, fabrics, {"Size", sizes}},
    {"Clothing > Shoes", "shoes,leather goods", shoes, hides, {"Size", shoe_sizes}},
    {"Accessories > Bags", "bags,travel", bags, hides, {"Colour", colours}},
    {"Garden", "garden,outdoor", garden, ceramics, {"Size", sizes}},
    {"Office > Stationery", "paper,office", stationery, papers, {"Colour", colours}},
    {"Food > Pantry", "food,gifts", pantry, tastes, {"Weight", weights}},
    {"Outdoor > Camping", "camping,outdoor", camping, technics, {"Colour", colours}},
    {"Electronics > Audio", "electronics,audio", audio, devices, {"Colour", colours}},
}};

constexpr std::array<text, 40> all_series{
    "Aalto",  "Alder",  "Amber", "Arden",  "Aster",  "Birch", "Bristol", "Calla",
    "Cedar",  "Clover", "Coral", "Delta",  "Dune",   "Ember", "Fjord",   "Flint",
    "Gale",   "Hazel",  "Heron", "Indigo", "Isla",   "Juno",  "Kestrel", "Larch",
    "Linden", "Lumen",  "Maple", "Mira",   "Nordic", "Onyx",  "Opal",    "Osprey",
    "Pine",   "Quill",  "Rowan", "Sage",   "Tarn",   "Vale",  "Willow",  "Wren"};

constexpr std::array<text, 12> all_makers{
    "Harbour & Hill", "Nordlys",        "Oak Street Works", "Fielding & Daughters",
    "Atelier Brun",   "Kleine Werft",   "Common Goods",     "Tidewater",
    "Studio Kanso",   "Millstone & Co", "Bright Meadow",    "Casa Lume"};

// Must suit singular and plural nouns ("Mug", "Boots"), hard goods and food.
constexpr std::array<text, 6> all_openings{
    "Made for every day: the %s %n.",
    "Clean lines and nothing that is not needed: our %m %n.",
    "A classic of the %s series, now in %m.",
    "Made in small batches, and better with every year: the %s %n.",
    "As good to hold as to look at: the %m %n of our %s series.",
    "Simple, honest and easy to care for: the %s %n.",
};
constexpr std::array<text, 6> all_middles{
    "Each piece is checked by hand before it leaves the workshop.",
    "One of the favourites of our customers.",
    "Goes well with everything else in the %s series.",
    "From a family business that has done nothing else for forty years.",
    "Comes in a box without plastic.",
    "Small differences from batch to batch are part of the character.",
};
constexpr std::array<text, 5> all_endings{
    "Ships within two working days.",   "Two years of guarantee.", "A fine gift, too.",
    "Thirty days to change your mind.", "Designed in Europe.",
};

}  // namespace

std::span<const shelf> shelves() {
  return all_shelves;
}
std::span<const std::string_view> series_names() {
  return all_series;
}
std::span<const std::string_view> makers() {
  return all_makers;
}
std::span<const std::string_view> openings() {
  return all_openings;
}
std::span<const std::string_view> middles() {
  return all_middles;
}
std::span<const std::string_view> endings() {
  return all_endings;
}

}  // namespace stoa::shopify::demo
