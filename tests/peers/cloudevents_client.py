"""Sends the same CloudEvents in each mode with the CloudEvents SDK: `cloudevents_client.py URL`. Prints the server's answers."""

import json
import sys
import urllib.request
from datetime import datetime, timezone

from cloudevents.core.bindings import http
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

FORMAT = JSONFormat()


def event(number, mode):
    attributes = {
        "id": f"{mode}-{number}",
        "source": "/game/über uns?a=1%",
        "type": "com.example.boss.slain",
        "time": datetime(2026, 11, 23, 10, 0, number, tzinfo=timezone.utc),
        "subject": 'a "quoted" €',
        "datacontenttype": "application/json",
        "extension": "seven",
    }
    return CloudEvent(attributes, {"boss": "hydra", "heads": [1, number]})


def post(headers, body):
    request = urllib.request.Request(sys.argv[1] + "/v1/events", data=body, headers=headers, method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def send(message):
    return post(message.headers, message.body)


batch = b"[" + b",".join(FORMAT.write(event(number, "batch")) for number in (1, 2)) + b"]"
answers = [
    send(http.to_binary(event(1, "binary"), FORMAT)),
    send(http.to_structured(event(1, "structured"), FORMAT)),
    post({"Content-Type": "application/cloudevents-batch+json"}, batch),
    # A retry of the SDK's user.
    send(http.to_binary(event(1, "binary"), FORMAT)),
    # Without data, and with data that is no JSON.
    send(http.to_binary(CloudEvent({"id": "bare", "source": "/", "type": "x"}), FORMAT)),
    send(
        http.to_binary(
            CloudEvent({"id": "bytes", "source": "/", "type": "x", "datacontenttype": "image/png"}, b"\x89PNG"),
            FORMAT,
        )
    ),
]
print(json.dumps(answers))
