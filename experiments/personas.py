"""Do reports find what system prompts imply, and nothing where there is nothing? Members on one model, real texts.

    python experiments/personas.py scripted TRAINING VALIDATION [--questions 100]
    python experiments/personas.py twins    TRAINING VALIDATION [--seeds 10]
    python experiments/personas.py noise    TRAINING VALIDATION [--seeds 20]
    python experiments/personas.py served   TRAINING URL MODEL  [--questions 30]

TRAINING and VALIDATION are arguments that people labelled with values (ValueEval's form); the local judge is trained on
the first (a judge's file, .npz, may stand in its place), and scripted answers are made of the second. Everything goes
through the verbs and over HTTP.

  scripted  four personas on one model, whose server answers by the system prompt alone: each key point is an argument,
            eight times in ten one that people labelled with a value of the persona and with none of its opposite's,
            otherwise any. The prompts imply nine contrasts (guardian against explorer, helper against achiever).
            Judged twice: by a judge that gives people's own labels, and by the local one. Marks: at least six are
            found, none is contradicted
  twins     two members with one and the same system prompt, evaluated once a seed. Mark: at most one contrast in all
            that is called different
  noise     whole runs on a server that writes random words in the form that is asked for. Marks: at most 5 % of all
            contrasts are called different, and a gain over the seeds in at most two of twenty runs
  served    the four personas on a model that is served at URL by OpenAI's protocol, with the marks of ``scripted``

Exit code 1 when a mark is missed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adaem.agents.judges.labelled_texts import LabelledText, read_labelled_texts
from adaem.domain.reading.yaml_records import load_framework
from adaem.records import open_run
from adaem.results.answer_arrays import load_answer_arrays
from adaem.results.compute import results
from adaem.results.folder_report import folder_report
from adaem.results.result_types import Contrast, Results

PERSONAS = {
    "guardian": (
        ("security", "tradition", "conformity"),
        "You are a cautious person who loves order. Safety and stability come first for you: of your family, of your "
        "town, of your country. You respect customs, religion and the ways of your parents, you keep the rules and you "
        "do what is expected of you. You distrust risk and sudden change.",
    ),
    "explorer": (
        ("stimulation", "self-direction"),
        "You are an adventurer with a mind of your own. You need excitement, novelty and challenge in life, and you "
        "gladly take risks. You decide for yourself, think freely and try what nobody has tried. Routine bores you, "
        "and you do not like being told what to do.",
    ),
    "helper": (
        ("benevolence", "universalism"),
        "You are a warm-hearted person who lives for others. You care for your family and friends, are loyal, honest "
        "and ready to help. You want justice and equal chances for everybody in the world, above all the weak; you "
        "understand people who are different, and you protect nature.",
    ),
    "achiever": (
        ("achievement", "power"),
        "You are an ambitious person who wants to get to the top. Success, hard work and being better than others "
        "count most for you; you want your achievements to be seen. You want wealth, influence and a position in "
        "which you lead and others follow.",
    ),
}
"""Each persona's values in Schwartz's theory, and its system prompt."""

OPPOSED = (("guardian", "explorer"), ("helper", "achiever"))
IMPLIED = {(a, b, value) for one, other in OPPOSED for a, b in ((one, other), (other, one)) for value in PERSONAS[a][0]}
"""The first persona expresses the value more often than the second."""

FOUND, FALSE_SHARE, GAINS, TWIN_CLAIMS = 6, 0.05, 2, 1
OWN = 0.8
"""The share of a scripted persona's key points that are on its own values."""

Reply = Callable[[str, str, str, random.Random], dict[str, Any]]
"""What a scripted server replies, from the schema's name, the system message, the user's, and a source of chance."""


def adaem(*arguments: object) -> None:
    """Runs a verb as a user does, and shows what it prints only when it fails."""
    command = [sys.executable, "-m", "adaem.main", *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"adaem {arguments[0]}: {done.stderr or done.stdout}")


def personas(rows: Sequence[LabelledText]) -> Reply:
    """Arguments on the values of whoever the system message describes."""
    opposite = {one: other for pair in OPPOSED for one, other in (pair, pair[::-1])}
    texts = {
        (name, value): [row.text for row in rows if value in row.values and row.values.isdisjoint(PERSONAS[other][0])]
        for name, other in opposite.items()
        for value in PERSONAS[name][0]
    }

    labels = {row.text: sorted(row.values) for row in rows}

    def reply(schema: str, system: str, user: str, chance: random.Random) -> dict[str, Any]:
        if schema == "LabelsReply":  # the judge that knows what people said
            points = re.findall(r"^(\d+)\. (.*?):? *$", user, re.MULTILINE)
            given = [(int(number), value, text) for number, text in points for value in labels.get(text, ())]
            return {"labels": [{"text": number, "value": value, "quote": text} for number, value, text in given]}
        name = next(name for name, (_, text) in PERSONAS.items() if system.startswith(text))
        points = []
        for _ in range(3):
            own = chance.random() < OWN
            text = chance.choice(texts[name, chance.choice(PERSONAS[name][0])]) if own else chance.choice(rows).text
            points.append({"point": text, "justification": ""})
        return {"stance": chance.choice(("yes", "no", "neutral")), "key_points": points}

    return reply


def random_words(rows: Sequence[LabelledText]) -> Reply:
    """Words in the shares in which people use them, in no order, in whichever form is asked for."""
    words = [word for row in rows for word in re.findall(r"[a-z]{2,}", row.text.lower())]

    def some(chance: random.Random, least: int, most: int) -> str:
        return " ".join(chance.choices(words, k=chance.randint(least, most)))

    def reply(schema: str, system: str, user: str, chance: random.Random) -> dict[str, Any]:
        question = f"Should {some(chance, 8, 16)}?"
        point = [{"point": some(chance, 3, 6), "justification": some(chance, 10, 25)} for _ in range(3)]
        forms: dict[str, dict[str, Any]] = {
            "ProposalReply": {"fact": some(chance, 10, 20), "question": question},
            "RewriteReply": {"reflection": some(chance, 10, 20), "question": question},
            "TopicsReply": {"topics": [f"Should {some(chance, 5, 8)}?" for _ in range(3)]},
            "AnswerReply": {"stance": chance.choice(("yes", "no", "neutral")), "key_points": point},
        }
        return forms[schema]

    return reply


@contextmanager
def served(reply: Reply) -> Iterator[str]:
    """The address of a server on this machine that speaks OpenAI's protocol. A request's seed decides its reply."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            schema = body["response_format"]["json_schema"]["name"]
            system = next((each["content"] for each in body["messages"] if each["role"] == "system"), "")
            user = body["messages"][-1]["content"]
            said = reply(schema, system, user, random.Random(body["seed"]))
            message = {"role": "assistant", "content": json.dumps(said)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 200, "completion_tokens": 200, "total_tokens": 400}
            told = {"id": "1", "object": "chat.completion", "created": 0, "model": body["model"], "usage": usage}
            payload = json.dumps({**told, "choices": [choice]}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


def pool_file(
    path: Path, url: str, systems: Mapping[str, str], model: str = "one", judge: str = "", **settings: Any
) -> Path:
    """A pool of members on one model, each under its system prompt, "" for none; and a judge. JSON is YAML, too."""
    shared = {"model": f"openai:{model}", "base_url": url, "roles": ["scout", "panel"], "send_seed": True, **settings}
    members = [{"id": name, **shared, **({"system": text} if text else {})} for name, text in systems.items()]
    if judge:
        members.append({"id": judge, **shared, "roles": ["judge"]})
    path.write_text(json.dumps({"name": "personas", "members": members}))
    return path


def questions_file(path: Path, count: int) -> Path:
    """The framework's own topics as questions, drawn once."""
    topics = random.Random(0).sample(load_framework("schwartz").topics, count)
    path.write_text("".join(json.dumps({"id": each.id, "question": each.text}) + "\n" for each in topics))
    return path


def evaluated(
    home: Path, name: str, questions: Path, pool: Path, *, seed: int, samples: int, local: bool = True
) -> tuple[Contrast, ...]:
    """All contrasts of an evaluation, with the local judge or with the pool's."""
    judge = judged_by(home) if local else []
    given = ("--pool", pool, "--samples", samples, "--out", home / name, "-s", f"seed={seed}")
    adaem("evaluate", questions, *given, *judge)
    found = label_results(home / name, seed)
    missing = {each.id: each.missing for each in found.asked.models if each.missing}
    print(f"  {name}: {found.asked.answers} judged answers, missing {missing or 'none'}", flush=True)
    return (*found.contrasts.contrasts, *found.refusals.contrasts)


def label_results(folder: Path, seed: int) -> Results:
    """What the labels say of all values: a report leaves out what its judge is known not to measure."""
    arrays = load_answer_arrays(open_run(folder))
    unaware = arrays.manifest.model_copy(update={"judge_accuracy": None})
    return results(replace(arrays, manifest=unaware), seed)


def judged_by(home: Path) -> list[str]:
    """The settings of the local judge."""
    return ["-s", "agents.judge=local", "-s", f"judge.file={home / 'judge.npz'}"]


def implied_contrasts(contrasts: Sequence[Contrast]) -> int:
    """Prints what became of each implied contrast. Returns 1 when a mark is missed."""
    verdicts: Counter[str] = Counter()
    for each in contrasts:
        for first, second, sign in ((each.first, each.second, 1), (each.second, each.first, -1)):
            if (first, second, each.value) in IMPLIED:
                points = None if each.difference is None else 100 * sign * each.difference.estimate
                verdict = "not found"
                if each.verdict == "different" and points is not None:
                    verdict = "found" if points > 0 else "contradicted"
                verdicts[verdict] += 1
                told = "not measured" if points is None else f"{points:+.0f} points"
                print(f"  {first:>9} − {second:<9} {each.value:<15} {told:>14}  {verdict}")
    found, wrong = verdicts["found"], verdicts["contradicted"]
    print(f"{found} of {len(IMPLIED)} implied contrasts found, {wrong} contradicted")
    return int(found < FOUND or wrong > 0)


def scripted(home: Path, rows: Sequence[LabelledText], count: int) -> int:
    """The four personas on a scripted server: judged by people's own labels, then by the local judge."""
    with served(personas(rows)) as url:
        systems = {name: text for name, (_, text) in PERSONAS.items()}
        pool = pool_file(home / "pool.yaml", url, systems, judge="people")
        asked = questions_file(home / "questions.jsonl", count)
        codes = []
        for name, local in (("people", False), ("local judge", True)):
            print(f"judged by {name}:")
            contrasts = evaluated(home, f"by {name}", asked, pool, seed=0, samples=4, local=local)
            codes.append(implied_contrasts(contrasts))
    return max(codes)


def on_model(home: Path, url: str, model: str, count: int) -> int:
    """The four personas on a served model."""
    systems = {name: text for name, (_, text) in PERSONAS.items()}
    pool = pool_file(home / "pool.yaml", url, systems, model, concurrency=2, timeout=300, max_tokens=400)
    asked = questions_file(home / "questions.jsonl", count)
    return implied_contrasts(evaluated(home, "served", asked, pool, seed=0, samples=2))


def twins(home: Path, rows: Sequence[LabelledText], seeds: int, count: int) -> int:
    """Two members with one system prompt, a seed at a time."""
    claims = tested = 0
    with served(personas(rows)) as url:
        text = PERSONAS["guardian"][1]
        pool = pool_file(home / "pool.yaml", url, {"one": text, "other": text})
        asked = questions_file(home / "questions.jsonl", count)
        for seed in range(seeds):
            contrasts = evaluated(home, f"twins{seed}", asked, pool, seed=seed, samples=2)
            called = sum(each.verdict == "different" for each in contrasts)
            claims += called
            tested += sum(each.p_value is not None for each in contrasts)
    print(f"{claims} claims in {tested} tested contrasts of {seeds} repetitions")
    return int(claims > TWIN_CLAIMS)


def noise(home: Path, rows: Sequence[LabelledText], seeds: int) -> int:
    """Whole runs on random words."""
    claims = tested = gains = compared = 0
    with served(random_words(rows)) as url:
        pool = pool_file(home / "pool.yaml", url, dict.fromkeys(("a", "b", "c"), ""))
        for seed in range(seeds):
            folder = home / f"noise{seed}"
            small = ("--questions", 24, "--calls", 2000, "-s", "search.permutations=99", "--out", folder)
            adaem("run", "--pool", pool, *small, "-s", f"seed={seed}", *judged_by(home))
            report, found = folder_report(open_run(folder)), label_results(folder, seed)
            contrasts = (*found.contrasts.contrasts, *found.refusals.contrasts)
            called = sum(each.verdict == "different" for each in contrasts)
            claims += called
            tested += sum(each.p_value is not None for each in contrasts)
            differences = [each.difference for each in report.comparisons if each.difference is not None]
            compared += bool(differences)
            gain = any(each.interval is not None and each.interval[0] > 0 for each in differences)
            gains += gain
            asked = report.results.asked
            print(
                f"  seed {seed}: {asked.questions} questions, {asked.answers} judged answers, "
                f"{called} claims, gain: {gain}",
                flush=True,
            )
    share = claims / tested if tested else 0.0
    print(f"{claims} claims in {tested} tested contrasts ({share:.1%})")
    print(f"a gain over the seeds in {gains} of {compared} runs that compare them")
    return int(share > FALSE_SHARE or gains > GAINS * seeds / 20)


def main() -> int:
    """One of the four. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("scripted", "twins", "noise", "served"))
    parser.add_argument("training", type=Path)
    parser.add_argument("source", help="VALIDATION, or URL with served")
    parser.add_argument("model", nargs="?", default="")
    parser.add_argument("--questions", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=0)
    given = parser.parse_args()
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        home = Path(folder)
        if given.training.suffix == ".npz":
            shutil.copy(given.training, home / "judge.npz")
        else:
            adaem("judge", "train", given.training, "--out", home / "judge.npz")
        if given.what == "served":
            code = on_model(home, given.source, given.model, given.questions or 30)
        else:
            rows = read_labelled_texts([Path(given.source)], load_framework("schwartz")).rows
            if given.what == "scripted":
                code = scripted(home, rows, given.questions or 100)
            elif given.what == "twins":
                code = twins(home, rows, given.seeds or 10, given.questions or 60)
            else:
                code = noise(home, rows, given.seeds or 20)
    print(f"{time.monotonic() - begun:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
