CREATE TABLE todos (
    id      BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    version BIGINT NOT NULL,
    text    TEXT NOT NULL,
    done    BIGINT NOT NULL,
    -- the key of the message that it came by
    message TEXT UNIQUE
);
