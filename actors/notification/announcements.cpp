// Consents to marketing, and the announcements to those who have given one.

#include "actors/notification/account_mails.hpp"
#include "actors/notification/announcement_mail.hpp"
#include "actors/notification/marketing_parts.hpp"
#include "actors/notification/notification_parts.hpp"
#include "actors/notification/recipients.hpp"
#include "storage/base/fault.hpp"

namespace stoa::notification {

namespace {

using kernel::applied;
using kernel::call_context;

announcement_view view_of(const announcement_row& a) {
  return {a.announcement_id, a.status,      a.texts,  a.created_by,
          a.created_at,      a.finished_at, a.created};
}

problem no_announcement() {
  return not_found("announcement");
}

/// Creates nothing more for it.
void end(notification_service::decision& d, announcement_row& a, announcement_status to) {
  a.status = to;
  a.finished_at = d.now;
}

}  // namespace

bool has_consent(notification_service::decision& d, stoa::user_id user) {
  const auto* consent = d.of<consent_row>().find(user);
  return consent && consent->is_given();
}

void give_consent(notification_service::decision& d, stoa::user_id user,
                  const std::optional<marketing_contact>& contact) {
  auto& rows = d.of<consent_row>();
  const auto* found = rows.find(user);
  if (!found) {
    if (contact) rows.insert({user, contact->email, contact->locale, d.now, {}, {}, 0});
    return;
  }
  auto& consent = rows.edit(user);
  if (!consent.is_given()) consent.given_at = d.now;
  consent.withdrawn_at.reset();
  consent.withdrawn_by.reset();
  if (!contact) return;
  consent.email = contact->email;
  consent.locale = contact->locale;
}

void withdraw_consent(notification_service::decision& d, stoa::user_id user, withdrawal by) {
  if (!has_consent(d, user)) return;
  auto& consent = d.of<consent_row>().edit(user);
  consent.withdrawn_at = d.now;
  consent.withdrawn_by = by;
}

void need_consent(const notification_row& n, notification_service::need_list& list) {
  if (n.announcement_id && n.user_id) list.add<&consent_row::user_id>(*n.user_id);
}

bool may_be_sent(notification_service::decision& d, const notification_row& n) {
  // Planted: a recipient who has withdrawn the consent still receives what waits.
  if (!n.announcement_id || fault("send_without_consent")) return true;
  return n.user_id && has_consent(d, *n.user_id);
}

void notification_service::needs(const user::contact_changed& e, need_list& list,
                                 const records&) const {
  list.add<&consent_row::user_id>(e.user_id);
}

applied notification_service::decide(const user::contact_changed& e, decision& d) const {
  if (!d.of<consent_row>().find(e.user_id)) return std::nullopt;
  auto& consent = d.of<consent_row>().edit(e.user_id);
  consent.email = e.email;
  consent.locale = e.locale;
  return std::nullopt;
}

void notification_service::needs(const create_announcement&, need_list& list,
                                 const records&) const {
  list.add<&announcement_row::status>(announcement_status::Sending);
}

result<announcement_view> notification_service::decide(const create_announcement& m,
                                                       decision& d) const {
  if (!may_see_all(d.context)) return not_found("list of announcements");
  if (options_.unsubscribe_url.empty()) {
    return conflict(
        "unsubscribe_url_missing",
        "Announcements need a link that unsubscribes: set notification.unsubscribe_url.");
  }
  auto& rows = d.of<announcement_row>();
  const auto open = rows.where<&announcement_row::status>(announcement_status::Sending).size();
  if (open >= open_announcements_max) {
    return conflict("too_many_announcements",
                    "At most " + std::to_string(open_announcements_max) +
                        " announcements can be sent at a time. Wait for one, or cancel one.");
  }
  announcement_row a;
  a.announcement_id = m.announcement_id;
  a.texts = m.texts;
  a.created_by = d.context.who.str();
  a.created_at = d.now;
  d.execute(prune_announcements, db::params(announcements_kept));
  return view_of(rows.insert(std::move(a)));
}

void notification_service::needs(const cancel_announcement& m, need_list& list,
                                 const records&) const {
  list.add<&announcement_row::announcement_id>(m.announcement_id);
}

result<announcement_view> notification_service::decide(const cancel_announcement& m,
                                                       decision& d) const {
  const auto* found = d.of<announcement_row>().find(m.announcement_id);
  if (!found || !may_see_all(d.context)) return no_announcement();
  if (found->status == announcement_status::Cancelled) return view_of(*found);
  if (found->status == announcement_status::Finished) {
    return conflict("announcement_ended", "The announcement is finished.");
  }
  auto& a = d.of<announcement_row>().edit(m.announcement_id);
  end(d, a, announcement_status::Cancelled);
  return view_of(a);
}

void notification_service::needs(const advance_announcement& m, need_list& list,
                                 const records&) const {
  list.add<&announcement_row::announcement_id>(m.announcement_id);
  for (const auto& user : m.users) list.add<&consent_row::user_id>(user);
}

result<kernel::nothing> notification_service::decide(const advance_announcement& m,
                                                     decision& d) const {
  if (d.context.who.kind != kernel::caller_kind::system) return no_announcement();
  const auto* found = d.of<announcement_row>().find(m.announcement_id);
  const bool is_next = found && found->status == announcement_status::Sending &&
                       (found->last_user_id == m.after || fault("repeat_announcement"));
  if (!is_next) return kernel::nothing{};
  auto& a = d.of<announcement_row>().edit(m.announcement_id);
  if (m.users.empty()) {
    end(d, a, announcement_status::Finished);
    return kernel::nothing{};
  }
  for (const auto& user : m.users) {
    if (!has_consent(d, user)) continue;
    announce_to(d, a, *d.of<consent_row>().find(user));
    ++a.created;
  }
  a.last_user_id = m.users.back();
  return kernel::nothing{};
}

void notification_service::announce_to(decision& d, const announcement_row& a,
                                       const consent_row& to) const {
  notification_row made;
  made.notification_id = d.new_id<stoa::notification_id>();
  const auto style = style_of(options_, to.locale, d.now);
  auto mail = render(text_for(a.texts, style), options_.store_name,
                     unsubscribe_link(options_.unsubscribe_url, made.notification_id), style);
  made.user_id = to.user_id;
  made.recipient = to.email;
  made.subject = std::move(mail.subject);
  made.message = std::move(mail.text);
  made.html = std::move(mail.html);
  made.template_name = std::string(announcement_type);
  made.created_at = d.now;
  made.announcement_id = a.announcement_id;
  auto& n = d.of<notification_row>().insert(std::move(made));
  add_log(d, n, std::nullopt);
  send(d, n);
}

result<announcement_page> notification_service::read(const list_announcements_query& q,
                                                     const call_context& context,
                                                     db::connection& c) const {
  if (!may_see_all(context)) return not_found("list of announcements");
  auto found = list_announcements(c, q.before, static_cast<std::size_t>(q.limit) + 1);
  announcement_page page;
  if (found.size() > static_cast<std::size_t>(q.limit)) {
    found.pop_back();
    page.next_cursor.value = found.back().announcement_id.str();
  }
  for (const auto& a : found) page.data.push_back(view_of(a));
  return page;
}

result<announcement_detail_view> notification_service::read(const get_announcement& q,
                                                            const call_context& context,
                                                            db::connection& c) const {
  std::optional<announcement_row> found;
  if (may_see_all(context)) found = read_announcement(c, q.announcement_id);
  if (!found) return no_announcement();
  const auto counts = count_notifications_of(c, q.announcement_id);
  return announcement_detail_view{view_of(*found), counts.pending, counts.sent, counts.failed};
}

void add_due_announcements(kernel::due_work& work, db::connection& c) {
  const auto open = open_announcements(c);
  std::size_t waiting = 0;
  for (const auto& a : open) {
    waiting += pending_notifications_of(c, a.announcement_id, announcement_pending_max);
  }
  if (open.empty() || waiting >= announcement_pending_max) return;
  const auto& first = open.front();
  auto users = consenting_users(c, first.last_user_id.value_or(stoa::user_id{}), announcement_step);
  work.commands.push_back(kernel::any_message::of(
      advance_announcement{first.announcement_id, first.last_user_id, std::move(users)}));
}

}  // namespace stoa::notification
