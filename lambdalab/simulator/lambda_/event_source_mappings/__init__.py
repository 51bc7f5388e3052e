"""Event source mappings: Lambda polls a source and invokes a function with batches of its records. Fact D."""
