"""The bucket: the lake, the records of runs, and what jobs tell each other."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from typing import Any, Iterator, Protocol

from .errors import JobError

_PART = 4 << 20


class Storage(Protocol):
    """Objects by their keys."""

    def url(self, key: str) -> str:
        """The address under which an engine finds it."""

    def sizes(self, prefix: str) -> dict[str, int]:
        """Bytes of all objects under a prefix, by key."""

    def etags(self, prefix: str) -> dict[str, str]:
        """By which an object is told from any other of its key, by key; none where there is no such thing."""

    def read(self, key: str) -> bytes:
        """One object. Raises KeyError where there is none."""

    def write(self, key: str, body: bytes) -> None:
        """Writes one object, whole."""

    def remove(self, prefix: str) -> None:
        """Removes all objects under a prefix."""

    def sha256(self, key: str) -> str:
        """Of an object's bytes."""


class Bucket:
    """A bucket of S3."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self.name = name

    def url(self, key: str) -> str:
        return f"s3://{self.name}/{key}"

    def sizes(self, prefix: str) -> dict[str, int]:
        return {found["Key"]: found["Size"] for found in self._found(prefix)}

    def etags(self, prefix: str) -> dict[str, str]:
        return {found["Key"]: found["ETag"].strip('"') for found in self._found(prefix) if found.get("ETag")}

    def read(self, key: str) -> bytes:
        return b"".join(self._parts(key))

    def write(self, key: str, body: bytes) -> None:
        with _told(f"{self.url(key)} cannot be written"):
            self._client.put_object(Bucket=self.name, Key=key, Body=body)

    def remove(self, prefix: str) -> None:
        keys = [{"Key": key} for key in self.sizes(prefix)]
        for at in range(0, len(keys), 1000):
            with _told(f"{self.url(prefix)} cannot be removed"):
                answer = self._client.delete_objects(
                    Bucket=self.name, Delete={"Objects": keys[at : at + 1000], "Quiet": True}
                )
            for error in (answer or {}).get("Errors", []):
                code, said = str(error.get("Code")), error.get("Message") or ""
                text = f"{self.url(error.get('Key', prefix))} cannot be removed (s3:DeleteObject): {code} {said}"
                raise JobError(text.rstrip(), _denied_or_io(code))

    def sha256(self, key: str) -> str:
        digest = hashlib.sha256()
        for part in self._parts(key):
            digest.update(part)
        return digest.hexdigest()

    def _found(self, prefix: str) -> Iterator[dict[str, Any]]:
        more: dict[str, str] = {}
        while True:
            with _told(f"{self.url(prefix)} cannot be listed"):
                page = self._client.list_objects_v2(Bucket=self.name, Prefix=prefix, **more)
            yield from page.get("Contents", [])
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _parts(self, key: str) -> Iterator[bytes]:
        try:
            body = self._client.get_object(Bucket=self.name, Key=key)["Body"]
        except Exception as error:
            if _code(error) in ("NoSuchKey", "404"):
                raise KeyError(key) from None
            raise JobError(f"{self.url(key)} cannot be read: {error}", _denied_or_io(_code(error))) from error
        while True:
            part = body.read(_PART)
            if not part:
                return
            yield part


def read_json(storage: Storage, key: str) -> Any:
    """A JSON document. Raises KeyError where there is none, ValueError where it is no JSON."""
    return json.loads(storage.read(key).decode("utf-8"))


def write_json(storage: Storage, key: str, document: Any) -> None:
    """Writes a document as a person reads it."""
    storage.write(key, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode("utf-8"))


def read_release(storage: Storage, key: str) -> dict[str, Any]:
    """The release document that the job runs. Raises NOT_FOUND, IO."""
    try:
        return read_json(storage, key)
    except KeyError:
        raise JobError(f"{storage.url(key)} is gone", "NOT_FOUND", ["rental-etl bootstrap"]) from None
    except ValueError:
        raise JobError(f"{storage.url(key)} is no release", "IO", ["rental-etl bootstrap"]) from None


def _code(error: Exception) -> str:
    return str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))


@contextmanager
def _told(problem: str) -> Iterator[None]:
    """What S3 refuses or fails at, with its own words, which name the action."""
    try:
        yield
    except Exception as error:
        raise JobError(f"{problem}: {error}", _denied_or_io(_code(error)), ["rental-etl doctor"]) from error


def _denied_or_io(code: str) -> str:
    return "ACCESS" if code in ("AccessDenied", "403") else "IO"
