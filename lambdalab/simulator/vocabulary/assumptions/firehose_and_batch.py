"""Firehose streams and S3 Batch Operations, which hand functions what others have stored."""

from __future__ import annotations

from lambdalab.simulator.kernel import MILLISECOND, MINUTE, Micros
from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

FIREHOSE_BACKOFF = (1_000_000, 4_000_000, 12_000_000)  # microseconds before a batch is tried again
FIREHOSE_S3_BACKOFF_MIN, FIREHOSE_S3_BACKOFF_MAX = Micros(5_000 * MILLISECOND), Micros(5 * MINUTE)

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-146",
        "How a Firehose stream waits and tries again",
        "The guide says that a function is asked three times more, and a bucket for 24 hours; it does not say when, "
        "and we found it nowhere (searched 2026-11-29). Here a function that fails or is throttled is asked again "
        "after 1, 4 and 12 seconds (12 for each further retry); published failures are about twenty seconds younger "
        "than their first attempt. A bucket that refuses is asked again after 5 seconds, doubling to 5 minutes. A "
        "read of the source that is refused is repeated ten times and then with the next record. An error prefix "
        "without expressions has processing-failed/ and the hour behind it.",
    ),
    Assumption(
        "A-148",
        "How S3 Batch Operations works through a job",
        "The guide says that a TemporaryFailure is tried again before the job is over, and that the last one stays; "
        "it says neither how often nor when, and names neither codes nor texts of refusals and of FailureReasons "
        "(searched 2026-11-29). Here preparing takes 2 to 10 seconds and twenty tasks run at once; one that fails for "
        "the time being (a TemporaryFailure, an error of the function, a throttle) is tried again after 1, 2 and 4 "
        "seconds. A task that the function leaves out is a TemporaryFailure unless treatMissingKeysAs says otherwise. "
        "A scenario writes ETag: current for the manifest as it is.",
    ),
    Assumption(
        "A-180",
        "What Firehose makes of an answer, and what captures show beside the guide",
        "After captures of 2026 that people have published: an answer without a record's id is final "
        "(Lambda.MissingRecordId); a result that there is not, or data that are not base64, fail the batch "
        "(Lambda.FunctionError); Ok without data fails its record. None of them is tried again. An answer that is no "
        "JSON object is Lambda.JsonProcessingException, a function's timeout Lambda.FunctionTimedOut, as the guide has "
        "it; one capture shows Lambda.FunctionError there. Lines of what failed say lambdaARN. A new line stands "
        "between records, whatever a Delimiter says; a backup waits for 60 seconds at least; the RecordId of a caller "
        "has 128 characters and is not the function's recordId.",
    ),
    Assumption(
        "A-182",
        "Whether a job of S3 Batch Operations waits to be confirmed",
        "It does unless ConfirmationRequired is false, as the User Guide says of create-job without "
        "--no-confirmation-required; the API reference says that only jobs of the console have to be confirmed.",
    ),
)
