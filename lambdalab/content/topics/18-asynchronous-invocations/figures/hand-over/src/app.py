import time


def handler(event, context):
    time.sleep(2)  # shrinking the picture takes a while
    print("made a thumbnail of", event["photo"])
    return {"thumbnail": "small-" + event["photo"]}
