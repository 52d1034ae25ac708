"""Homing from Python 3.9 or later, with its standard library alone: python3 examples/backend/homing.py"""

import datetime
import http.client
import json
import os
import random
import socket
import time
import urllib.error
import urllib.request

URL = os.environ.get("HOMING_URL", "http://localhost:3000") + "/graphql"
KEY = os.environ.get("HOMING_KEY", "")
# How often a request is tried, and how long an answer is waited for, in seconds.
TRIES = 5
TIMEOUT = 30


class HomingError(Exception):
    """The service refused. `code` is its extensions.code, `field` the offending field where there is one."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error.get("extensions", {}).get("code")
        self.field = error.get("extensions", {}).get("field")


class OutcomeUnknown(Exception):
    """A push of which nobody knows whether it was stored. Pushing it again may make a second message."""


def register(recipient, **more):
    """Gives the URI at which the browser of this recipient connects."""
    document = "mutation ($input: RegisterRecipientInput!) { registerRecipient(input: $input) { connectionUri } }"
    data = _send(document, {"input": {"recipient": recipient, **more}}, repeatable=True)
    return data["registerRecipient"]["connectionUri"]


def push(recipients, message, **more):
    """Pushes a message to these recipients. Gives what was stored, and for whom it was refused: the others have theirs."""
    document = """mutation ($input: MessageInput!) {
      pushMessage(input: $input) { item { id recipient status expiresAt } error { message } }
    }"""
    data = _send(document, {"input": {"recipients": recipients, "message": message, **more}}, repeatable=False)
    # One result for each recipient, in the order of the input, from which those that were named twice are taken out.
    results = list(zip(dict.fromkeys(recipients), data["pushMessage"]))
    stored = [result["item"] for _, result in results if result["item"]]
    refused = {recipient: result["error"]["message"] for recipient, result in results if result["error"]}
    return stored, refused


def push_globally(message, **more):
    """Pushes a message to all recipients; with an expiresAt also to those who connect before it."""
    document = "mutation ($input: GlobalMessageInput!) { pushGlobalMessage(input: $input) { id expiresAt } }"
    return _send(document, {"input": {"message": message, **more}}, repeatable=False)["pushGlobalMessage"]


def messages(**filter):
    """All messages that match, newest first, read page by page while they are asked for."""
    document = """query ($filter: MessagesFilter, $nextToken: String) {
      messages(filter: $filter, limit: 1000, nextToken: $nextToken) { items { id recipient message status } nextToken }
    }"""
    next_token = None
    while True:
        page = _send(document, {"filter": filter, "nextToken": next_token}, repeatable=True)["messages"]
        yield from page["items"]
        next_token = page["nextToken"]
        if next_token is None:
            return


def _send(query, variables, repeatable):
    """Sends an operation, and again where that is safe: always when nothing was stored, and else when it may be done twice."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    for attempt in range(TRIES):
        failure, status, retry_after, answer, not_sent = None, None, None, {}, False
        try:
            status, retry_after, answer = _post(body)
        except (OSError, http.client.HTTPException) as error:
            failure = error
            # Nobody listens there, or the name has no address: the request was never sent.
            not_sent = isinstance(getattr(error, "reason", None), (ConnectionRefusedError, socket.gaierror))
        errors = answer.get("errors") or []
        if answer.get("data") and not errors:
            return answer["data"]
        refusal = HomingError(errors[0]) if errors else failure or Exception(f"Homing answered {status}")
        broke_inside = getattr(refusal, "code", None) == "INTERNAL_SERVER_ERROR"
        if failure is None and status not in (429, 502, 503, 504) and (repeatable or not broke_inside):
            raise refusal
        nothing_stored = status == 429 or not_sent or "Nothing was stored" in str(refusal)
        if not repeatable and not nothing_stored:
            raise OutcomeUnknown(str(refusal))
        if attempt == TRIES - 1:
            raise refusal
        # What it says, or a little longer each time; spread, so that many callers don't come back together.
        time.sleep(float(retry_after or 2**attempt) * (1 + random.random()))


def _post(body):
    headers = {"content-type": "application/json", "x-api-key": KEY}
    request = urllib.request.Request(URL, data=body, headers=headers, method="POST")
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        text = response.read()
        is_json = "json" in response.headers.get("content-type", "")
        return response.status, response.headers.get("retry-after"), json.loads(text) if is_json else {}


def main():
    """What it looks like in use."""
    print("ann connects at", register("ann"))
    stored, refused = push(["ann", "bob", ""], "Hello from Python")
    for message in stored:
        print("stored for", message["recipient"], message["id"])
    for recipient, reason in refused.items():
        print("refused for", repr(recipient), reason)
    in_an_hour = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    push(["ann"], "Python: this is gone in an hour", expiresAt=in_an_hour.isoformat())
    push_globally("Python: this is for all")
    for message in messages(recipient="ann"):
        print(message["status"], message["message"])


if __name__ == "__main__":
    main()
