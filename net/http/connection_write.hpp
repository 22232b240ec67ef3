#pragma once
// connection::write, for the source files that write. Internal to net/http.

#include "net/http/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace stoa::http {

template <class Then>
void connection::write(std::string_view head, std::string_view body, Then then) {
  const std::array<asio::const_buffer, 2> parts{asio::const_buffer(head.data(), head.size()),
                                                asio::const_buffer(body.data(), body.size())};
  if (is_secure_) {
    tls_->write(parts[0], parts[1], std::move(then));
  } else if (body.empty()) {
    asio::async_write(socket_, asio::const_buffers_1(parts[0]), std::move(then));
  } else {
    asio::async_write(socket_, parts, std::move(then));
  }
}

}  // namespace stoa::http
