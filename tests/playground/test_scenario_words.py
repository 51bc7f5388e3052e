from lambdalab.playground.scenario_words import happenings, length


def test_an_asynchronous_invocation_is_told_with_time_and_payload() -> None:
    step = {
        "at": "1m",
        "call": "lambda.invoke",
        "with": {"FunctionName": "charge", "InvocationType": "Event", "Payload": {"file": "events/a.json"}},
    }
    (told,) = happenings({"steps": [step]})
    assert told.title == "Invoke charge asynchronously"
    assert told.detail == "at 1 min, events/a.json"


def test_repeats_and_rates_are_told() -> None:
    steps = [
        {
            "at": "10s",
            "call": "sqs.send_message",
            "with": {"QueueUrl": "orders"},
            "repeat": {"count": 5, "every": "20ms"},
        },
        {"call": "lambda.invoke", "with": {"FunctionName": "f"}, "rate": {"per_second": 3, "for": "1h30m"}},
    ]
    queue, rate = happenings({"steps": steps})
    assert (queue.title, queue.detail) == ("sqs.send_message → orders", "at 10 s, 5 times, every 20 ms")
    assert (rate.title, rate.detail) == ("Invoke f and wait", "at 0 s, 3 a second for 1 h 30 min")


def test_faults_say_what_when_and_how_often() -> None:
    fault = {"from": "5m", "until": "20m", "fail": "dynamodb.put_item", "with": "Throttled", "probability": 0.5}
    (told,) = happenings({"faults": [fault]})
    assert told.title == "dynamodb.put_item fails"
    assert told.detail == "from 5 min to 20 min, Throttled, 50 % of the time"


def test_a_key_nobody_knows_yet_is_told_by_its_name() -> None:
    assert happenings({"steps": [{"at": "0s", "teleport": {}}]})[0].title == "teleport"


def test_the_length_is_the_scenarios_own_or_open() -> None:
    assert length({"until": "6h"}) == "6 h of virtual time"
    assert length({}) == "until nothing is left to do"


def test_events_are_told_by_the_name_their_author_gave_them() -> None:
    step = {
        "at": "40m",
        "call": "lambda.invoke",
        "label": "late-{{ n }}",
        "with": {"FunctionName": "ship", "InvocationType": "Event"},
        "repeat": {"count": 2, "every": "5m"},
    }
    (told,) = happenings({"steps": [step]})
    assert told.title == "late-1 to late-2"
    assert told.detail == "Invoke ship asynchronously, at 40 min, 2 times, every 5 min"


def test_the_event_queue_may_deliver_twice() -> None:
    (told,) = happenings({"faults": [{"from": "0s", "until": "10s", "duplicate": "async"}]})
    assert (told.title, told.detail) == ("The event queue delivers some events twice", "from 0 s to 10 s")


def test_an_upload_says_what_goes_where() -> None:
    step = {"at": "20s", "upload": {"file": "events/dog.jpg", "to": "Photos", "key": "my dog.jpg"}}
    (upload,) = happenings({"steps": [step]})
    assert (upload.icon, upload.title, upload.detail) == ("save", "Upload my dog.jpg to Photos", "at 20 s")
