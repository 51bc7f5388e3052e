"""What Lambda's pollers hand over from Kafka, Amazon MQ and DocumentDB.

Source: AWS Lambda Developer Guide, "Using Lambda with self-managed Apache Kafka", "Using Lambda with Amazon MSK",
"Using Lambda with Amazon MQ", "Using AWS Lambda with Amazon DocumentDB"; the samples in aws-lambda-go (Kafka, ActiveMQ,
RabbitMQ), read 2026-11. The eventSource of ActiveMQ is aws:mq; older editions of the guide had aws:amq.
"""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.vocabulary.arns import REGION, arn
from lambdalab.simulator.vocabulary.events.plain import base64_of

_SERVERS = f"b-1.demo.a1bcde.c1.kafka.{REGION}.amazonaws.com:9092,b-2.demo.a1bcde.c1.kafka.{REGION}.amazonaws.com:9092"
_BROKER = "b-9bcfa592-423a-4942-879d-eb284b418fc8"
_BODY = '{"order": 17}'


def msk() -> dict[str, Any]:
    """A batch of one record of a topic of Amazon MSK."""
    cluster = arn("kafka", "cluster/demo/6357e0b2-0e6a-4b86-a0b4-70df934c2e31-3")
    return {"eventSource": "aws:kafka", "eventSourceArn": cluster} | _kafka()


def kafka() -> dict[str, Any]:
    """A batch of one record of a topic of a Kafka cluster of one's own."""
    return {"eventSource": "SelfManagedKafka"} | _kafka()


def _kafka() -> dict[str, Any]:
    record = {
        "topic": "orders",
        "partition": 0,
        "offset": 15,
        "timestamp": 1545084650987,
        "timestampType": "CREATE_TIME",
        "key": base64_of("customer-1"),
        "value": base64_of(_BODY),
        "headers": [{"kind": list(b"order")}],
    }
    return {"bootstrapServers": _SERVERS, "records": {"orders-0": [record]}}


def active_mq() -> dict[str, Any]:
    """A batch of one message of an ActiveMQ queue."""
    message = {
        "messageID": f"ID:{_BROKER}-1.mq.{REGION}.amazonaws.com-37557-1234520418293-4:1:1:1:1",
        "messageType": "jms/text-message",
        "deliveryMode": 1,
        "replyTo": None,
        "type": None,
        "expiration": "60000",
        "priority": 1,
        "correlationId": "myJMSCoID",
        "redelivered": False,
        "destination": {"physicalName": "orders"},
        "data": base64_of(_BODY),
        "timestamp": 1598827811958,
        "brokerInTime": 1598827811958,
        "brokerOutTime": 1598827811959,
        "properties": {"kind": "order"},
    }
    return {"eventSource": "aws:mq", "eventSourceArn": arn("mq", f"broker:orders:{_BROKER}"), "messages": [message]}


def rabbit_mq() -> dict[str, Any]:
    """A batch of one message of a RabbitMQ queue; the key names queue and virtual host."""
    properties = {
        "contentType": "text/plain",
        "contentEncoding": None,
        "headers": {"kind": {"bytes": list(b"order")}, "number": 10},
        "deliveryMode": 1,
        "priority": 34,
        "correlationId": None,
        "replyTo": None,
        "expiration": "60000",
        "messageId": None,
        "timestamp": "Jan 1, 1970, 12:33:41 AM",
        "type": None,
        "userId": "AIDACKCEVSQ6C2EXAMPLE",
        "appId": None,
        "clusterId": None,
        "bodySize": 13,
    }
    message = {"basicProperties": properties, "redelivered": False, "data": base64_of(_BODY)}
    return {
        "eventSource": "aws:rmq",
        "eventSourceArn": arn("mq", f"broker:orders:{_BROKER}"),
        "rmqMessagesByQueue": {"orders::/": [message]},
    }


def document_db() -> dict[str, Any]:
    """A batch of one change of a collection of DocumentDB."""
    oid = {"$oid": "63eeb6e7d418cd98afb1c1d7"}
    change = {
        "_id": {"_data": "0163eeb6e7000000090100000009000041e1"},
        "clusterTime": {"$timestamp": {"t": 1676588775, "i": 9}},
        "documentKey": {"_id": dict(oid)},
        "fullDocument": {"_id": dict(oid), "order": 17},
        "ns": {"db": "shop", "coll": "orders"},
        "operationType": "insert",
    }
    cluster = arn("rds", "cluster:orders")
    return {"eventSourceArn": cluster, "events": [{"event": change}], "eventSource": "aws:docdb"}
