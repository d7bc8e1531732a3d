"""Step Functions: the integrations that our workflow uses, called as its role; and the history in AWS's words."""

import contextvars
import json
import time
from typing import Any

from botocore.exceptions import ClientError
from ministack.core.responses import json_response
from ministack.services import stepfunctions as base

from . import hooks, sessions
from .runner import TERMINAL

POLL = 0.1
#: The execution, and how to say what its task was given.
TASK: contextvars.ContextVar[tuple[dict[str, Any], Any] | None] = contextvars.ContextVar("task", default=None)
execute_task, add_event, fail_execution, start_execution = (
    base._execute_task,
    base._add_event,
    base._fail_execution,
    base._start_execution,
)


def task(state, raw_input, execution, context):
    """A Task, remembered for the integrations, which MiniStack gives the parameters alone."""

    def parameters() -> dict[str, Any]:
        return base._apply_parameters(state, base._apply_input_path(state, raw_input, context), context)

    TASK.set((execution, parameters))
    return execute_task(state, raw_input, execution, context)


def event(execution, kind: str, details: dict[str, Any] | None = None):
    """An event of the history. One that was stopped has none after its end."""
    if execution["status"] != "RUNNING" and not kind.startswith("Execution"):
        return None
    for detail in (details or {}).values():
        _, integration, name = str(detail.get("resource", "")).rpartition("arn:aws:states:::")
        if integration:
            detail["resourceType"], _, detail["resource"] = name.partition(":")
    current = TASK.get()
    if kind == "TaskScheduled" and current:
        details["taskScheduledEventDetails"].update(
            parameters=json.dumps(current[1]()), region=execution["executionArn"].split(":")[3]
        )
    added = add_event(execution, kind, details)
    added["previousEventId"] = added["id"] - 1
    if kind == "TaskScheduled":
        scheduled = details["taskScheduledEventDetails"]
        started = {key: scheduled[key] for key in ("resourceType", "resource")}
        event(execution, "TaskStarted", {"taskStartedEventDetails": started})
    return added


def failed(execution, error: str, cause: str) -> None:
    """One that was stopped stays ABORTED, whatever its task ended with."""
    if execution["status"] == "RUNNING":
        fail_execution(execution, error, cause)


def start(data: dict[str, Any]):
    """The same name with the same input, while it runs, is the execution that is there."""
    machine = base._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    if machine and data.get("name"):
        there = base._executions.get(machine.replace(":stateMachine:", ":execution:") + ":" + data["name"])
        if there and there["status"] == "RUNNING" and there["input"] == data.get("input", "{}"):
            return json_response({"executionArn": there["executionArn"], "startDate": there["startDate"]})
    return start_execution(data)


def client(kind: str, execution: dict[str, Any]):
    """A client that acts as the role of the state machine."""
    role = base._state_machines[execution["stateMachineArn"]]["roleArn"]
    try:
        return sessions.client(kind, role, "states.amazonaws.com", execution["name"][:32])
    except sessions.NotAssumable as error:
        raise base._ExecutionError("States.Runtime", str(error)) from error


def call(service: str, operation, **parameters) -> dict[str, Any]:
    """A call whose error has the name that a workflow catches: `Glue.EntityNotFoundException`."""
    try:
        answer = operation(**parameters)
    except ClientError as error:
        found = error.response["Error"]
        name = found["Code"] if found["Code"].endswith(("Exception", "Error")) else found["Code"] + "Exception"
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        cause = f"{found['Message']} (Service: {service}, Status Code: {status})"
        raise base._ExecutionError(f"{service}.{name}", cause) from error
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def start_job_run(resource: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """`glue:startJobRun`; with `.sync` the run to its end: stopped with the execution, failed as States.TaskFailed."""
    execution = TASK.get()[0]
    glue = client("glue", execution)
    started = call("Glue", glue.start_job_run, **parameters)
    submitted = {"resource": resource, "output": json.dumps(started)}
    base._add_event(execution, "TaskSubmitted", {"taskSubmittedEventDetails": submitted})
    if not resource.endswith(".sync"):
        return started
    name, run = parameters["JobName"], started["JobRunId"]
    while True:
        found = call("Glue", glue.get_job_run, JobName=name, RunId=run)["JobRun"]
        if found["JobRunState"] in TERMINAL:
            break
        if execution["status"] != "RUNNING":
            # Best effort, as on AWS: without the right to do so, the run goes on.
            call("Glue", glue.batch_stop_job_run, JobName=name, JobRunIds=[run])
            raise base._ExecutionError("States.TaskFailed", "the execution was stopped")
        time.sleep(POLL)
    told = json.loads(json.dumps(found, default=lambda moment: int(moment.timestamp() * 1000)))
    if found["JobRunState"] not in ("SUCCEEDED", "STOPPED"):
        raise base._ExecutionError("States.TaskFailed", json.dumps(told, separators=(",", ":")))
    return told


def publish(_resource: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """`sns:publish`. A message that is no text goes as JSON."""
    message = parameters.get("Message", "")
    text = message if isinstance(message, str) else json.dumps(message)
    return call("SNS", client("sns", TASK.get()[0]).publish, **{**parameters, "Message": text})


def install() -> None:
    hooks.replace(base, "_execute_task", task)
    hooks.replace(base, "_add_event", event)
    hooks.replace(base, "_fail_execution", failed)
    hooks.replace(base, "_start_execution", start)
    base._SERVICE_DISPATCH["arn:aws:states:::glue:startJobRun"] = start_job_run
    base._SERVICE_DISPATCH["arn:aws:states:::sns:publish"] = publish
