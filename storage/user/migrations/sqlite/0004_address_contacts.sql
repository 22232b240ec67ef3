-- Contact for the carrier. A postal code is empty in countries without postal codes.
ALTER TABLE user_profiles ADD COLUMN company TEXT;
ALTER TABLE user_profiles ADD COLUMN phone TEXT;
