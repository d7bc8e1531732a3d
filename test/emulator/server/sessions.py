"""Keys of a session of a role, as the service gets them that assumes it."""

import json
import time
import uuid

import boto3
from botocore.config import Config
from ministack.services import iam, sts

from .settings import AUTH, ENDPOINT, REGION

LASTS = 12 * 3600


class NotAssumable(Exception):
    """The role is not there, or does not trust the service."""


def assume(role: str, service: str, name: str) -> dict[str, str]:
    """Environment variables with the keys of a session; with AUTH the role's policies decide what it may do."""
    if AUTH:
        check_trust(role, service)
    keys = {
        "AWS_ACCESS_KEY_ID": "ASIA" + uuid.uuid4().hex[:16].upper(),
        "AWS_SECRET_ACCESS_KEY": uuid.uuid4().hex,
        "AWS_SESSION_TOKEN": uuid.uuid4().hex,
    }
    account = role.split(":")[4]
    sts.register_session(
        keys["AWS_ACCESS_KEY_ID"],
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role.rsplit('/', 1)[1]}/{name}",
            "UserId": f"AROA:{name}",
            "SecretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
            "SessionToken": keys["AWS_SESSION_TOKEN"],
            "Expiration": time.time() + LASTS,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
        },
    )
    return keys


def check_trust(role: str, service: str) -> None:
    """Whether the role exists, and names the service in its trust policy."""
    found = iam._roles.get(role.rsplit("/", 1)[-1])
    if not found:
        raise NotAssumable(f"{service} cannot assume {role}: there is no such role")
    policy = found["AssumeRolePolicyDocument"]
    document = json.loads(policy) if isinstance(policy, str) else policy
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        services = (statement.get("Principal") or {}).get("Service", [])
        if statement.get("Effect") == "Allow" and service in ([services] if isinstance(services, str) else services):
            return
    raise NotAssumable(f"{service} cannot assume {role}: its trust policy does not name the service")


def client(kind: str, role: str, service: str, name: str):
    """A client that calls this very box as a session of the role. It never tries again by itself."""
    keys = assume(role, service, name)
    return boto3.client(
        kind,
        endpoint_url=ENDPOINT,
        region_name=REGION,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=keys["AWS_SESSION_TOKEN"],
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an s3:// address."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
