"""A ledger's file, looked at and filled from outside."""
import hashlib
import json
import sqlite3
import time
from contextlib import closing

from .program import wait_for


def ask(path, sql):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
        return database.execute(sql).fetchone()[0]


def deliveries(path):
    return ask(path, "SELECT count(*) FROM deliveries")


def undecoded(path):
    """Deliveries that are acknowledged and not looked at yet."""
    return ask(path, "SELECT count(*) FROM deliveries WHERE state = 'received'")


def wait_until_decoded(path, seconds=300):
    def is_empty():
        time.sleep(0.2)
        return undecoded(path) == 0

    wait_for(is_empty, "taking in what was acknowledged", seconds)


def sizes(path):
    """Bytes of each table with its indices."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
        return dict(database.execute(
            "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name) GROUP BY tbl_name"
            " ORDER BY 2 DESC"))


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fill_audit(path, count):
    """Appends records to a ledger that nobody has open until it holds `count`, each as the bot writes one of a
    delivery, bound to the one before."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        sequence, previous = database.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone() or (
            0, bytes(32))
        now = time.time_ns() // 1000

        def records():
            nonlocal previous
            for number in range(sequence + 1, count + 1):
                sha = hashlib.sha256(b"%d" % number).hexdigest()
                detail = canonical({"delivery_id": f"{sha[:8]}-{sha[8:12]}-{sha[12:16]}-{sha[16:20]}-{sha[20:32]}",
                                    "sender": "secret 1", "sha256": sha, "size": 8800})
                record = canonical({
                    "actor": "github", "detail_hash": hashlib.sha256(detail.encode()).hexdigest(),
                    "kind": "delivery.accepted", "seq": number, "subject": f"delivery/{number}",
                    "time_us": now + number})
                found = hashlib.sha256(previous + record.encode()).digest()
                yield number, record, detail, previous, found
                previous = found

        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO audit (seq, record, detail, previous, hash) VALUES (?, ?, ?, ?, ?)", records())
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
