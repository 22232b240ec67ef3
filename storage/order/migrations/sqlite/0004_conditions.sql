-- SQLite makes an index for a list of more than two values each time a row is written, which took a
-- tenth of the CPU time of a purchase. The conditions stay the same; the procedure is that of
-- https://www.sqlite.org/lang_altertable.html#otherchanges. A created table makes other connections
-- read the schema again.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'status IN (''Pending'',''Confirmed'',''Shipped'',''Delivered'',''Cancelled'')',
    'status = ''Pending'' OR status = ''Confirmed'' OR status = ''Shipped'' OR status = ''Delivered'' OR status = ''Cancelled''')
  WHERE type = 'table' AND name = 'orders';
PRAGMA writable_schema = RESET;
CREATE TABLE schema_change(one INTEGER);
DROP TABLE schema_change;
