"""The audit ledger 审计账本: entries, the one writer, checkpoints, verification."""
