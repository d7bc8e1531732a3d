"""EventBridge: a rule starts an execution with the rights of its target's role; and a schedule fires when it is asked to."""

import contextvars
import threading

from botocore.exceptions import ClientError
from ministack.services import eventbridge as base

from . import hooks, sessions

#: The target that is being invoked.
TARGET: contextvars.ContextVar[dict] = contextvars.ContextVar("target")
invoke_target = base._invoke_target


def invoke(target, event, rule, view=None):
    """A target, remembered for what starts an execution, which MiniStack gives the address alone."""
    TARGET.set(target)
    return invoke_target(target, event, rule, view)


def start_execution(arn: str, payload: str) -> None:
    """As the role of the target. What is refused nobody is told, as on AWS; it stands among the calls."""
    try:
        states = sessions.client("stepfunctions", TARGET.get().get("RoleArn", ""), "events.amazonaws.com", "EventBridge")
        states.start_execution(stateMachineArn=arn, input=payload)
    except (ClientError, sessions.NotAssumable) as error:
        base.logger.warning("EventBridge: target %s not invoked: %s", arn, error)


def fire(name: str) -> None:
    """Lets a rule be due, as if its time had come. Raises KeyError where there is none of that name."""
    keys = [key for key, rule in list(base._rules._data.items()) if rule.get("Name") == name]
    if not keys:
        raise KeyError(f"there is no rule {name}")
    for key in keys:
        base._rule_last_fired[key] = 0.0
    # It calls this very server, which cannot answer while it waits for itself.
    threading.Thread(target=base._tick_scheduled_rules, daemon=True).start()


def install() -> None:
    hooks.replace(base, "_invoke_target", invoke)
    hooks.replace(base, "_dispatch_to_stepfunctions", start_execution)
