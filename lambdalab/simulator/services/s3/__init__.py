"""Amazon S3: buckets and objects in moto's store behind our front door, and what buckets tell others."""

from lambdalab.simulator.services.s3.service import S3Service

__all__ = ["S3Service"]
