CREATE TABLE todos (
    -- AUTOINCREMENT: an id is never given again, so that no entity tag is of two todos
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    version BIGINT NOT NULL,
    text    TEXT NOT NULL,
    done    BIGINT NOT NULL,
    -- the key of the message that it came by
    message TEXT UNIQUE
);
