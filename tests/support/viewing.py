"""``adaem view`` in this process over real sockets, with requests that a browser would not send."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from adaem.viewer.application import Viewer, application
from adaem.viewer.background import Background
from adaem.viewer.screens import Screens
from adaem.viewer.serve import listen_on
from adaem.viewer.shelf import Shelf

TOKEN = "the-token"

HOSTILE = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\"><b hx-get=/x>\u202e"
"""What must be seen as it stands, but for the sign that turns the direction of reading round."""


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass(frozen=True)
class Viewing:
    """A server that is up."""

    port: int

    def address(self, path: str) -> str:
        """Of a page, with the token."""
        return f"http://127.0.0.1:{self.port}{path}{'&' if '?' in path else '?'}token={TOKEN}"

    def get(self, path: str, *, method: str = "GET", token: str | None = TOKEN, **headers: str) -> Reply:
        """One request, its cookie with ``token``; ``_`` in a header's name stands for a hyphen."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            if token is not None:
                given["Cookie"] = f"adaem-view-{self.port}={token}"
            connection.request(method, path, headers=given)
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, named, response.read().decode("utf-8", "replace"))


@contextmanager
def viewing(*roots: Path) -> Iterator[Viewing]:
    """A server over ``roots``."""
    listening = listen_on(None)
    port = listening.getsockname()[1]
    viewer = Viewer(Shelf(roots), Screens(), Background())
    config = uvicorn.Config(
        application(viewer, TOKEN, port), log_level="warning", access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield Viewing(port)
    finally:
        server.should_exit = True
        thread.join()


def plant(run: Path, question_id: str) -> None:
    """Puts ``HOSTILE`` wherever a model's words stand: question, fact, answers, quotes, details, the trace."""
    with closing(sqlite3.connect(run / "run.sqlite")) as records:
        (body,) = records.execute("SELECT body FROM questions WHERE id = ?", (question_id,)).fetchone()
        question = json.loads(body) | {"text": f"Planted {HOSTILE}?", "fact": HOSTILE, "topic": HOSTILE}
        records.execute("UPDATE questions SET body = ? WHERE id = ?", (json.dumps(question), question_id))
        rows = records.execute(
            "SELECT rowid, body, judgement FROM answers WHERE question_id = ?", (question_id,)
        ).fetchall()
        for row, body, judged in rows:
            answer = json.loads(body)
            if answer["key_points"]:
                answer["key_points"][0] = {"point": f"Planted {HOSTILE}", "justification": "words that stay"}
            else:
                answer["detail"] = HOSTILE
            judgement = judged and json.loads(judged) | {"detail": HOSTILE}
            if judgement and judgement["outcome"] == "answered":
                judgement["labels"] = [{"key_point": 0, "value": "power", "quote": "words that stay"}]
            values = (json.dumps(answer), judgement and json.dumps(judgement), row)
            records.execute("UPDATE answers SET body = ?, judgement = ? WHERE rowid = ?", values)
        records.execute("UPDATE calls SET text = ?, detail = ? WHERE outcome = 'refused'", (HOSTILE, HOSTILE))
        records.execute("UPDATE calls SET text = ? WHERE purpose = 'evaluate' AND outcome = 'answered'", (HOSTILE,))
        records.commit()
    trace = run / "trace.jsonl"
    events = [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]
    for event in events:
        if event["question_id"] == question_id:
            event["summary"] = HOSTILE
    trace.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
