-- The groups of customers to which the user belongs, as a JSON list; set by staff.
ALTER TABLE users ADD COLUMN customer_groups TEXT NOT NULL DEFAULT '[]';
