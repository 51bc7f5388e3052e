"""Write the report of one day: read the ledger, ask for today's rate, store the result."""

import json
import os
import socket
import urllib.request

import boto3

reports = boto3.resource("dynamodb").Table(os.environ["REPORTS_TABLE"])


def handler(event, context):
    day = event["day"]
    read_ledger()
    print(f"{day}: the ledger is read")

    with urllib.request.urlopen("https://api.example.com/rates", timeout=20) as answer:
        rate = json.load(answer)["eur"]
    print(f"{day}: one dollar is {rate} euro")

    reports.put_item(Item={"id": day, "rate": str(rate)})
    return {"day": day, "rate": rate}


def read_ledger():
    """The ledger is a database inside the VPC. No SQL is spoken in this lab: reaching it is enough."""
    place = os.environ["LEDGER_HOST"], int(os.environ["LEDGER_PORT"])
    with socket.create_connection(place, timeout=5) as connection:
        connection.sendall(b"select * from ledger")
