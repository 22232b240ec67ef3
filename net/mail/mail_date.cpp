#include "net/mail/mail_date.hpp"

#include <fmt/format.h>

#include <array>

namespace stoa::mail {
namespace {

struct date_parts {
  std::string_view weekday;
  unsigned day;
  std::string_view month;
  int year;
  std::string time;  ///< 19:57:59
};

date_parts parts_of(timestamp when) {
  using namespace std::chrono;
  static constexpr std::array weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto second = floor<seconds>(sys_time<microseconds>(microseconds(when.us)));
  const auto day = floor<days>(second);
  const year_month_day ymd(day);
  const hh_mm_ss time(second - day);
  return {weekdays[weekday(day).c_encoding()], static_cast<unsigned>(ymd.day()),
          months[static_cast<unsigned>(ymd.month()) - 1], static_cast<int>(ymd.year()),
          fmt::format("{:02}:{:02}:{:02}", time.hours().count(), time.minutes().count(),
                      time.seconds().count())};
}

}  // namespace

std::string header_date(timestamp when) {
  const auto p = parts_of(when);
  return fmt::format("{}, {:02} {} {:04} {} +0000", p.weekday, p.day, p.month, p.year, p.time);
}

std::string entry_date(timestamp when) {
  const auto p = parts_of(when);
  return fmt::format("{} {} {:2} {} {:04}", p.weekday, p.month, p.day, p.time, p.year);
}

}  // namespace stoa::mail
