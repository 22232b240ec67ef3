-- PostgreSQL only; compatible engines do not need these settings. As many replies are deleted as
-- are stored, so vacuum must be triggered by their number; a fraction of a table with a day's
-- replies would be too late.
ALTER TABLE idempotency SET (autovacuum_vacuum_scale_factor = 0.0,
  autovacuum_vacuum_threshold = 50000, autovacuum_vacuum_cost_delay = 0);
