import GRDB

/// The tables. A migration that has shipped is never changed; a new one is added below it.
///
/// Times are whole microseconds since 1970 (UTC). Columns of type ANY hold a `PackedText`.
enum LedgerSchema {
    /// `PRAGMA application_id` of a ledger: "DEFI".
    static let applicationID = 0x4445_4649

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { db in
            try db.execute(sql: deliveries + events + jobs + outbox + audit + meta)
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        }
        migrator.registerMigration("notes") { db in
            try db.execute(
                sql: "CREATE TABLE notes (name TEXT PRIMARY KEY, note ANY NOT NULL) STRICT, WITHOUT ROWID")
        }
        migrator.registerMigration("packed headers") { db in
            // `headers` is empty in rows written since.
            try db.execute(sql: "ALTER TABLE deliveries ADD COLUMN packed_headers ANY")
        }
        migrator.registerMigration("audit") { db in
            try db.execute(sql: auditErasure + jobPools)
            try JobPools.fill(db)
        }
        migrator.registerMigration("places and deliveries of what is looked up") { db in
            try db.execute(
                sql: """
                    CREATE INDEX outbox_private ON outbox (place) WHERE place GLOB '!*' AND state = 'delivered';
                    CREATE INDEX events_by_delivery ON events (delivery, id);
                    """)
        }
        migrator.registerMigration("automatic starts") { db in
            try db.execute(
                sql: """
                    CREATE INDEX jobs_automatic_starts ON jobs (command, guard_key, started_at)
                        WHERE requester_kind = 'rule' AND started_at IS NOT NULL;
                    """)
        }
        migrator.registerMigration("jobs of rules") { db in
            try db.execute(
                sql: "CREATE INDEX jobs_by_rule ON jobs (requester, id) WHERE requester_kind = 'rule'")
        }
        migrator.registerMigration("kept values") { db in
            try db.execute(
                sql: """
                    CREATE TABLE kept (
                        id INTEGER PRIMARY KEY,
                        key TEXT NOT NULL UNIQUE,
                        job INTEGER NOT NULL,
                        requester TEXT NOT NULL,
                        set_at INTEGER NOT NULL,
                        size INTEGER NOT NULL,      -- bytes of the value's canonical JSON
                        value ANY NOT NULL
                    ) STRICT;
                    """)
        }
        return migrator
    }

    /// A detail may go, and nothing else, once a record says so.
    private static let auditErasure = """
        DROP TRIGGER audit_is_never_changed;
        CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
            WHEN NEW.detail IS NOT NULL OR OLD.detail IS NULL OR NEW.seq IS NOT OLD.seq
                OR NEW.record IS NOT OLD.record OR NEW.previous IS NOT OLD.previous OR NEW.hash IS NOT OLD.hash
                OR NOT EXISTS (
                    SELECT 1 FROM audit WHERE subject = 'audit/' || OLD.seq AND kind = 'audit.detail-erased')
            BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END;

        """

    /// Which pools a job is about, to find its audit records by.
    private static let jobPools = """
        CREATE TABLE job_pools (
            pool TEXT NOT NULL,
            job INTEGER NOT NULL,
            PRIMARY KEY (pool, job)
        ) STRICT, WITHOUT ROWID;

        """

    private static let deliveries = """
        CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            route TEXT NOT NULL,
            delivery_id TEXT,
            headers TEXT NOT NULL,
            body BLOB,                      -- zlib, or as it came when that is not shorter; NULL when it was removed
            body_size INTEGER NOT NULL,     -- as it came, bytes
            body_hash BLOB NOT NULL,        -- SHA-256 of the body as it came
            received_at INTEGER NOT NULL,
            sender TEXT NOT NULL,
            remote_address TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'received',
            repeats INTEGER NOT NULL DEFAULT 0,
            note TEXT
        ) STRICT;
        CREATE UNIQUE INDEX deliveries_by_delivery_id ON deliveries (delivery_id, source)
            WHERE delivery_id IS NOT NULL;
        CREATE INDEX deliveries_received ON deliveries (id) WHERE state = 'received';

        """

    private static let events = """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            unique_key TEXT NOT NULL UNIQUE,
            delivery INTEGER NOT NULL, -- 0: it came in by no delivery
            source TEXT NOT NULL,
            kind TEXT NOT NULL,
            content_key TEXT NOT NULL,
            subject TEXT NOT NULL,
            origin TEXT NOT NULL,
            attributes ANY NOT NULL,
            explanation ANY NOT NULL,
            occurred_at INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            repeats INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE episodes (
            fingerprint TEXT NOT NULL,
            number INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            resolved_at INTEGER,
            last_seen_at INTEGER NOT NULL,
            subject TEXT NOT NULL,
            PRIMARY KEY (fingerprint, number)
        ) STRICT, WITHOUT ROWID;

        """

    private static let jobs = """
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY,
            version INTEGER NOT NULL,
            command TEXT NOT NULL,
            state TEXT NOT NULL,
            is_open INTEGER NOT NULL,
            event INTEGER,
            guard_key TEXT NOT NULL,
            requester_kind TEXT NOT NULL,   -- person, rule
            requester TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            ended_at INTEGER,
            variables ANY NOT NULL,
            job ANY NOT NULL                -- the whole job but for its variables
        ) STRICT;
        CREATE INDEX jobs_open ON jobs (id) WHERE is_open = 1;
        CREATE INDEX jobs_by_command ON jobs (command, id);
        CREATE INDEX jobs_by_event ON jobs (event, id) WHERE event IS NOT NULL;
        CREATE INDEX jobs_automatic_ends ON jobs (command, guard_key, ended_at)
            WHERE requester_kind = 'rule' AND started_at IS NOT NULL AND ended_at IS NOT NULL;
        CREATE TABLE steps (
            job INTEGER NOT NULL REFERENCES jobs (id),
            number INTEGER NOT NULL,
            action TEXT NOT NULL,
            state TEXT NOT NULL,
            step ANY NOT NULL,
            PRIMARY KEY (job, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE locks (
            path TEXT NOT NULL,
            job INTEGER NOT NULL REFERENCES jobs (id),
            mode TEXT NOT NULL,
            fencing INTEGER NOT NULL,
            PRIMARY KEY (path, job)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX locks_by_job ON locks (job);

        """

    private static let outbox = """
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY,
            position INTEGER NOT NULL,      -- the order in its place: of the message it replaced, else its id
            place TEXT NOT NULL,
            subject TEXT NOT NULL,
            slot TEXT NOT NULL,
            state TEXT NOT NULL,
            not_before INTEGER NOT NULL,
            message ANY NOT NULL
        ) STRICT;
        CREATE INDEX outbox_pending ON outbox (place, position, not_before) WHERE state = 'pending';
        CREATE INDEX outbox_by_subject ON outbox (subject, id);
        CREATE TABLE messages (
            subject TEXT NOT NULL,
            place TEXT NOT NULL,
            reference TEXT NOT NULL,
            PRIMARY KEY (subject, place)
        ) STRICT, WITHOUT ROWID;

        """

    /// `record` is what is hashed; columns to search by are computed from it, so that none can differ from it.
    private static let audit = """
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY,
            record TEXT NOT NULL,
            detail TEXT,
            previous BLOB NOT NULL,
            hash BLOB NOT NULL,
            actor TEXT GENERATED ALWAYS AS (record ->> '$.actor') VIRTUAL,
            kind TEXT GENERATED ALWAYS AS (record ->> '$.kind') VIRTUAL,
            subject TEXT GENERATED ALWAYS AS (record ->> '$.subject') VIRTUAL,
            time_us INTEGER GENERATED ALWAYS AS (record ->> '$.time_us') VIRTUAL
        ) STRICT;
        CREATE INDEX audit_by_actor ON audit (actor);
        CREATE INDEX audit_by_kind ON audit (kind);
        CREATE INDEX audit_by_subject ON audit (subject);
        CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END;
        CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'audit records are never removed'); END;

        """

    private static let meta = """
        CREATE TABLE meta (
            name TEXT PRIMARY KEY,
            value ANY NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO meta (name, value) VALUES ('fencing', 0), ('bodies_removed_through', 0), ('probe', 0);

        """
}
