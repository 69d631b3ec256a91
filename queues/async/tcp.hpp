// TCP over IPv4 on the loop: a listener, and streams.
//
//   tcp_listener listener = tcp_listener::on_loopback();
//   tcp_stream peer = co_await listener.accept();
//   tcp_stream stream = co_await tcp_stream::connect(loopback(listener.port()));
//
// Destroying a stream closes it; no task may wait on it then. Errors of the system are std::system_error.
// Loop thread only.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "queues/async/io.hpp"
#include "queues/async/task.hpp"

namespace handoff::async {

/// 127.0.0.1 at `port`.
inline sockaddr_in loopback(std::uint16_t port) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A non-blocking TCP socket.
inline unique_fd tcp_socket() {
  unique_fd made(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (made.get() < 0) throw_system_error("socket");
  return made;
}

class tcp_stream {
 public:
  explicit tcp_stream(unique_fd connected) noexcept : socket_(std::move(connected)) {}

  static task<tcp_stream> connect(sockaddr_in to) {
    unique_fd made = tcp_socket();
    if (::connect(made.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      if (errno != EINPROGRESS && errno != EINTR) throw_system_error("connect");  // either way it goes on
      co_await writable(made.get());
      int error = 0;
      socklen_t size = sizeof error;
      if (::getsockopt(made.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) throw_system_error("connect");
      if (error != 0) throw std::system_error(error, std::generic_category(), "connect");
    }
    co_return tcp_stream(std::move(made));
  }

  /// As `async::read_some`.
  task<std::size_t> read_some(std::span<std::byte> into) { return async::read_some(socket_.get(), into); }

  /// As `async::write_all`. `text` must live until the `co_await` is over.
  task<> write_all(std::string_view text) {
    return async::write_all(socket_.get(), std::as_bytes(std::span(text)));
  }

  /// Tells the peer that nothing more will be written.
  void shutdown_write() noexcept { ::shutdown(socket_.get(), SHUT_WR); }

 private:
  unique_fd socket_;
};

class tcp_listener {
 public:
  /// On 127.0.0.1, at a port that is free.
  static tcp_listener on_loopback() {
    tcp_listener made(tcp_socket());
    const sockaddr_in any = loopback(0);
    if (::bind(made.socket_.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0)
      throw_system_error("bind");
    if (::listen(made.socket_.get(), SOMAXCONN) != 0) throw_system_error("listen");
    return made;
  }

  /// The next connection.
  task<tcp_stream> accept() {
    for (;;) {
      unique_fd next = accept_one();
      if (next.get() >= 0) co_return tcp_stream(std::move(next));
      if (!must_try_again() && errno != ECONNABORTED) throw_system_error("accept");
      co_await readable(socket_.get());
    }
  }

  std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw_system_error("getsockname");
    return ntohs(address.sin_port);
  }

 private:
  /// A connection that waits to be accepted, or nothing and the error. If the system refuses accept4, as
  /// the sandboxes of some containers do, by the calls that it stands for.
  unique_fd accept_one() const {
    unique_fd next(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (next.get() >= 0 || (errno != ENOSYS && errno != EPERM && errno != EACCES)) return next;
    next = unique_fd(::accept(socket_.get(), nullptr, nullptr));
    if (next.get() >= 0 &&
        (::fcntl(next.get(), F_SETFL, O_NONBLOCK) != 0 || ::fcntl(next.get(), F_SETFD, FD_CLOEXEC) != 0))
      throw_system_error("accept");
    return next;
  }

  explicit tcp_listener(unique_fd made) noexcept : socket_(std::move(made)) {}

  unique_fd socket_;
};

}  // namespace handoff::async
