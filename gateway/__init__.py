"""The gate: job states, permits, approvals, releases, and the ledger that tells what happened."""
