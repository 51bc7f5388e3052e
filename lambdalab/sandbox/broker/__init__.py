"""sandboxd: the broker between workers and environments. No secret, no database, no network."""
