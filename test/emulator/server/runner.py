"""One run of a job: its script in a process group of its own, its output in the logs, its state in the run's record."""

import contextvars
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from ministack.services import cloudwatch_logs as logs

from . import sessions, settings, spark
from .faults import FAULTS

TERMINAL = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"}
#: Ends the group of processes when standard input does, with whoever holds its other end.
WATCH = 'read -r _; kill -s KILL -- "-$1" 2>/dev/null'
#: Lines of the error output that the reason of a failure is looked for in.
TAIL = 500


class Run:
    """A run from its start to its end. The record is what GetJobRun shows; its state is set last."""

    def __init__(self, record: dict[str, Any], job: dict[str, Any], arguments: dict[str, str], account: str):
        self.record, self.job, self.account = record, job, account
        self.arguments = {"--JOB_NAME": record["JobName"], "--JOB_RUN_ID": record["Id"], **arguments}
        self.folder = settings.FOLDER / "runs" / record["Id"]
        self.process: subprocess.Popen | None = None
        self.fault = FAULTS.take_job(record["JobName"])
        self.ending = ""
        self.tail: list[str] = []
        self.lock = threading.Lock()

    def start(self) -> None:
        threading.Thread(target=contextvars.copy_context().run, args=(self.work,), daemon=True).start()

    def stop(self) -> None:
        """As BatchStopJobRun: STOPPING now, STOPPED when the process is gone."""
        with self.lock:
            if self.record["JobRunState"] not in TERMINAL:
                self.record["JobRunState"] = "STOPPING"
        self.kill("STOPPED")

    def kill(self, ending: str) -> None:
        with self.lock:
            self.ending = self.ending or ending
            if self.process and self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)

    def work(self) -> None:
        state, message = "FAILED", ""
        try:
            code = self.execute()
            if self.ending == "TIMEOUT":
                state, message = "TIMEOUT", "Job run exceeded timeout"
            elif self.ending == "STOPPED":
                state = "STOPPED"
            elif code == 0:
                state = "SUCCEEDED"
            else:
                message = self.reason(code)
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
            now = time.time()
            self.record.update(CompletedOn=now, LastModifiedOn=now, ExecutionTime=int(now - self.record["StartedOn"]))
            if message:
                self.record["ErrorMessage"] = message
            self.record["JobRunState"] = state

    def execute(self) -> int:
        """Runs the script to its end. @returns its exit code"""
        self.folder.mkdir(parents=True)
        role = self.job["Role"]
        s3 = sessions.client("s3", role, "glue.amazonaws.com", "GlueJobRunnerSession")
        script = self.fetch(s3, self.job["Command"]["ScriptLocation"], "script")
        extra = [uri for uri in self.arguments.get("--extra-py-files", "").split(",") if uri]
        modules = [self.fetch(s3, uri.strip(), f"module-{at}") for at, uri in enumerate(extra)]
        command = [settings.GLUE_PYTHON, "-u", str(script), *self.argv()]
        if self.fault and self.fault["mode"] == "hang":
            command = [settings.GLUE_PYTHON, "-c", "import time; time.sleep(86400)"]
        with self.lock:
            if self.ending:
                return 1
            self.process = subprocess.Popen(
                command,
                env=self.environment(modules),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self.record["JobRunState"] = "RUNNING"
        watcher = subprocess.Popen(
            ["sh", "-c", WATCH, "watch", str(self.process.pid)], stdin=subprocess.PIPE, start_new_session=True
        )
        clock = threading.Timer(self.record["Timeout"] * settings.MINUTE, self.kill, ["TIMEOUT"])
        clock.daemon = True
        clock.start()
        try:
            return self.follow()
        finally:
            clock.cancel()
            if settings.TRAINING:
                await_group(self.process.pid)
            # What the script left behind goes with it.
            watcher.communicate()

    def follow(self) -> int:
        """Copies the output to the logs until the process ends."""
        prefix = self.record["LogGroupName"]
        pipes = ((self.process.stdout, f"{prefix}/output"), (self.process.stderr, f"{prefix}/error"))
        threads = []
        for pipe, group in pipes:
            logs._create_log_group({"logGroupName": group})
            logs._create_log_stream({"logGroupName": group, "logStreamName": self.record["Id"]})
            copy = threading.Thread(target=contextvars.copy_context().run, args=(self.copy, pipe, group), daemon=True)
            copy.start()
            threads.append(copy)
        if self.fault and self.fault["mode"] == "kill" and "when" not in self.fault:
            os.killpg(self.process.pid, signal.SIGKILL)
        code = self.process.wait()
        for thread in threads:
            thread.join(2)
        return code

    def copy(self, pipe, group: str) -> None:
        for line in pipe:
            event = {"timestamp": int(time.time() * 1000), "message": line.rstrip("\n") or " "}
            logs._put_log_events({"logGroupName": group, "logStreamName": self.record["Id"], "logEvents": [event]})
            if group.endswith("error") and line.strip():
                self.tail = [*self.tail[-TAIL:], line.rstrip()]
            if self.fault and self.fault["mode"] == "kill" and self.fault.get("when", "\0") in line:
                os.killpg(self.process.pid, signal.SIGKILL)

    def reason(self, code: int) -> str:
        """The error as the console shows it: what the last traceback ends with, by the bare name of its class."""
        if code < 0:
            return f"Command failed with exit code {128 - code}"
        begin = next(
            (at for at in reversed(range(len(self.tail))) if self.tail[at].startswith("Traceback (")), len(self.tail)
        )
        error = next((line for line in self.tail[begin + 1 :] if not line.startswith(" ")), "")
        # With sys.tracebacklimit 0 an exception is its last line alone; AWS reads the exception itself.
        if not error and code == 1 and self.tail and re.match(r"^[A-Za-z_]\w*: ", self.tail[-1]):
            error = self.tail[-1]
        return re.sub(r"^[\w.]*\.(\w+)(?=:|$)", r"\1", error) or f"Command failed with exit code {code}"

    def argv(self) -> list[str]:
        """An empty value is no value: the name stands alone, as on Glue."""
        return [word for key, value in self.arguments.items() for word in ([key, str(value)] if value != "" else [key])]

    def environment(self, modules: list[Path]) -> dict[str, str]:
        keys = sessions.assume(self.job["Role"], "glue.amazonaws.com", "GlueJobRunnerSession")
        temporary = self.folder / "tmp"
        temporary.mkdir()
        own = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.folder),
            "TMPDIR": str(temporary),
            "AWS_ENDPOINT_URL": settings.ENDPOINT,
            "AWS_DEFAULT_REGION": settings.REGION,
            "AWS_REGION": settings.REGION,
            # As on Glue, where the libraries of the runtime come after the job's own modules.
            "PYTHONPATH": os.pathsep.join(map(str, [*modules, settings.STUB])),
            "PYTHONDONTWRITEBYTECODE": "1",
            **keys,
        }
        if "JAVA_HOME" in os.environ:
            own["JAVA_HOME"] = os.environ["JAVA_HOME"]
        return own | (spark.environment(temporary) if self.job["Command"]["Name"] == "glueetl" else {})

    def fetch(self, s3, uri: str, folder: str) -> Path:
        bucket, key = sessions.split_uri(uri)
        file = self.folder / folder / Path(key).name
        file.parent.mkdir()
        file.write_bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        # A module is found by the folder that it lies in, a package by its zip.
        return file.parent if folder != "script" and file.suffix == ".py" else file


def await_group(group: int) -> None:
    """Waits for the last process of a group, up to a minute: a JVM writes its archive of classes after Python ended."""
    for _ in range(600):
        if not any(is_of(group, stat) for stat in Path("/proc").glob("[0-9]*/stat")):
            return
        time.sleep(0.1)


def is_of(group: int, stat: Path) -> bool:
    """Whether a process is of the group, and runs. One that has ended may wait long for somebody to notice."""
    try:
        state, _parent, of = stat.read_text(errors="replace").rpartition(")")[2].split()[:3]
    except OSError:
        return False
    return of == str(group) and state != "Z"
