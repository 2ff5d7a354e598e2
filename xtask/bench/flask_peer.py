"""A server as the predecessor's: a Flask route that writes the event as JSON. Without its broker, which would only slow it down."""

import json

from flask import Flask, request

app = Flask(__name__)
logged = []


@app.route("/purchase/<item>", methods=["GET", "POST"])
def purchase(item):
    event = {"event_type": f"{item} purchased"}
    event.update(request.headers)
    logged.append(json.dumps(event).encode())
    return f"{item} Purchased!\n"


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=0, threaded=True)
