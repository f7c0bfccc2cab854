"""One module per door; each makes its blueprint."""
