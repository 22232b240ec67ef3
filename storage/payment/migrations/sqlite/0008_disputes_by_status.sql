-- To count the disputes of each gateway and status.
CREATE INDEX payment_disputes_status ON payment_disputes(gateway, status);
