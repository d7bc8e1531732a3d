"""Glue: jobs as they were put, runs as processes of the job's own script, and bookmarks."""

import json
import threading
import time
import uuid
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, json_response
from ministack.services import glue as base
from ministack.services.cloudformation import provisioners

from . import bookmarks, hooks
from .runner import TERMINAL, Run

LOCK = threading.RLock()
RUNS: dict[str, Run] = {}
WHOLE = ("Timeout", "NumberOfWorkers", "MaxRetries")
DECIMAL = ("MaxCapacity",)
#: What Glue says of a job that was created without it, at the version that this project asks for.
DEFAULT_TIMEOUT = {"glueetl": 480, "pythonshell": 2880}


class Refused(Exception):
    """An answer of Glue that is an error."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


def not_found(message: str) -> Refused:
    return Refused("EntityNotFoundException", message)


def numbers(settings: dict[str, Any]) -> dict[str, Any]:
    """A template gives numbers as text; Glue gives them back as numbers, and leaves out what was not said."""
    out = {key: value for key, value in settings.items() if value not in (None, "", {})}
    for key in WHOLE:
        if key in out:
            out[key] = int(out[key])
    for key in DECIMAL:
        if key in out:
            out[key] = float(out[key])
    if "MaxConcurrentRuns" in out.get("ExecutionProperty", {}):
        out["ExecutionProperty"] = {"MaxConcurrentRuns": int(out["ExecutionProperty"]["MaxConcurrentRuns"])}
    return out


def settled(settings: dict[str, Any]) -> dict[str, Any]:
    """A job's settings with what Glue fills in."""
    job = numbers(settings)
    if "WorkerType" in job and "MaxCapacity" in job:
        raise Refused(
            "InvalidInputException", "Please do not set Max Capacity if using Worker Type and Number of Workers."
        )
    job.setdefault("ExecutionProperty", {"MaxConcurrentRuns": 1})
    job.setdefault("MaxRetries", 0)
    job.setdefault("Timeout", DEFAULT_TIMEOUT.get(job.get("Command", {}).get("Name", ""), 480))
    job.setdefault("GlueVersion", "5.1")
    return job


def create_job(data: dict[str, Any]):
    name = data.get("Name")
    if not name:
        raise Refused("InvalidInputException", "Name is required")
    if name in base._jobs:
        raise Refused("AlreadyExistsException", f"Job with name {name} already exists")
    job = settled({key: value for key, value in data.items() if key != "Tags"})
    base._jobs[name] = {**job, "CreatedOn": time.time(), "LastModifiedOn": time.time()}
    base._job_runs[name] = []
    return {"Name": name}


def update_job(data: dict[str, Any]):
    """Replaces all settings: what is not given is gone."""
    name = data["JobName"]
    old = job_of(name)
    kept = {"Name": name, "CreatedOn": old["CreatedOn"], "LastModifiedOn": time.time()}
    base._jobs[name] = {**settled(data["JobUpdate"]), **kept}
    return {"JobName": name}


def delete_job(data: dict[str, Any]):
    """A job's bookmark goes with it."""
    name = data["JobName"]
    base._jobs.pop(name, None)
    base._job_runs.pop(name, None)
    bookmarks.forget(name)
    return {"JobName": name}


def job_of(name: str) -> dict[str, Any]:
    job = base._jobs.get(name)
    if not job:
        raise not_found(f"Job with name: {name} not found")
    return job


def start_job_run(data: dict[str, Any]) -> dict[str, Any]:
    name = data["JobName"]
    with LOCK:
        job = base._jobs.get(name)
        if not job:
            raise not_found(f"Failed to start job run due to missing metadata. Job with name: {name} not found")
        runs = base._job_runs.setdefault(name, [])
        going = sum(run["JobRunState"] not in TERMINAL for run in runs)
        if going >= job["ExecutionProperty"]["MaxConcurrentRuns"]:
            raise Refused("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {name}")
        record = {
            "Id": "jr_" + uuid.uuid4().hex + uuid.uuid4().hex,
            "Attempt": 0,
            "JobName": name,
            "StartedOn": time.time(),
            "LastModifiedOn": time.time(),
            "JobRunState": "STARTING",
            "Arguments": data.get("Arguments", {}),
            "PredecessorRuns": [],
            "ExecutionTime": 0,
            "LogGroupName": "/aws-glue/jobs" if job["Command"]["Name"] == "glueetl" else "/aws-glue/python-jobs",
            "GlueVersion": job["GlueVersion"],
            "Timeout": int(data.get("Timeout") or job["Timeout"]),
            **{
                key: job[key]
                for key in ("WorkerType", "NumberOfWorkers", "MaxCapacity", "ExecutionClass")
                if key in job
            },
        }
        runs.insert(0, record)
    arguments = {
        **job.get("DefaultArguments", {}),
        **data.get("Arguments", {}),
        **job.get("NonOverridableArguments", {}),
    }
    RUNS[record["Id"]] = Run(record, job, arguments, get_account_id())
    RUNS[record["Id"]].start()
    return {"JobRunId": record["Id"]}


def job_run(data: dict[str, Any]) -> dict[str, Any]:
    job_of(data["JobName"])
    for run in base._job_runs.get(data["JobName"], []):
        if run["Id"] == data["RunId"]:
            return {"JobRun": dict(run)}
    raise not_found(f"Job Run {data['RunId']} of job {data['JobName']} not found")


def job_runs(data: dict[str, Any]) -> dict[str, Any]:
    """Newest first, in pages."""
    job_of(data["JobName"])
    runs = base._job_runs.get(data["JobName"], [])
    begin, size = int(data.get("NextToken") or 0), int(data.get("MaxResults") or 200)
    more = {"NextToken": str(begin + size)} if begin + size < len(runs) else {}
    return {"JobRuns": [dict(run) for run in runs[begin : begin + size]], **more}


def stop_job_run(data: dict[str, Any]) -> dict[str, Any]:
    name, done, errors = data["JobName"], [], []
    known = {run["Id"]: run for run in base._job_runs.get(name, [])}
    for one in data["JobRunIds"]:
        where = {"JobName": name, "JobRunId": one}
        if one in known and known[one]["JobRunState"] not in TERMINAL:
            RUNS[one].stop()
            done.append(where)
            continue
        code = "InvalidInputException" if one in known else "EntityNotFoundException"
        why = f"Job Run {one} is {known[one]['JobRunState']}" if one in known else f"Job Run {one} not found"
        errors.append({**where, "ErrorDetail": {"ErrorCode": code, "ErrorMessage": why}})
    return {"SuccessfulSubmissions": done, "Errors": errors}


def bookmark(data: dict[str, Any]) -> dict[str, Any]:
    job_of(data["JobName"])
    entry = bookmarks.entry(data["JobName"], data.get("RunId"))
    if not entry:
        raise not_found(f"Continuation for job {data['JobName']} not found")
    return {"JobBookmarkEntry": entry}


def reset_bookmark(data: dict[str, Any]) -> dict[str, Any]:
    job_of(data["JobName"])
    entry = bookmarks.reset(data["JobName"], data.get("RunId"))
    if not entry:
        raise not_found(f"Continuation for job {data['JobName']} not found")
    return {"JobBookmarkEntry": entry}


def answering(operation):
    """The operation in the form in which MiniStack calls its own."""

    def answer(data: dict[str, Any]):
        try:
            return json_response(operation(data))
        except Refused as refused:
            return error_response_json(refused.code, str(refused), 400)

    return answer


#: Operations that MiniStack does not have.
MORE = {
    "GetJobBookmark": answering(bookmark),
    "ResetJobBookmark": answering(reset_bookmark),
}
handle = base._handle_request_sync


def handle_request(method, path, headers, body, query_params):
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    if operation in MORE:
        return MORE[operation](json.loads(body or b"{}"))
    return handle(method, path, headers, body, query_params)


def template_fields(properties: dict[str, Any]) -> dict[str, Any]:
    """What of a template's job is the job's: all but its name and tags."""
    return {key: value for key, value in properties.items() if key not in ("Name", "Tags")}


def install() -> None:
    for name, operation in {
        "_create_job": create_job,
        "_update_job": update_job,
        "_delete_job": delete_job,
        "_get_job": lambda data: {"Job": job_of(data["JobName"])},
        "_start_job_run": start_job_run,
        "_get_job_run": job_run,
        "_get_job_runs": job_runs,
        "_batch_stop_job_run": stop_job_run,
    }.items():
        hooks.replace(base, name, answering(operation))
    hooks.replace(base, "_handle_request_sync", handle_request)
    hooks.replace(provisioners, "_glue_job_fields", template_fields)
