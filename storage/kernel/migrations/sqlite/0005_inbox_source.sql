-- Inbox rows are deleted by source and number.
CREATE INDEX inbox_source ON inbox(source, seq);
