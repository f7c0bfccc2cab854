"""One verb = one function = one transaction = one ledger entry (invariant I2)."""
