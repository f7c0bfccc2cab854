"""Pure rules: vocabulary, stages, permits, approvals, matching, counting. No database, web, PDF or clock."""
