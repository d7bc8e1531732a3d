"""The Redshift Data API, on PostgreSQL."""

import asyncio
import contextvars
import json
import threading
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import error_response_json, get_account_id, json_response
from ministack.services import iam, secretsmanager
from psycopg import sql as names

from . import hooks, settings
from .dialect import bind
from .statements import ENDED, Submit, connect, prepare

MAX_STATEMENTS, MAX_BYTES, PAGE, MAX_TOKEN = 40, 100_000, 1000, 64
CONTENT = "application/x-amz-json-1.1"
LOCK = threading.RLock()
SUBMITS: dict[str, Submit] = {}
TOKENS: dict[tuple[str, str], str] = {}
#: Words of a request that the box does not know: refused, rather than forgotten.
UNKNOWN = ("SessionId", "SessionKeepAliveSeconds", "ResultFormat", "ExecutionMode")


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


def invalid(message: str) -> Refused:
    return Refused("ValidationException", message)


class Call:
    """One request, and who sent it."""

    def __init__(self, headers: dict[str, str], body: bytes, region: str):
        self.request: dict[str, Any] = json.loads(body or b"{}")
        self.key = app.extract_access_key_id(headers, {}) or ""
        self.identity = (iam_evaluator.resolve_caller_identity(self.key) or {}).get("userArn", self.key)
        self.region = region

    def allowed(self, action: str, resource: str) -> None:
        """With AUTH, whether the caller's own policies let it do what the call does besides."""
        if settings.AUTH and iam_evaluator.enforce(
            self.key, action, action.split(":")[0], self.region, resource_arn=resource
        ):
            raise Refused(
                "AccessDeniedException",
                f"User: {self.identity} is not authorized to perform: {action} on resource: {resource}",
            )

    def user(self) -> str:
        """The database user: that of the secret, or one named after the identity. Without AUTH, the superuser."""
        secret, arn = self.request.get("SecretArn"), self.identity
        if secret:
            self.allowed("secretsmanager:GetSecretValue", secret)
            status, _, body = secretsmanager._get_secret_value({"SecretId": secret})
            if status >= 400:
                raise invalid(f"Secret {secret} cannot be read")
            return made(json.loads(json.loads(body)["SecretString"]).get("username", settings.ADMIN), [])
        where = f"{self.region}:{get_account_id()}"
        if workgroup := self.request.get("WorkgroupName"):
            self.allowed(
                "redshift-serverless:GetCredentials", f"arn:aws:redshift-serverless:{where}:workgroup/{workgroup}"
            )
        elif user := self.request.get("DbUser"):
            cluster = self.request["ClusterIdentifier"]
            self.allowed("redshift:GetClusterCredentials", f"arn:aws:redshift:{where}:dbuser:{cluster}/{user}")
            return made(user, [])
        else:
            cluster = self.request["ClusterIdentifier"]
            self.allowed(
                "redshift:GetClusterCredentialsWithIAM",
                f"arn:aws:redshift:{where}:dbname:{cluster}/{self.request['Database']}",
            )
        if not settings.AUTH or arn.endswith(":root"):
            return settings.ADMIN
        kind, name = ("IAMR", arn.split("/")[-2]) if ":assumed-role/" in arn else ("IAM", arn.split("/")[-1])
        tags = (
            {tag["Key"]: tag["Value"] for tag in (iam._roles.get(name) or {}).get("Tags", [])} if kind == "IAMR" else {}
        )
        return made(f"{kind}:{name}", [role for role in tags.get("RedshiftDbRoles", "").split(":") if role])

    def submitted(self) -> Submit:
        """The submit that an Id names. Only who sent it may ask."""
        submit = SUBMITS.get(self.request.get("Id", "").split(":")[0])
        if not submit or (settings.AUTH and submit.owner != self.identity):
            raise Refused("ResourceNotFoundException", "Query does not exist.")
        return submit


def made(user: str, roles: list[str]) -> str:
    """The database user, made as it is first seen, with the roles that the tag RedshiftDbRoles names."""
    with LOCK, connect(settings.ADMIN, autocommit=True) as admin:
        known = {name for (name,) in admin.execute("select rolname from pg_roles").fetchall()}
        if user not in known:
            admin.execute(names.SQL("create role {} login").format(names.Identifier(user)))
        for role in roles:
            if role in known:
                admin.execute(names.SQL("grant {} to {}").format(names.Identifier(role), names.Identifier(user)))
    return user


def submit(call: Call, sqls: list[str], *, batch: bool) -> dict[str, Any]:
    request = call.request
    if bool(request.get("ClusterIdentifier")) == bool(request.get("WorkgroupName")):
        raise invalid("Exactly one of ClusterIdentifier and WorkgroupName has to be given")
    if request.get("WorkgroupName") and request.get("DbUser"):
        raise invalid("DbUser is not for a workgroup")
    if not request.get("Database"):
        raise invalid("Database has to be given")
    for name in UNKNOWN:
        if name in request:
            raise invalid(f"the box does not know {name}")
    if not 1 <= len(sqls) <= MAX_STATEMENTS:
        raise invalid(
            "1 validation error detected: Value at 'sqls' failed to satisfy constraint: "
            f"Member must have length between 1 and {MAX_STATEMENTS}"
        )
    for text in sqls:
        if len(text.encode()) > MAX_BYTES:
            raise invalid("Query string length exceeds the limit of 100 KB")
    check_parameters(request.get("Parameters", []), sqls)
    token = request.get("ClientToken") or ""
    if len(token) > MAX_TOKEN:
        raise invalid("ClientToken has at most 64 characters")
    user = call.user()
    with LOCK:
        known = SUBMITS.get(TOKENS.get((call.identity, token), "")) if token else None
        one = known or Submit(request, sqls, batch=batch, owner=call.identity, user=user)
        if not known:
            SUBMITS[one.id] = one
            TOKENS[call.identity, token] = one.id
            one.start()
    told = {
        key: request[key]
        for key in ("Database", "ClusterIdentifier", "WorkgroupName", "SecretArn", "DbUser")
        if key in request
    }
    return {"Id": one.id, "CreatedAt": one.created, **told}


def check_parameters(parameters: list[dict[str, str]], sqls: list[str]) -> None:
    """A parameter is a text that is not empty, and is used."""
    given = {one["name"]: one.get("value", "") for one in parameters}
    used: set[str] = set()
    for sql in sqls:
        used |= bind(sql, given)[1]
    for name, value in given.items():
        if value in ("", None):
            raise invalid(f"Parameter {name} has no value: one that is empty or NULL cannot be bound")
        if name not in used:
            raise invalid(f"Parameter {name} is not used")


def described(call: Call) -> dict[str, Any]:
    one = call.submitted()
    if wait := call.request.get("WaitTimeSeconds"):
        one.ended.wait(min(int(wait), 30))
    status, part = one.status, call.request["Id"].partition(":")[2]
    last = one.subs[int(part) - 1] if part else one.subs[-1]
    answer = {
        "Id": call.request["Id"],
        "Status": status if not part else last["Status"],
        "CreatedAt": one.created,
        "UpdatedAt": one.updated,
        "Duration": one.duration,
        "HasResultSet": last["HasResultSet"] and status == "FINISHED",
        "ResultRows": last["ResultRows"],
        "ResultSize": last["ResultSize"],
        "RedshiftPid": 1,
        "RedshiftQueryId": -1,
    }
    answer |= {
        key: one.request[key]
        for key in ("ClusterIdentifier", "WorkgroupName", "Database", "DbUser", "SecretArn")
        if key in one.request
    }
    if one.error and status in ENDED:
        answer["Error"] = one.error
    if one.batch and not part:
        answer["SubStatements"] = [dict(sub) for sub in one.subs]
    else:
        answer["QueryString"] = last["QueryString"]
    if one.parameters:
        answer["QueryParameters"] = one.request["Parameters"]
    return answer


def result(call: Call) -> dict[str, Any]:
    one = call.submitted()
    _, _, part = call.request["Id"].partition(":")
    at = int(part) - 1 if part else len(one.sqls) - 1
    columns, rows = one.results.get(at, (None, []))
    if one.status != "FINISHED" or columns is None:
        raise Refused(
            "ResourceNotFoundException", "Query does not have result. Please check query status with DescribeStatement."
        )
    begin = int(call.request.get("NextToken") or 0)
    more = {"NextToken": str(begin + PAGE)} if begin + PAGE < len(rows) else {}
    return {"ColumnMetadata": columns, "Records": rows[begin : begin + PAGE], "TotalNumRows": len(rows), **more}


def cancelled(call: Call) -> dict[str, Any]:
    one = call.submitted()
    if not one.cancel():
        raise invalid(f"Could not cancel a query that is already in {one.status} state with ID: {one.id}")
    return {"Status": True}


def listed(call: Call) -> dict[str, Any]:
    """The caller's own, newest first. Without a Status, those that finished."""
    asked = call.request
    status, prefix = asked.get("Status", "FINISHED"), asked.get("StatementName", "")
    found = [
        one
        for one in sorted(SUBMITS.values(), key=lambda one: -one.created)
        if status in ("ALL", one.status) and one.request.get("StatementName", "").startswith(prefix)
        if not settings.AUTH or one.owner == call.identity
    ]
    begin, count = int(asked.get("NextToken") or 0), int(asked.get("MaxResults") or 100)
    more = {"NextToken": str(begin + count)} if begin + count < len(found) else {}
    return {"Statements": [summary(one) for one in found[begin : begin + count]], **more}


def summary(one: Submit) -> dict[str, Any]:
    told = {
        "Id": one.id,
        "Status": one.status,
        "IsBatchStatement": one.batch,
        "CreatedAt": one.created,
        "UpdatedAt": one.updated,
    }
    told |= {"QueryStrings": one.sqls} if one.batch else {"QueryString": one.sqls[0]}
    return told | ({"StatementName": one.request["StatementName"]} if one.request.get("StatementName") else {})


OPERATIONS = {
    "ExecuteStatement": lambda call: submit(call, [call.request.get("Sql", "")], batch=False),
    "BatchExecuteStatement": lambda call: submit(call, call.request.get("Sqls", []), batch=True),
    "DescribeStatement": described,
    "GetStatementResult": result,
    "CancelStatement": cancelled,
    "ListStatements": listed,
}


def answer(headers: dict[str, str], body: bytes):
    name = headers.get("x-amz-target", "").rpartition(".")[2]
    if name not in OPERATIONS:
        return error_response_json("ValidationException", f"the box has no {name}", 400, content_type=CONTENT)
    try:
        return json_response(OPERATIONS[name](Call(headers, body, app.extract_region(headers))), content_type=CONTENT)
    except Refused as refused:
        return error_response_json(refused.code, str(refused), 400, content_type=CONTENT)


async def handle(_method, _path, headers, body, _query):
    """Off the loop: COPY calls this very server."""
    context = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(None, context.run, answer, headers, body)


extract = iam_actions.extract_resource_arn


def resource(service, method, path, headers, body, query_params, region, account):
    """A submit is authorized on its workgroup or cluster; MiniStack knows no resource of this service."""
    if service != "redshift-data":
        return extract(service, method, path, headers, body, query_params, region, account)
    request = json.loads(body or b"{}")
    if request.get("WorkgroupName"):
        return f"arn:aws:redshift-serverless:{region}:{account}:workgroup/{request['WorkgroupName']}"
    if request.get("ClusterIdentifier"):
        return f"arn:aws:redshift:{region}:{account}:cluster:{request['ClusterIdentifier']}"
    return "*"


def install() -> None:
    prepare()
    app.SERVICE_HANDLERS["redshift-data"] = handle
    app.SERVICE_REGISTRY["redshift-data"] = {"module": "glue"}
    iam_actions.SERVICE_TO_IAM_NAMESPACE["redshift-data"] = "redshift-data"
    router.SERVICE_PATTERNS["redshift-data"] = {
        "target_prefixes": ["RedshiftData"],
        "host_patterns": [],
        "path_patterns": [],
    }
    hooks.replace(iam_actions, "extract_resource_arn", resource)
