"""Does a small real model tell whether two similar questions are one, as the second look of a model asks it?

The 304 pairs of ``near_duplicates.tsv`` are asked one by one, with the shipped prompt and schema, at temperature 0, in
a random order of the two questions; MiniLM's word rule on the same pairs stands beside (``near_duplicates.py`` has
more of it). The model is served here (``adaem local pull`` first).

    python experiments/model_second_look.py [MODEL]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections import Counter
from pathlib import Path

from adaem.domain.calls import Call
from adaem.domain.pool_spec import Member, PoolSpec, Role
from adaem.domain.reply_types import SamenessReply
from adaem.memory.embedders.named_embedder import make_embedder
from adaem.memory.novelty import Thresholds
from adaem.memory.second_look.second_look import make_word_rule
from adaem.pool import Pool
from adaem.pool.budget.ledger import Ledger
from adaem.pool.endpoints.chat_models import close_models, make_model
from adaem.prompts import load_prompts
from adaem.records import RunRecords
from near_duplicates import share, triples
from real_run import leave_nothing_behind, serving

MODEL = "smollm2-135m"
SEED = 0


def pairs() -> list[tuple[str, str, bool]]:
    """The paraphrases (the same question) and the hard negatives (another one), each in a random order."""
    rng = random.Random(SEED)
    drawn = []
    for question, paraphrase, other in triples():
        for text, same in ((paraphrase, True), (other, False)):
            first, second = rng.sample([question, text], 2)
            drawn.append((first, second, same))
    return drawn


async def ask_model(url: str, name: str, asked: list[tuple[str, str, bool]], folder: Path) -> list[Call[SamenessReply]]:
    """One call a pair."""
    roles = (Role.SCOUT, Role.PANEL)
    settings = {"temperature": 0.0, "max_tokens": 32, "timeout": 600.0, "concurrency": 2}
    member = Member(id="small", model=f"openai:{name}", roles=roles, base_url=url, **settings)
    model, prompts = make_model(member), load_prompts("default")
    with RunRecords(folder / "run.sqlite") as records:
        spec = PoolSpec(members=(member,))
        pool = Pool(spec, {member.id: model}, words=prompts, recorder=records, ledger=Ledger(), seed=SEED)
        calls = await asyncio.gather(
            *(
                pool.ask(
                    member,
                    prompts.render("same_question", first=first, second=second),
                    SamenessReply,
                    purpose="same_question",
                    sample=0,
                )
                for first, second, _ in asked
            )
        )
    await close_models([model])
    return list(calls)


def main() -> None:
    """Print precision and recall of the model and of the rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default=MODEL)
    parser.add_argument("--port", type=int, default=8710)
    options = parser.parse_args()
    asked = pairs()
    leave_nothing_behind()
    with tempfile.TemporaryDirectory() as folder, serving(options.model, options=("--port", str(options.port))):
        url = f"http://127.0.0.1:{options.port}/v1"
        calls = asyncio.run(ask_model(url, options.model, asked, Path(folder)))
    print(f"{options.model}, {len(asked)} pairs: {dict(Counter(call.outcome.value for call in calls))}")
    embedder = make_embedder("minilm")
    rule, candidates = make_word_rule(embedder), Thresholds.of(embedder).candidates
    looks: dict[str, list[bool | None]] = {
        options.model: [None if call.reply is None else call.reply.same for call in calls],
        "minilm and the rule": [],
    }
    for first, second, _ in asked:
        vectors = embedder.embed([first, second])
        similarity = float(vectors[0] @ vectors[1])
        looks["minilm and the rule"].append(similarity > candidates and rule.same_question(first, second, similarity))
    print("\n| second look | no reply | called the same | precision | recall |\n|---|---|---|---|---|")
    for name, verdicts in looks.items():
        given = [(verdict, same) for verdict, (_, _, same) in zip(verdicts, asked, strict=True) if verdict is not None]
        called = sum(verdict for verdict, _ in given)
        right = sum(verdict and same for verdict, same in given)
        of = sum(same for _, same in given)
        counts = f"{len(asked) - len(given)} | {called} of {len(given)}"
        print(f"| {name} | {counts} | {share(right, called)} | {share(right, of)} |")


if __name__ == "__main__":
    main()
