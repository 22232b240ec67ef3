-- Inbox rows are forgotten by their source and number.
CREATE INDEX inbox_source ON inbox(source, seq);
