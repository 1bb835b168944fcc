"""Malformed claim files: each is one sentence with the file, the field and the fix.

Every entry of the corpus replaces one passage of a good claim. Beside it, hypothesis puts junk into
every field and mutilates the file's text.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ratecheck import Axis, Claim, Falsifier, Rate
from ratecheck.claim import catalogue
from ratecheck.claim.catalogue import Entry, load, load_all
from ratecheck.engine.plan import Settings, plan
from ratecheck.errors import ClaimError
from tests.conftest import CLAIM

AXIS = 'Axis.geometric("n", quick=(16, 256))'
CHECKS = 'checks=[Rate("risk", "1/n", margin=0.25, fails=[BIASED])]'
FALSIFIERS = "fails=[BIASED]"
CONSTANTS, REPLICATES, COST = 'free={"sigma": 1.0}', "replicates=256", 'cost="n"'
TITLE = 'title="The mean of n draws has squared error 1/n"'
STATEMENT, NOT_SHOWN = 'statement=r"E (x - 1/2)^2 = 1/(12 n)"', 'not_shown=["anything else"]'
REAL, DEF, LINE = 'real=["the mean"]', "def mean(n, sigma, *, replicates, rng)", "SHIFT = 0.3"

FIELDS = {  # where the sentence may see the fault
    AXIS: "axis|signature",
    CHECKS: "checks|margin|colour|fails",
    FALSIFIERS: r"checks\[0\]\.fails|kills|set",
    CONSTANTS: "free|constants|cases|vary|sigma|tau|signature",
    REPLICATES: "replicates|block|timeout|data|colour",
    COST: "cost",
    REAL: "real",
    TITLE: "title",
    STATEMENT: "statement",
    NOT_SHOWN: "not_shown|symbols",
    DEF: "signature",
    LINE: "file|experiment",
}
SENTENCE = re.compile(r"[\w-]+\.py(, experiment \w+)?: (?P<field>[^:]+): [^\n]+; [^\n]+")
IMPORTS = (
    "import Axis, Claim, Falsifier, Rate",
    "from ratecheck import Additive, Below, Decay, Faster",
)


def geometric(arguments):
    return f"axis=Axis.geometric({arguments})"


def rate(arguments):
    return f"checks=[Rate({arguments})]"


CORPUS = [
    (AXIS, v)
    for v in [
        "axis=5",
        "axis=None",
        "axis=[5]",
        geometric("'n', quick=16"),
        geometric("'n', quick=('a','b')"),
        "axis=Axis('n', 5)",
        "axis=Axis(5, [1,2,3,4])",
        "axis=Axis('n', [1,2,3,4], at=5)",
        "axis=Axis('n m', [1,2,3,4])",
        "axis=Axis('', [1,2,3,4])",
        geometric("'n', quick=(16, 256), ratio='2'"),
        geometric("'n', quick=(16, 256), ratio=1+1e-9"),
        "axis=Axis('n', [1,2,3,1e400])",
        geometric("'n', quick=(1, 1e300), ratio=1.0001"),
        "axis=Axis('n',[16,32,64,10**400])",
        "axis=Axis('n',[1,2,3,True])",
        "axis=Axis('lambda',[1,2,3,4])",
        "axis=Axis('n', {16:1,32:2,64:3,128:3})",
        "axis=Axis('n','1234')",
        "axis=Axis('n', range(1, 10**8))",
        geometric("'n', quick=(16, 2**4000)"),
    ]
]
CORPUS += [
    (CHECKS, v)
    for v in [
        "checks=5",
        "checks=Rate('risk','1/n',margin=0.25)",
        "checks=None",
        "checks=[Decay('risk', '1 + 0*n', margin=0.25)]",
        rate("'risk', 5, margin=0.25"),
        rate("5, '1/n', margin=0.25"),
        rate("'risk','1/n',margin=None"),
        rate("'risk','1/n',margin=True"),
        rate("'risk','1/n'"),
        rate("'risk','__import__(\"os\").system(\"true\")',margin=0.25"),
        rate("'risk','n**n**n**n**n',margin=0.25"),
        rate("'risk','1/n',margin=0.25,rivals=['1']"),
        rate("'risk','1/n',margin=0.25,rivals={'a':5}"),
        rate("'risk','1/n',margin=0.25,when=5"),
        rate("'risk','1/n',margin=0.25,name=5"),
        rate("'risk','1/n',margin=0.25,name='a\\nb'"),
        rate("'risk','1/n',margin=0.25,axis=5"),
        rate("'risk','factorial(factorial(n))',margin=0.25"),
        rate("'risk','',margin=0.25"),
        rate("'risk','('*5000,margin=0.25"),
        rate("'risk','1/n', margin=float('nan')"),
        rate("'risk','1/n', margin=1e300"),
        rate("'risk','I/n', margin=.25"),
        rate("'risk','9**9**9**9/n', margin=.25"),
        rate("'risk','1/n', margin=1e400"),
        rate("'risk','1/n',margin=.25,colour='red'"),
        rate("'', '1/n', margin=.25"),
        rate("'risk','1/n if n else 2', margin=.25"),
        rate("'risk','n.real', margin=.25"),
        rate("'risk','[n]', margin=.25"),
        rate("'risk',\"'a'\", margin=.25"),
        rate("'risk','True', margin=.25"),
        rate("'risk','n > 3', margin=.25"),
        "checks=[Faster('risk', than=5, by='n', margin=.25)]",
        "checks=[Below('risk', than=None)]",
        "checks=[Additive('risk', parts='ab', margin=.2)]",
        "checks=[Additive('risk', parts=('a',), margin=.2)]",
    ]
]
CORPUS += [
    (FALSIFIERS, v)
    for v in [
        "fails=5",
        "fails=None",
        "fails=[Falsifier(5, quantity='biased')]",
        "fails=[Falsifier('a', quantity=5)]",
        "fails=[Falsifier('a', quantity='b', told=['risk'])]",
        "fails=[Falsifier('a', told=5)]",
        "fails=[Falsifier('a', told={'sigma':None})]",
        "fails=[Falsifier('a', told={'sigma':float('nan')})]",
        "fails=[Falsifier('a', quantity='b', points=5)]",
        "fails=[Falsifier('a', quantity='b', points=['x']*4)]",
        "fails=[Falsifier('a', quantity='b', when=5)]",
        "fails=[Falsifier('!!!', quantity='b')]",
        "fails=[Falsifier(x, quantity='b') for x in ('a b', 'a-b')]",
        "fails=[Falsifier('a', told={'n': 3})]",
        "fails=[Falsifier('a', quantity='b', when='n > 3')]",
        "fails=[Falsifier('a', quantity='b', kills='risk')]",
        "fails=[Falsifier('a', set={'sigma': 1.0})]",
        "fails=[Falsifier('a', nature={'sigma': 2.0})]",
        "fails=[Falsifier('a', nature=5)]",
        "fails='abc'",
    ]
]
CORPUS += [
    (CONSTANTS, v)
    for v in [
        "free=5",
        "free=['sigma']",
        "free={5: 1.0}",
        "free={'sigma': []}",
        "free={'sigma': 'a/../b'}",
        "free={'sigma': 10**400}",
        "free={'sigma': 'a\\nb'}",
        "free={'sigma': \"a'b\"}",
        "free={'sigma': True}",
    ]
    + [
        "free={'sigma': 1.0}, " + x
        for x in [
            "cases=5",
            "cases=[5]",
            "cases={'a': 1}",
            "vary={'sigma': [5]}",
            "constants={'sigma': 5}",
            "cases=[{'tau': None}]",
            "cases=[{'sigma ': 1.0}]",
        ]
    ]
    + [
        "free={'sigma': [1.0, None]}",
        "free={'replicates': 1.0, 'sigma': 1.0}",
        "free={'sigma': 1e400}",
    ]
]
CORPUS += [
    (REPLICATES, v)
    for v in [
        "replicates='many'",
        "replicates=None",
        "replicates={}",
        "replicates=10**30",
        "replicates=True",
        "replicates={'quick':-1}",
        "replicates={'quick':2,'standard':None}",
    ]
    + [
        "replicates=256, " + x
        for x in [
            "block='16'",
            "block=16.0",
            "block=None",
            "timeout='1'",
            "timeout=float('inf')",
            "timeout=float('nan')",
            "timeout=1e30",
            "data=5",
            "data=['errors']",
            "colour=3",
            "block=16*10**9",
        ]
    ]
]
CORPUS += [
    (COST, v)
    for v in [
        "cost=5",
        "cost='-n'",
        "cost='k'",
        "cost='log(n-16)'",
        "cost=''",
        "cost='1/(n-16)'",
    ]
]
CORPUS += [(REAL, v) for v in ["real=None", "real=5", "real=[None]", "real=['']", "real={'a':1}"]]
CORPUS += [(TITLE, v) for v in ["title=5", "title='\\x1b[31mred'", "title='a\\nb'", "title=''"]]
CORPUS += [
    (STATEMENT, v)
    for v in [
        "statement='\\frac{1}{n}'",
        "statement='\\beta'",
        "statement=5",
        "statement=r'\\frac{'",
        "statement=r'\\input{/etc/passwd}'",
        "statement=r'\\unknowncommand x'",
    ]
]
CORPUS += [
    (NOT_SHOWN, v)
    for v in [
        "not_shown=None",
        "not_shown=5",
        "not_shown=['a'], symbols=5",
        "not_shown=['a'], symbols={5:5}",
        "not_shown=['a'], symbols={'a': None}",
    ]
]
CORPUS += [
    (DEF, v)
    for v in [
        "def mean(n, sigma, *args)",
        "async def mean(n, sigma, *, replicates, rng)",
        "def mean(n, sigma, replicates, rng, /)",
        "def mean(*, n, sigma, replicates, rng, other)",
    ]
]
CORPUS += [
    (LINE, v)
    for v in [
        "import os; os.chdir('/nowhere')",
        "raise SystemExit(0)",
        "raise Exception('a\\nb')",
        "def f(): return f()\nf()",
        "x = 10**400 * 1.0",
        "raise BaseException('x')",
        "raise GeneratorExit",
        "claim.experiments['x'] = 5",
        "exit()",
        "x = '\ud800'",
        "\tx = 1",
        "assert False",
        "raise ExceptionGroup('g', [ValueError(1)])",
        "raise Exception('\\x1b[2J')",
        "raise Exception('x'*10000)",
    ]
]


def test_the_corpus_is_large():
    assert len(CORPUS) == len(set(CORPUS)) >= 150


@pytest.mark.parametrize(("old", "new"), CORPUS)
def test_a_malformed_claim_is_one_sentence(tmp_path, old, new):
    assert old in CLAIM
    text = CLAIM.replace(IMPORTS[0], f"{IMPORTS[0]}\n{IMPORTS[1]}").replace(old, new)
    path = tmp_path / "broken.py"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ClaimError) as caught:
        load(path)
    told = str(caught.value)
    sentence = SENTENCE.fullmatch(told)
    assert sentence is not None, told
    assert re.match(FIELDS[old], sentence["field"]), told
    assert told.startswith("broken.py")
    assert told.isprintable()
    assert len(told) < 700


@pytest.mark.parametrize(
    "inside", ["pass", "try:\n        while True: pass\n    except Exception: pass"]
)
def test_an_import_without_an_end_is_stopped(tmp_path, monkeypatch, inside):
    """The clock is that of the processor, so that a busy machine ends nothing earlier."""
    monkeypatch.setattr(catalogue, "LONGEST_IMPORT", 0.2)
    path = tmp_path / "endless.py"
    path.write_text(f"{CLAIM}\nwhile True:\n    {inside}\n")
    with pytest.raises(ClaimError, match=r"endless.py: file: did not load within 0\.2 s"):
        load(path)
    monkeypatch.setattr(catalogue, "LONGEST_IMPORT", 60.0)
    path.write_text(CLAIM)
    assert load(path).id == "endless"


def test_one_malformed_claim_leaves_the_others_alone(tmp_path):
    (tmp_path / "good.py").write_text(CLAIM)
    for index, (old, new) in enumerate(CORPUS[::10]):
        text = CLAIM.replace(old, new).encode("utf-8", "surrogatepass")
        (tmp_path / f"broken_{index}.py").write_bytes(text)
    entries, failures = load_all([tmp_path])
    assert [entry.id for entry in entries] == ["good"]
    assert len(failures) == len(CORPUS[::10])
    assert len(plan(entries, Settings())) == 2


@pytest.mark.parametrize(
    "name", ["a b", "a'b", "$(reboot)", "a\nb", "..", "a;b", "<b>", "a.b", "-"]
)
def test_a_file_name_that_cannot_stand_in_a_command_is_refused(tmp_path, name):
    path = tmp_path / f"{name}.py"
    path.write_text(CLAIM)
    if name == "-":
        assert load(path).id == "-"
        return
    with pytest.raises(ClaimError, match="file: has a name that cannot stand"):
        load(path)


BAD = Falsifier("bad", quantity="bad")
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary()
    | st.just(object) | st.just(10**400)
    | st.just(Rate("risk", "1/n", margin=0.1)) | st.just(Axis("n", [1, 2, 3, 4]))
    | st.just(Falsifier("bad", quantity="bad")),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner)
    | st.dictionaries(st.text(max_size=3) | st.integers() | st.just("sigma"), inner, max_size=2),
    max_leaves=5,
)  # fmt: skip


def refused_or_sound(make):
    """Runs something; a refusal must be one sentence."""
    try:
        return make()
    except ClaimError as error:
        refusal = error
    assert "\n" not in str(refusal)
    assert refusal.field
    assert refusal.fix
    return None


@given(data=st.data())
def test_junk_in_any_field_is_refused_or_sound(data):
    fields = {
        "axis": Axis.geometric("n", quick=(16, 256)),
        "checks": [Rate("risk", "n**(-1/2)", margin=0.1, fails=[BAD])],
        "real": ["everything"], "proxied": [], "cases": (), "free": {"sigma": 1.0},
        "unmoved": None, "problem": None, "data": "errors", "replicates": 64, "block": 16,
        "cost": None, "timeout": None,
    }  # fmt: skip
    words = {"title": "A title", "source": "A, V 2020, Theorem 1", "statement": "x",
             "not_shown": ["more"], "symbols": None, "free": None, "history": ()}  # fmt: skip
    field = data.draw(st.sampled_from([*fields, *words]))
    (fields if field in fields else words)[field] = data.draw(JUNK)

    def make():
        claim = Claim(**words)

        @claim.experiment(**fields)
        def simulate(n, sigma, *, replicates, rng):
            return {}

        return Entry("half", "claims", claim.file, claim, "0")

    entry = refused_or_sound(make)
    if entry is not None:
        for effort in ("quick", "standard", "full"):
            items = plan([entry], Settings(effort=effort))
            assert all("\n" not in item.id for item in items)


@given(
    kind=st.sampled_from(["axis", "geometric", "rate", "falsifier"]),
    a=JUNK, b=JUNK, c=JUNK, d=JUNK, e=JUNK,
)  # fmt: skip
def test_junk_in_the_parts_is_refused_or_sound(kind, a, b, c, d, e):
    fields = {
        "axis": Axis.geometric("n", quick=(16, 256)),
        "checks": [Rate("risk", "n**(-1/2)", margin=0.1, fails=[BAD])],
        "real": ["everything"], "proxied": [],
    }  # fmt: skip

    def make():
        if kind == "axis":
            fields["axis"] = Axis("n", a, b, c, at=d)
        elif kind == "geometric":
            fields["axis"] = Axis.geometric("n", a, b, ratio=c, at=d)
        elif kind == "rate":
            fields["checks"] = [
                Rate("risk", "1/n", margin=a, rivals=b, when=c, name=d, fails=[BAD])
            ]
        else:
            falsifier = Falsifier(a, quantity=b, told=c, nature=e, points=d)
            fields["checks"] = [Rate("risk", "n**(-1/2)", margin=0.1, fails=[falsifier])]
        claim = Claim("A title", "A, V 2020, Theorem 1", "x", ["more"])

        @claim.experiment(**fields)
        def simulate(n, *, replicates, rng):
            return {}

    refused_or_sound(make)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mutilated_text_is_refused_or_sound(tmp_path, data):
    text = CLAIM
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text) - 1))
        size = data.draw(st.sampled_from([0, 1, 1, 5, 40]))
        put = data.draw(st.sampled_from(["", "", ")", "(", "'", '"', "5", "None", ",", "\0", "\n"]))
        text = text[:start] + put + text[start + size :]
    path = tmp_path / "mutilated.py"
    path.write_text(text)
    refused_or_sound(lambda: load(path))
