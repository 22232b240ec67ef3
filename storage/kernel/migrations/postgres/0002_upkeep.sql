-- PostgreSQL only: other engines that speak its language do without this file's settings.
-- Rows of these tables live for seconds; vacuum must follow by their number, whatever the table's size,
-- and must not pause while it does.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0);
ALTER TABLE inbox SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0);
ALTER TABLE lane SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 200,
  autovacuum_vacuum_cost_delay = 0);
