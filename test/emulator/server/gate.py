"""Every request passes here: recorded, and refused where a fault says so."""

import json
import os
import time
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id

from . import bookmarks, hooks, schedule
from .faults import FAULTS, is_mutating
from .settings import FOLDER

dispatch = app._dispatch_service_request
asgi = app.app
CALLS: list[dict[str, Any]] = []


async def record_and_dispatch(method, path, headers, body, query_params, request_id):
    """Records one request under its IAM action, and lets it through unless a fault takes it."""
    params = app._routing_params(method, path, headers, body, query_params)
    service = app.detect_service(method, path, headers, params)
    region = app.extract_region(headers)
    action = iam_actions.extract_iam_action(service, method, path, headers, body, params) or f"{service}:{method}"
    resource = iam_actions.extract_resource_arn(service, method, path, headers, body, params, region, get_account_id())
    key = app.extract_access_key_id(headers, query_params) or ""
    identity = (iam_evaluator.resolve_caller_identity(key) or {}).get("userArn", key)
    call = {
        "at": time.time(),
        "action": action,
        "identity": identity,
        "resource": resource,
        "mutating": is_mutating(action, body),
    }
    if action == "redshift-data:BatchExecuteStatement":
        call["statements"] = len(json.loads(body or b"{}").get("Sqls", []))
    CALLS.append(call)
    answer = fault(service, action, resource, identity, key, headers, request_id)
    if answer is None:
        answer = await dispatch(method, path, headers, body, query_params, request_id)
    call["status"] = answer[0]
    return answer


def fault(service, action, resource, identity, key, headers, request_id):
    """The answer of a request that a fault takes, in the words of its service's protocol."""
    if FAULTS.is_expired(key):
        error = iam_evaluator.AuthError(
            "ExpiredTokenException", "The security token included in the request is expired"
        )
        return app._credential_failure(service, action, request_id, error, headers)
    if FAULTS.take_throttle(action):
        error = iam_evaluator.AuthError("SlowDown" if service == "s3" else "ThrottlingException", "Rate exceeded")
        _, answer_headers, body = app._credential_failure(service, action, request_id, error, headers)
        return 503 if service == "s3" else 400, answer_headers, body
    if action in FAULTS.refuse:
        return iam_actions.access_denied_response(
            service, action, identity, request_id, headers=headers, resource_arn=resource
        )
    return None


def control(method: str, path: str, body: bytes) -> tuple[int, Any]:
    """Answers a call of the box's own addresses."""
    match method, path:
        case "GET", "/_box/ready":
            return 200, {"pid": os.getpid(), "folder": str(FOLDER)}
        case "POST", "/_box/faults":
            FAULTS.merge(json.loads(body))
            return 200, {}
        case "DELETE", "/_box/faults":
            FAULTS.clear()
            return 200, {}
        case "GET", "/_box/calls":
            return 200, list(CALLS)
        case "DELETE", "/_box/calls":
            CALLS.clear()
            return 200, {}
        case "POST", "/_box/fire":
            schedule.fire(json.loads(body)["rule"])
            return 200, {}
        case "POST", "/_box/bookmarks/commit":
            return 200, bookmarks.commit(json.loads(body))
        case "POST", "/_box/bookmarks/read":
            return 200, bookmarks.read(json.loads(body))
    return 404, {"message": f"{method} {path} is not an address of the box"}


async def with_control(scope, receive, send):
    """The box's own addresses, before those of AWS."""
    if scope["type"] != "http" or not scope["path"].startswith("/_box/"):
        return await asgi(scope, receive, send)
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    try:
        status, answer = control(scope["method"], scope["path"], body)
    except (KeyError, ValueError) as error:
        status, answer = 400, {"message": str(error)}
    text = json.dumps(answer).encode()
    content = [(b"content-type", b"application/json"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": content})
    await send({"type": "http.response.body", "body": text})


def install() -> None:
    hooks.replace(app, "_dispatch_service_request", record_and_dispatch)
    hooks.replace(app, "app", with_control)
    # The box answers http; a policy that asks for TLS sees TLS.
    pin = app.pin_request_origin
    hooks.replace(app, "pin_request_origin", lambda address, _: pin(address, True))
