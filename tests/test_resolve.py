"""Which thing a name stands for, across papers."""

from __future__ import annotations

import pickle
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.iris import CONCEPTS
from kg.model import Entity, Extraction, Link, Mention, Paper, Result
from kg.names import fold
from kg.resolve import Index, Resolution, Thing, build_index, resolve

RELU = f"{CONCEPTS}method/relu"


def entity(
    name: str,
    relation: str = "uses",
    type_: str = "Method",
    *aliases: str,
    concept: str | None = None,
    mentions: tuple[str, ...] = (),
) -> Entity:
    return Entity(
        type=type_,
        name=name,
        aliases=aliases,
        relation=relation,
        concept=concept,
        mentions=tuple(
            Mention(start=index, end=index + 1, text="x", relation=supported, rules=("test",), confidence=0.5)
            for index, supported in enumerate(mentions or (relation,))
        ),
    )


def extraction(title: str, *entities: Entity, year: int | None = None) -> Extraction:
    return Extraction(paper=Paper(title=title, abstract="x" * 50, year=year), entities=entities)


def things(*extractions: Extraction) -> list[list[Thing]]:
    index = build_index(extractions)
    return [[claim.thing for claim in resolve(one, index).claims] for one in extractions]


def thing(key: str, type_: str = "Method", introducer: str = "") -> Thing:
    return Thing(type=type_, key=key, introducer=introducer)


def test_a_known_concept_keeps_its_vocabulary_iri_whatever_form_the_text_used() -> None:
    found = things(
        extraction("A", entity("ReLU", concept=RELU)),
        extraction("B", entity("rectified linear unit", "introduces", concept=RELU)),
        extraction("C", entity("rectifier", "introduces", concept=RELU)),
    )
    assert found == [[Thing(type="Method", key=RELU)]] * 3
    assert found[0][0].concept == RELU


def test_a_concept_of_another_type_is_another_thing() -> None:
    assert things(extraction("A", entity("ReLU", type_="Model", concept=RELU))) == [[thing("relu", "Model")]]


def test_an_unknown_name_is_one_thing_whatever_its_spelling() -> None:
    found = things(extraction("A", entity("Quantum Kernel-Nets")), extraction("B", entity("quantum kernel net")))
    assert found == [[thing("quantumkernelnet")]] * 2
    assert found[0][0].concept is None


def test_two_types_of_one_name_are_two_things() -> None:
    found = things(extraction("A", entity("EAFO")), extraction("B", entity("EAFO", type_="Model")))
    assert found == [[thing("eafo")], [thing("eafo", "Model")]]


ATTENTION = extraction("Attention", entity("GAM", "introduces", "Method", "Global Attention Mechanism"), year=2021)
ADDITIVE = extraction("Additive", entity("GAM", "introduces", "Method", "Generalized Additive Model"), year=2024)

USERS = {
    # what the user says and when: whose GAM it means
    "the long form of one": (
        extraction("U", entity("GAM", "uses", "Method", "global attention mechanisms")),
        "attention",
    ),
    "the long form of the other": (
        extraction("U", entity("GAM", "uses", "Method", "Generalized additive model"), year=2022),
        "additive",
    ),
    "a year before the second": (extraction("U", entity("GAM"), year=2022), "attention"),
    "a year after both": (extraction("U", entity("GAM"), year=2025), ""),
    "a year before both": (extraction("U", entity("GAM"), year=2019), ""),
    "no year": (extraction("U", entity("GAM")), ""),
    "a long form of neither, although the year fits": (
        extraction("U", entity("GAM", "uses", "Method", "Graph Anomaly Machine"), year=2022),
        "",
    ),
    "another type": (extraction("U", entity("GAM", type_="Model"), year=2022), ""),
}


@pytest.mark.parametrize("case", USERS)
def test_a_user_of_a_name_with_two_introductions_means(case: str) -> None:
    user, introducer = USERS[case]
    found = things(ATTENTION, ADDITIVE, user)
    assert found[:2] == [[thing("gam", introducer="attention")], [thing("gam", introducer="additive")]]
    assert found[2] == [thing("gam", user.entities[0].type, introducer)]


def test_an_introduction_is_the_same_thing_whatever_else_is_read() -> None:
    alone, beside, unread = things(ATTENTION), things(ADDITIVE, ATTENTION)[1:], resolve(ATTENTION, Index()).claims
    assert alone == beside == [[thing("gam", introducer="attention")]] == [[claim.thing for claim in unread]]


def test_graphs_built_apart_never_share_an_introduction() -> None:
    assert set(things(ATTENTION)[0]).isdisjoint(things(ADDITIVE)[0])


ONLY = {
    # the only introduction's long form, the user's, and whether the user means it
    "none says what it means": ((), (), True),
    "only the introduction says what it means": (("Global Attention Mechanism",), (), True),
    "only the user says what it means": ((), ("Global Attention Mechanism",), True),
    "both say the same": (("Global Attention Mechanism",), ("global attention mechanisms",), True),
    "they say different things": (("Global Attention Mechanism",), ("Generalized Additive Model",), False),
}


@pytest.mark.parametrize("case", ONLY)
def test_with_one_introduction_a_user_means_it_unless_its_long_form_says_otherwise(case: str) -> None:
    introduced, used, means_it = ONLY[case]
    introduction = extraction("I", entity("GAM", "introduces", "Method", *introduced), year=2021)
    user = extraction("U", entity("GAM", "uses", "Method", *used), year=2019)
    assert things(introduction, user)[1] == [thing("gam", introducer="i" if means_it else "")]


def test_a_paper_that_introduces_a_name_means_its_own_in_every_place() -> None:
    own = extraction("Own", entity("GAM", "introduces"), entity("gams", "uses"))
    assert things(ATTENTION, own)[1] == [thing("gam", introducer="own")]


def test_an_unknown_year_of_an_introduction_decides_nothing() -> None:
    undated = extraction("Undated", entity("GAM", "introduces"))
    assert things(ATTENTION, undated, extraction("U", entity("GAM"), year=2022))[2] == [thing("gam")]


def test_the_order_of_papers_does_not_matter() -> None:
    papers = (ATTENTION, ADDITIVE, extraction("U", entity("GAM"), year=2022), extraction("V", entity("ReLU")))
    indexes = [build_index(order) for order in permutations(papers)]
    assert all(index == indexes[0] for index in indexes)
    assert list(indexes[0].introductions) == [("Method", "gam")]


def test_the_index_is_small_and_travels() -> None:
    index = build_index([ATTENTION, ADDITIVE, extraction("Alone", entity("Lone", "introduces"), entity("ReLU"))])
    assert pickle.loads(pickle.dumps(index)) == index  # noqa: S301 (our own bytes)
    assert list(index.introductions) == [("Method", "gam"), ("Method", "lone")]
    assert index.part([extraction("U", entity("GAM"))]) == build_index([ATTENTION, ADDITIVE])


names = st.sampled_from(["GAM", "GAMs", "gam", "EAFO", "α-net", "!!!", "深度学习"])
entities = st.builds(
    entity, names, st.sampled_from(["introduces", "uses", "mentions"]), st.sampled_from(["Method", "Model"])
)
papers = st.lists(
    st.builds(
        lambda entities, year: (entities, year), st.lists(entities, max_size=3), st.none() | st.integers(2019, 2022)
    ),
    max_size=4,
)


@given(papers)
def test_every_claim_is_of_the_type_and_name_that_were_read(drawn: list[tuple[list[Entity], int | None]]) -> None:
    extractions = [extraction(f"Paper {n}", *read, year=year) for n, (read, year) in enumerate(drawn)]
    index = build_index(extractions)
    for one in extractions:
        resolution = resolve(one, index)
        assert {(claim.thing.type, claim.thing.key) for claim in resolution.claims} == {
            (read.type, fold(read.name)) for read in one.entities
        }
        assert all(claim.mentions for claim in resolution.claims)
        assert len({claim.thing for claim in resolution.claims}) == len(resolution.claims)


def resolve_alone(*entities: Entity, links: tuple[Link, ...] = (), results: tuple[Result, ...] = ()) -> Resolution:
    paper = Paper(title="T", abstract="x" * 50)
    return resolve(Extraction(paper=paper, entities=entities, links=links, results=results), Index())


def test_two_entities_of_one_thing_are_one_claim_with_the_stronger_relation_and_all_mentions() -> None:
    (claim,) = resolve_alone(entity("spiking nets", "mentions"), entity("Spiking Net", "uses", "Method", "SN")).claims
    assert (claim.relation, claim.name, claim.aliases) == ("uses", "spiking nets", ("SN", "Spiking Net"))
    assert [mention.relation for mention in claim.mentions] == ["mentions", "uses"]


def test_a_claim_that_the_ontology_forbids_is_refused_and_named() -> None:
    resolution = resolve_alone(entity("CIFAR", "uses", "Dataset"), entity("EAFO"))
    assert [claim.name for claim in resolution.claims] == ["EAFO"]
    (refused,) = resolution.refused
    assert (refused.paper, refused.relation, refused.value) == ("T", "uses", "CIFAR")
    assert refused.reason == "the ontology does not allow uses between a Paper and a Dataset"


def test_a_forbidden_mention_is_refused_without_the_claim() -> None:
    resolution = resolve_alone(entity("CIFAR", "evaluatesOn", "Dataset", mentions=("evaluatesOn", "uses")))
    assert [mention.relation for claim in resolution.claims for mention in claim.mentions] == ["evaluatesOn"]
    assert [refused.relation for refused in resolution.refused] == ["uses"]


@pytest.mark.parametrize("wrong", [entity("X", "usses"), entity("X", type_="Methd")])
def test_a_misspelt_relation_or_type_raises(wrong: Entity) -> None:
    with pytest.raises(KeyError, match="the ontology has no"):
        resolve_alone(wrong)


def link(url: str, kind: str = "code", relation: str = "hasRepository") -> Link:
    mention = Mention(start=0, end=1, text="x", relation=relation, rules=("test",), confidence=0.5)
    return Link(url=url, kind=kind, own=True, mention=mention)


def test_addresses_are_made_valid_or_refused() -> None:
    resolution = resolve_alone(
        links=(
            link("https://github.com/a/b c"),
            link("javascript:alert(1)"),
            link("https://example.org/", "project"),
            link("https://example.org/", "project", "hasPage"),
            link("https://example.org/", "code", "mentions"),
        )
    )
    assert [(one.url, one.mention.relation) for one in resolution.links] == [
        ("https://github.com/a/b%20c", "hasRepository"),
        ("https://example.org/", "hasPage"),
        ("https://example.org/", "mentions"),
    ]
    assert [refused.value for refused in resolution.refused] == ["javascript:alert(1)", "https://example.org/"]


def test_the_address_of_the_paper_is_made_valid_or_refused() -> None:
    for url, expected, refusals in (("https://a.org/<x>", "https://a.org/%3Cx%3E", 0), ("javascript:x", None, 1)):
        resolution = resolve(Extraction(paper=Paper(title="T", abstract="x", url=url)), Index())
        assert (resolution.url, len(resolution.refused)) == (expected, refusals)


def result(
    value: str = "80.2", metric: str | None = None, dataset: str | None = None, subject: str | None = None
) -> Result:
    mention = Mention(start=0, end=1, text="x", relation="hasResult", rules=("test",), confidence=0.5)
    return Result(value=value, metric=metric, dataset=dataset, subject=subject, mention=mention)


def test_a_result_is_linked_to_things_that_the_paper_names_and_to_no_other() -> None:
    resolution = resolve_alone(
        entity("ImageNet", "evaluatesOn", "Dataset"),
        entity("accuracy", "reports", "Metric", "top-1 accuracy"),
        entity("EAFO", "introduces"),
        results=(
            result(metric="Top-1 Accuracy", dataset="imagenet", subject="EAFO"),
            result(metric="EAFO", dataset="CIFAR-10"),
        ),
    )
    first, second = resolution.results
    assert (first.metric, first.dataset, first.subject) == (
        thing("accuracy", "Metric"),
        thing("imagenet", "Dataset"),
        thing("eafo", introducer="t"),
    )
    assert (second.metric, second.dataset, second.subject) == (None, None, None)


def test_a_result_is_not_linked_where_two_things_have_the_name() -> None:
    (resolved,) = resolve_alone(
        entity("EAFO"), entity("EAFO", type_="Model"), results=(result(subject="EAFO"),)
    ).results
    assert resolved.subject is None


@pytest.mark.parametrize("value", ["80,2", "1e3", "", ".", "ten", "80.2%", "1" * 3 + " "])
def test_a_value_that_is_no_number_is_refused(value: str) -> None:
    resolution = resolve_alone(results=(result(value),))
    assert not resolution.results
    assert [refused.value for refused in resolution.refused] == [value]
