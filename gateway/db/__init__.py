"""The database: engine, tables (rows only), migrations."""
