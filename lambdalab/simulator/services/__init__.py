"""What surrounds Lambda: queues, topics, tables."""
