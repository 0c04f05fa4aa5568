/** Marks a file as ours: "ExWq". */
export const applicationId = 0x45_78_57_71

const jobs = [
  `CREATE TABLE job (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL UNIQUE,
    level TEXT NOT NULL,
    equipment_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    not_before INTEGER,
    reason TEXT NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    verify_passes INTEGER NOT NULL,
    verified_at INTEGER,
    turn INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    holder TEXT,
    lease_until INTEGER,
    back_to TEXT
  ) STRICT`,
  "CREATE INDEX job_by_state ON job (state, turn)",
  "CREATE INDEX job_by_turn ON job (turn)",
  "CREATE INDEX job_by_equipment ON job (equipment_id, seq)",
  "CREATE INDEX job_due ON job (not_before) WHERE not_before IS NOT NULL",
  "CREATE INDEX job_held ON job (equipment_id) WHERE holder IS NOT NULL",
  `CREATE TABLE history (
    n INTEGER PRIMARY KEY,
    job_seq INTEGER NOT NULL REFERENCES job (seq),
    "at" TEXT NOT NULL,
    "from" TEXT,
    "to" TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT`,
  "CREATE INDEX history_by_job ON history (job_seq)",
  "CREATE TABLE target (equipment_id TEXT PRIMARY KEY, target_id TEXT NOT NULL) STRICT, WITHOUT ROWID",
  `CREATE TABLE target_pause (
    equipment_id TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
]

const ledger = [
  `CREATE TABLE verification (
    job_id TEXT NOT NULL,
    pass INTEGER NOT NULL,
    "at" INTEGER NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (job_id, pass)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE verified_file (
    job_id TEXT NOT NULL,
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    stamp TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (job_id, path)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE cleanup (
    job_id TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    trash TEXT NOT NULL,
    pass INTEGER NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    sealed_at INTEGER
  ) STRICT, WITHOUT ROWID`,
]

const puttingOff = ["ALTER TABLE job ADD COLUMN put_off_at INTEGER"]

/** What makes version 1 of an empty file, version 2 of a file of version 1, and so on. None is ever changed. */
export const migrations: ReadonlyArray<ReadonlyArray<string>> = [jobs, ledger, puttingOff]
