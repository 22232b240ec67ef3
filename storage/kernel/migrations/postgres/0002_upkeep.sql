-- PostgreSQL only; compatible engines do not need these settings. Rows of these tables live for
-- seconds; vacuum must be triggered by their number, regardless of the table's size, and run
-- without cost delay.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0);
ALTER TABLE inbox SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0);
ALTER TABLE lane SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 200,
  autovacuum_vacuum_cost_delay = 0);
