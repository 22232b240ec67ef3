#pragma once
// RAII handles for cjose.

#include <cjose/cjose.h>

#include <memory>

namespace stoa::token {

struct jose_release {
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
  void operator()(cjose_header_t* header) const { cjose_header_release(header); }
  void operator()(char* text) const { cjose_get_dealloc()(text); }
};
using jwk_handle = std::unique_ptr<cjose_jwk_t, jose_release>;
using jws_handle = std::unique_ptr<cjose_jws_t, jose_release>;
using header_handle = std::unique_ptr<cjose_header_t, jose_release>;
using jose_text = std::unique_ptr<char, jose_release>;

}  // namespace stoa::token
