"""The knowledge base's engine: examples, refusals with their places, and random programs against the definition."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalog_model import AGGREGATES, Atom, Comparison, Rule, model, strata
from skerry.skb.engine import Engine, Refused

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def base() -> Iterator[Engine]:
    with Engine(ROOT) as engine:
        yield engine
    assert engine.close() == 0  # the sanitizers have found nothing


def test_paths_are_found_through_a_recursion(base: Engine) -> None:
    base.tell("edge(1, 2). edge(2, 3). edge(3, 1). path(X, Y) :- edge(X, Y). path(X, Z) :- path(X, Y), path(Y, Z).")
    assert len(base.ask("path(X, Y)?").rows) == 9
    assert base.ask("path(1, X), X > 1").rows == (("2",), ("3",))


def test_negation_aggregates_and_arithmetic(base: Engine) -> None:
    base.tell("at(a, 1). at(b, 1). at(c, 2). size(S, count(X)) :- at(X, S). first(S, min(X)) :- at(X, S).")
    base.tell("alone(X) :- at(X, S), size(S, 1). paired(X) :- at(X, _), not alone(X).")
    assert base.ask("size(S, N)").rows == (("1", "2"), ("2", "1"))
    assert base.ask("first(1, X)").rows == (("a",),)
    assert base.ask("paired(X)").rows == (("a",), ("b",))
    assert base.ask("size(S, N), M = N * 10, M > 10").rows == (("1", "2", "20"),)


def test_answers_follow_what_is_told_and_taken_back(base: Engine) -> None:
    base.tell("live(0). live(1). dead(C) :- core(C), not live(C). core(0). core(1).")
    assert base.ask("dead(C)").rows == ()
    assert base.retract("live(1).") == 1
    assert base.ask("dead(C)").rows == (("1",),)
    base.tell("live(1). live(1).")
    assert base.ask("dead(C)").rows == () and base.facts().count("live(1).") == 1
    assert base.retract("live(_). core(7).") == 2


def test_the_same_questions_in_turns_have_the_same_answers(base: Engine) -> None:
    """What a question looked rows up by is gone with it."""
    base.tell(" ".join(f"at({n}, {n % 3})." for n in range(60)) + "near(A, B) :- at(A, S), at(B, S), A < B.")
    questions = ("near(A, B)", "near(4, B)", "near(A, 40)", "near(A, B), at(B, 2), at(5, A)", "at(A, 1)")
    first = [base.ask(question).rows for question in questions]
    for _ in range(3):
        assert [base.ask(question).rows for question in questions] == first


def test_texts_and_numbers_keep_their_form(base: Engine) -> None:
    base.tell("name(0, 'hello there'). name(1, \"Upper\"). name(-5, plain_1). name(4611686018427387903, 'not').")
    assert base.facts() == (
        "name(0, 'hello there').",
        "name(1, 'Upper').",
        "name(-5, plain_1).",
        "name(4611686018427387903, 'not').",
    )
    assert base.ask("name(N, 'Upper')").rows == (("1",),)


REFUSED = [
    ("p(X) :- not q(X).", 1, 9, "no condition gives X a value"),
    ("q(1).\np(X) :- q(X), X < Y.", 2, 15, "no condition gives Y a value"),
    ("p(X, Y) :- q(X).", 1, 1, "no condition gives Y a value"),
    ("q(1). p(X) :- q(X), not p(X).", 1, 21, "a negation within the recursion of p/1"),
    ("p(count(X)) :- p(X).", 1, 16, "an aggregate within the recursion of p/1"),
    ("p(Y) :- p(X), Y = X + 1.", 1, 15, "arithmetic, which could go on for ever, within the recursion of p/1"),
    ("p(X).", 1, 1, "a variable in a fact: names begin in lower case, or are 'quoted'"),
    ("p(min(X)).", 1, 1, "an aggregate in a fact"),
    ("p(1) :- q(1)", 1, 13, "expected `,` or `.`, but the text ends"),
    ("p(1, ).", 1, 6, "expected a name, a number or a variable, not `)`"),
    ("p('a\n').", 1, 3, "the quoted text does not end on its line"),
    ("p(99999999999999999999).", 1, 3, "the number is too large: 62 bits are allowed"),
    ("p(1)& q(2).", 1, 5, "a character that has no meaning here"),
    ("p(1,2,3,4,5,6,7,8,9).", 1, 19, "more than 8 columns"),
    ("Upper(1).", 1, 1, "expected the name of a predicate, not `Upper`"),
]


@pytest.mark.parametrize(("text", "line", "column", "reason"), REFUSED)
def test_a_bad_text_is_refused_whole_with_its_place(
    base: Engine, text: str, line: int, column: int, reason: str
) -> None:
    base.tell("kept(1).")
    before = base.usage()[:4]
    with pytest.raises(Refused) as refused:
        base.tell(text)
    assert (refused.value.line, refused.value.column, refused.value.reason) == (line, column, reason)
    assert base.usage()[:4] == before and base.facts() == ("kept(1).",)


def test_what_stands_before_the_mistake_is_not_kept_either(base: Engine) -> None:
    base.tell("a(1). b(X) :- a(X).")
    with pytest.raises(Refused, match="a negation within the recursion of b/1"):
        base.tell("a(2). c(X) :- b(X). b(X) :- a(X), not c(X).")
    assert base.ask("b(X)").rows == (("1",),)
    with pytest.raises(Refused, match="no fact and no rule speaks of c/1"):
        base.ask("c(X)")


def test_a_full_base_says_so_and_goes_on() -> None:
    with Engine(ROOT, memory=1 << 16) as base:
        base.tell("n(1). n(2).")
        with pytest.raises(Refused, match="full"):
            base.tell(" ".join(f"n({i})." for i in range(10000)))
        base.tell(" ".join(f"n({i})." for i in range(40)))
        with pytest.raises(Refused, match="full"):
            base.ask("n(A), n(B), n(C), n(D)")
        assert base.ask("n(X), X < 2").rows == (("0",), ("1",))
    assert base.close() == 0


def test_thousands_of_facts_are_joined_by_index(base: Engine) -> None:
    base.tell("".join(f"cost({a}, {b}, {a * b % 97})." for a in range(64) for b in range(64) if a != b))
    base.tell("best(A, min(C)) :- cost(A, _, C). nearest(A, min(B)) :- cost(A, B, C), best(A, C).")
    rows = base.ask("nearest(A, B)").rows
    assert len(rows) == 64
    assert all(int(b) == min((x for x in range(64) if x != int(a)), key=lambda x: (int(a) * x % 97, x))
               for a, b in rows)  # fmt: skip


VARIABLES = st.sampled_from(["X", "Y", "Z"])
TERMS = VARIABLES | st.integers(0, 3)
ARITY = {"e": 2, "f": 1, "p": 2, "q": 1, "r": 2}


def atoms(names: str, negated: st.SearchStrategy[bool]) -> st.SearchStrategy[Atom]:
    def of(name: str) -> st.SearchStrategy[Atom]:
        return st.builds(Atom, st.just(name), st.tuples(*[TERMS] * ARITY[name]), negated)

    return st.sampled_from(names).flatmap(of)


BODIES = st.tuples(
    st.lists(atoms("efpqr", st.just(False)), min_size=1, max_size=3),
    st.lists(atoms("efpqr", st.just(True)), max_size=1),
    st.lists(st.builds(Comparison, TERMS, st.sampled_from(["<", "<=", "!=", ">", ">="]), TERMS), max_size=1),
).map(lambda parts: (*parts[1], *parts[2], *parts[0]))
RULES = st.builds(Rule, atoms("pqr", st.just(False)), BODIES, st.sampled_from(["", "", "", *AGGREGATES]))
FACTS = st.sampled_from("efp").flatmap(
    lambda name: st.builds(Atom, st.just(name), st.tuples(*[st.integers(0, 3)] * ARITY[name]))
)


@cache
def the_engine() -> Engine:
    return Engine(ROOT, memory=1 << 20)


def is_allowed(rule: Rule) -> bool:
    return rule.is_safe() and (not rule.aggregate or isinstance(rule.head.terms[-1], str))


@settings(max_examples=120, deadline=None)
@given(st.lists(FACTS, max_size=12), st.lists(RULES.filter(is_allowed), max_size=6))
def test_random_programs_have_the_answers_of_the_definition(facts: list[Atom], rules: list[Rule]) -> None:
    text = "\n".join([*(f"{fact.text()}." for fact in facts), *(rule.text() for rule in rules)])
    base = the_engine()
    base.reset()
    if strata(rules) is None:
        with pytest.raises(Refused, match="recursion"):
            base.tell(text)
        return
    base.tell(text)
    rows = model(facts, rules)
    for name in sorted({fact.name for fact in facts} | {rule.head.name for rule in rules}):
        question = f"{name}({', '.join('ABC'[: ARITY[name]])})"
        answers = {tuple(int(value) for value in row) for row in base.ask(question).rows}
        assert answers == rows.get(name, set()), (text, name)
