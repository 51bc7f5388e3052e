"""Say whether a release may go live. CodePipeline asks."""

import json

import boto3

s3 = boto3.client("s3")
pipeline = boto3.client("codepipeline")


def verdict(job):
    """None for a good release, else what is wrong with it."""
    place = job["data"]["inputArtifacts"][0]["location"]["s3Location"]
    release = json.load(s3.get_object(Bucket=place["bucketName"], Key=place["objectKey"])["Body"])
    print(f"release {release['version']}: tests {release['tests']}")
    return None if release["tests"] == "passed" else f"release {release['version']}: tests failed"


def handler(event, context):
    job = event["CodePipeline.job"]
    wrong = verdict(job)
    if wrong:
        raise ValueError(wrong)
    pipeline.put_job_success_result(jobId=job["id"])
