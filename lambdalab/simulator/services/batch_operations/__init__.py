"""Amazon S3 Batch Operations: jobs that invoke a function for each object of a manifest."""

from lambdalab.simulator.services.batch_operations.service import BatchOperations

__all__ = ["BatchOperations"]
