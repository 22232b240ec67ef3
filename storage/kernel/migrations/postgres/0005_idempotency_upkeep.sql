-- PostgreSQL only: other engines that speak its language do without this file's settings.
-- As many answers are deleted as are stored: vacuum must follow by their number. A part of the table's
-- size is too late when it holds those of a day.
ALTER TABLE idempotency SET (autovacuum_vacuum_scale_factor = 0.0,
  autovacuum_vacuum_threshold = 50000, autovacuum_vacuum_cost_delay = 0);
