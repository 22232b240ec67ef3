-- Names and email addresses are compared by their folded forms.
CREATE TABLE users(
  user_id UUID NOT NULL PRIMARY KEY,
  username TEXT NOT NULL,
  username_folded TEXT COLLATE "C" NOT NULL UNIQUE,
  email TEXT NOT NULL,
  email_folded TEXT COLLATE "C" NOT NULL UNIQUE,
  hashed_password TEXT NOT NULL,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  phone_number TEXT,
  role TEXT COLLATE "C" NOT NULL CHECK(role IN ('customer','staff','admin')),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX users_role ON users(role, user_id);

CREATE TABLE user_profiles(
  profile_id UUID NOT NULL PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES users(user_id),
  first_name TEXT,
  last_name TEXT,
  address_line1 TEXT NOT NULL,
  address_line2 TEXT,
  city TEXT NOT NULL,
  state TEXT,
  postal_code TEXT NOT NULL,
  country TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX user_profiles_user ON user_profiles(user_id);

-- One row per login. A refresh token contains the family and a generation, and a hash keyed with
-- the server's secret; it cannot be derived from this table.
CREATE TABLE sessions(
  family UUID NOT NULL PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES users(user_id),
  generation BIGINT NOT NULL CHECK(generation > 0),
  rotated_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT,
  created_at BIGINT NOT NULL,
  user_agent TEXT,
  version BIGINT NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX sessions_user ON sessions(user_id);
CREATE INDEX sessions_expiry ON sessions(expires_at, family);
