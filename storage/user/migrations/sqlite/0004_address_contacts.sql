-- Whom a carrier asks for. (A postal code is empty where the country has none.)
ALTER TABLE user_profiles ADD COLUMN company TEXT;
ALTER TABLE user_profiles ADD COLUMN phone TEXT;
