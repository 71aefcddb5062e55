//! Which index each statement must use.

/// What the plans of the hot statements and of the lists must name.
pub(super) const INDEXES: [(&str, &str); 39] = [
    (
        "log_accept.find_key",
        "USING PRIMARY KEY (organization=? AND key=?)",
    ),
    (
        "log_accept.read_accepted",
        "USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    (
        "log_accept.read_accepted_deliveries",
        "deliveries USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
    ),
    (
        "log_deliveries.record",
        "USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    (
        "log_deliveries.count_attempt",
        "USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    (
        "log_deliveries.retry",
        "USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    ("log_deliveries.end", "USING INTEGER PRIMARY KEY (rowid=?)"),
    (
        "log_deliveries.fail_pending",
        "USING INDEX deliveries_pending (endpoint=?)",
    ),
    (
        "due_reads.pending_rows",
        "USING INDEX deliveries_pending (endpoint=? AND due>?)",
    ),
    (
        "due_reads.first_due",
        "USING COVERING INDEX deliveries_pending (endpoint>?)",
    ),
    ("event_reads.row", "USING INTEGER PRIMARY KEY (rowid=?)"),
    (
        "event_reads.find_given",
        "USING PRIMARY KEY (organization=? AND key=?)",
    ),
    (
        "event_reads.list",
        "USING INDEX events_by_organization (organization=?",
    ),
    ("delivery_reads.row", "USING INTEGER PRIMARY KEY (rowid=?)"),
    (
        "delivery_reads.attempts",
        "USING PRIMARY KEY (delivery=? AND number>? AND number<?)",
    ),
    (
        "open.last_sequence",
        "USING COVERING INDEX deliveries_by_endpoint (endpoint=?)",
    ),
    ("activities.original_of", "USING PRIMARY KEY (activity=?)"),
    (
        "activities.retries_of",
        "retries USING COVERING INDEX retries_by_original (retry_of=?)",
    ),
    (
        "activities.list_attempts",
        "d USING INDEX deliveries_by_endpoint (endpoint=?)",
    ),
    (
        "activities.list_reports",
        "USING INDEX reports_by_endpoint (endpoint=? AND created_at>? AND created_at<?)",
    ),
    ("requests.find", "USING PRIMARY KEY (caller=? AND key=?)"),
    (
        "statistics.between",
        "USING PRIMARY KEY (organization=? AND endpoint=? AND width=? AND start>? AND start<?)",
    ),
    (
        "statistics.hours_of_all",
        "USING INDEX counts_by_time (width=? AND start>?)",
    ),
    (
        "statistics.forget_counts",
        "USING PRIMARY KEY (organization=?)",
    ),
    (
        "log_statistics.recount",
        "a USING INDEX attempts_by_disclosure (organization=? AND disclosure>?)",
    ),
    (
        "backlog_reads.pending",
        "USING COVERING INDEX deliveries_pending (endpoint=?)",
    ),
    (
        "delivery_log.of_endpoint",
        "USING COVERING INDEX deliveries_by_endpoint (endpoint=? AND sequence<?)",
    ),
    (
        "delivery_log.given_up",
        "USING INDEX deliveries_given_up (endpoint=? AND rowid<?)",
    ),
    (
        "delivery_log.pending",
        "USING COVERING INDEX deliveries_pending (endpoint=?)",
    ),
    ("delivery_log.row", "d USING INTEGER PRIMARY KEY (rowid=?)"),
    ("outbox.end", "USING PRIMARY KEY (delivery=? AND attempt=?)"),
    (
        "outbox.delay",
        "USING PRIMARY KEY (delivery=? AND attempt=?)",
    ),
    ("outbox_reads.first_rows", "m USING INDEX mails_by_due"),
    ("audit.sent", "d USING INTEGER PRIMARY KEY (rowid=?)"),
    (
        "audit.head_in_log",
        "USING INDEX attempts_by_disclosure (organization=?",
    ),
    (
        "audit.disclosures_below",
        "a USING INDEX attempts_by_disclosure (organization=? AND disclosure>? AND disclosure<?)",
    ),
    (
        "audit_control.head_of_journal",
        "USING PRIMARY KEY (organization=?)",
    ),
    (
        "audit_control.journal_below",
        "USING PRIMARY KEY (organization=? AND number<?)",
    ),
    (
        "audit_kept.below",
        "USING PRIMARY KEY (organization=? AND day=? AND number<?)",
    ),
];
