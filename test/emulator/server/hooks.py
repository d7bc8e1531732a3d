"""
The names of MiniStack that the box replaces or reads. They are private: its version is pinned, and a test asks for all.
"""

from types import ModuleType

from ministack import app
from ministack.core import iam_actions, iam_evaluator, responses, router
from ministack.services import cloudwatch_logs, eventbridge, glue, iam, secretsmanager, stepfunctions, sts
from ministack.services.cloudformation import provisioners

NAMES: dict[ModuleType, tuple[str, ...]] = {
    app: (
        "app",
        "main",
        "pin_request_origin",
        "_credential_failure",
        "_dispatch_service_request",
        "_routing_params",
        "detect_service",
        "extract_access_key_id",
        "extract_region",
        "SERVICE_HANDLERS",
        "SERVICE_REGISTRY",
    ),
    router: ("SERVICE_PATTERNS",),
    responses: ("error_response_json", "json_response", "get_account_id"),
    iam_actions: ("SERVICE_TO_IAM_NAMESPACE", "access_denied_response", "extract_iam_action", "extract_resource_arn"),
    iam_evaluator: ("AuthError", "enforce", "resolve_caller_identity"),
    iam: ("_roles",),
    sts: ("register_session",),
    secretsmanager: ("_get_secret_value",),
    cloudwatch_logs: ("_create_log_group", "_create_log_stream", "_put_log_events"),
    eventbridge: (
        "logger",
        "_invoke_target",
        "_dispatch_to_stepfunctions",
        "_rules",
        "_rule_last_fired",
        "_tick_scheduled_rules",
    ),
    glue: (
        "_jobs",
        "_job_runs",
        "_create_job",
        "_update_job",
        "_get_job",
        "_delete_job",
        "_get_job_run",
        "_get_job_runs",
        "_start_job_run",
        "_batch_stop_job_run",
        "_handle_request_sync",
    ),
    provisioners: ("_glue_job_fields",),
    stepfunctions: (
        "_execute_task",
        "_add_event",
        "_ExecutionError",
        "_SERVICE_DISPATCH",
        "_state_machines",
        "_executions",
        "_start_execution",
        "_fail_execution",
        "_resolve_state_machine_arn",
        "_apply_parameters",
        "_apply_input_path",
    ),
}


def missing() -> list[str]:
    """The hooked names that this version of MiniStack does not have."""
    return [
        f"{module.__name__}.{name}" for module, names in NAMES.items() for name in names if not hasattr(module, name)
    ]


def replace(module: ModuleType, name: str, value: object) -> None:
    """Replaces a name that is on the list, and is there."""
    if name not in NAMES.get(module, ()) or not hasattr(module, name):
        raise AttributeError(f"{module.__name__}.{name} is not a name that the box may hook into")
    setattr(module, name, value)
