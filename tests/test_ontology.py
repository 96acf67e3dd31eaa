"""The ontology: what it says, that it is whole, and that a reasoner finds it consistent."""

from __future__ import annotations

import inspect
import pickle
import re
import tempfile
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.check import SHAPES
from kg.errors import DataFileError
from kg.extract.rules import LINK_KINDS
from kg.iris import CONCEPTS, DEFAULT_BASE, ONTOLOGY, PREFIXES, Minter
from kg.ontology import check_consistency, load_ontology
from kg.resources import resource
from kg.vocabulary import load_vocabulary

OWL = "http://www.w3.org/2002/07/owl#"
RDFS = PREFIXES["rdfs"]
TTL = (
    "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items()) + "@prefix : <urn:x:> .\n"
)

# Statements about things in the ontology's terms, as a graph of the seed papers makes them.
SEED_LIKE = """
:p a kg:Paper, schema:ScholarlyArticle ; kg:text :t ; kg:listedOn :l ; kg:year "2024"^^xsd:gYear ; kg:authorCount 8 ;
   kg:introduces :m ; kg:uses :relu, :vit ; kg:evaluatesOn :cifar ; kg:comparesWith :gelu ; kg:addresses :c ;
   kg:reports :acc ; kg:mentions :bert, :elsewhere ; kg:hasRepository :r ; kg:hasPage :page ;
   kg:announces kg:Code ; kg:hasResult :result .
:t a nif:Context .
:n a kg:Mention ; nif:referenceContext :t ; itsrdf:taIdentRef :m ; kg:supports kg:introduces ; kg:rule "titles.name" .
:m a kg:Method, skos:Concept . :relu a kg:Method, skos:Concept . :gelu a kg:Method, skos:Concept .
:vit a kg:Model, skos:Concept . :bert a kg:Model, skos:Concept . :cifar a kg:Dataset, skos:Concept .
:c a kg:Task, skos:Concept . :acc a kg:Metric, skos:Concept .
:r a kg:Repository, schema:SoftwareSourceCode . :elsewhere a kg:Repository, schema:SoftwareSourceCode .
:page a kg:WebPage, schema:WebPage ; kg:pageKind "project" . kg:Code a kg:Release ; schema:name "code" .
:result a kg:Result ; kg:value 80.22 ; kg:unit "%" ; kg:isGain false ; kg:metric :acc ; kg:dataset :cifar ;
   kg:subject :vit .
:l a kg:Listing, prov:Entity ; kg:format "listing" ; kg:day "--08-25"^^xsd:gMonthDay .
:b a kg:Build, prov:Activity ; prov:used :l ; kg:version "0.1.0" .
"""


def facts(text: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(TTL + text, format=ox.RdfFormat.TURTLE)]


def statements() -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(path=resource("ontology/kg.ttl"))]


def subjects_with(predicate: str) -> set[str]:
    return {
        triple.subject.value
        for triple in statements()
        if triple.predicate.value == predicate and isinstance(triple.subject, ox.NamedNode)
    }


def own_terms() -> set[str]:
    ontology = load_ontology()
    return {term.iri for term in (*ontology.classes.values(), *ontology.properties.values())}


def test_the_five_kinds_of_entity_are_its_direct_subclasses() -> None:
    assert load_ontology().entity_types == ("Dataset", "Method", "Metric", "Model", "Task")


def test_relations_stand_strongest_first() -> None:
    assert [name for name in load_ontology().relations if not name.startswith(("has", "announces"))] == [
        "introduces",
        "uses",
        "evaluatesOn",
        "addresses",
        "reports",
        "comparesWith",
        "mentions",
    ]


@pytest.mark.parametrize(
    ("name", "ancestor", "expected"),
    [
        ("Method", "Entity", True),
        ("Method", "Method", True),
        ("Entity", "Method", False),
        ("Paper", "Entity", False),
    ],
)
def test_is_a_climbs_the_hierarchy(name: str, ancestor: str, expected: bool) -> None:
    assert load_ontology().is_a(name, ancestor) is expected


ENTITIES = {"Method", "Model", "Dataset", "Task", "Metric", "Entity"}
PERMITTED = {
    "introduces": ENTITIES,
    "uses": {"Method", "Model"},
    "evaluatesOn": {"Dataset"},
    "comparesWith": {"Method", "Model", "Dataset"},
    "addresses": {"Task"},
    "reports": {"Metric"},
    "mentions": ENTITIES | {"Repository", "WebPage"},
    "hasRepository": {"Repository"},
    "hasPage": {"WebPage"},
    "announces": {"Release"},
    "hasResult": {"Result"},
}


@pytest.mark.parametrize(("relation", "classes"), PERMITTED.items())
def test_a_relation_of_a_paper_permits(relation: str, classes: set[str]) -> None:
    ontology = load_ontology()
    assert {name for name in ontology.classes if ontology.permits("Paper", relation, name)} == classes
    assert not any(ontology.permits("Result", relation, name) for name in ontology.classes)


def test_the_table_above_is_of_all_relations() -> None:
    assert set(load_ontology().relations) == set(PERMITTED)


def test_nothing_is_permitted_between_a_thing_and_a_literal() -> None:
    ontology = load_ontology()
    assert not any(ontology.permits("Result", "value", name) for name in ontology.classes)


@pytest.mark.parametrize(
    ("subject", "relation", "value", "message"),
    [
        ("Paper", "uses", "Modl", "no 'Modl'; did you mean 'Model'"),
        ("Paper", "use", "Model", "no 'use'; did you mean 'uses'"),
        ("qqqq", "uses", "Model", "no 'qqqq'; it has Build, Dataset"),
    ],
)
def test_an_unknown_name_is_refused(subject: str, relation: str, value: str, message: str) -> None:
    with pytest.raises(KeyError, match=message):
        load_ontology().permits(subject, relation, value)


def test_a_release_is_known_by_the_kind_of_link_that_would_lead_to_it() -> None:
    releases = load_ontology().releases
    assert releases == {"code": "Code", "dataset": "Data", "model": "Weights", "project": "Material"}
    assert set(releases) == set(LINK_KINDS)


def test_an_ontology_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(load_ontology())) == load_ontology()  # noqa: S301  our own value


def test_every_own_term_is_described() -> None:
    terms = own_terms()
    assert len(terms) >= 13 + 33
    for predicate in (f"{RDFS}label", f"{RDFS}comment", f"{RDFS}isDefinedBy", f"{PREFIXES['skos']}example"):
        assert terms - subjects_with(predicate) == set(), predicate


def test_every_own_property_has_a_domain_and_a_range() -> None:
    alignments = {ONTOLOGY + "closeTo", ONTOLOGY + "relatedTo"}  # stand between terms of any kind
    properties = {term.iri for term in load_ontology().properties.values()} - alignments
    assert properties - subjects_with(f"{RDFS}domain") == set()
    assert properties - subjects_with(f"{RDFS}range") == set()


def test_every_relation_is_a_way_of_mentioning() -> None:
    mentions = {
        triple.subject.value
        for triple in statements()
        if isinstance(triple.subject, ox.NamedNode)
        and triple.predicate.value == f"{RDFS}subPropertyOf"
        and triple.object == ox.NamedNode(f"{PREFIXES['schema']}mentions")
    }
    assert mentions == {ONTOLOGY + name for name in load_ontology().relations}


def test_nothing_is_minted_in_the_namespace_of_another() -> None:
    """What is not ours is only declared: a kind and where it is defined, nothing about its meaning."""
    said = {
        triple.predicate.value
        for triple in statements()
        if isinstance(triple.subject, ox.NamedNode) and not triple.subject.value.startswith(ONTOLOGY.removesuffix("#"))
    }
    assert said == {f"{PREFIXES['rdf']}type", f"{RDFS}isDefinedBy"}


def test_alignments_make_no_class_a_concept() -> None:
    aligned = {triple.predicate.value for triple in statements() if "Match" in triple.predicate.value}
    assert aligned == set()
    assert len(subjects_with(ONTOLOGY + "closeTo")) >= 15


def test_a_paper_is_not_derived_from_a_listing() -> None:
    assert not [triple for triple in statements() if "wasDerivedFrom" in str(triple)]


def test_every_address_of_ours_is_redirected() -> None:
    rules = re.findall(
        r"^RewriteRule (\S+) ", resource("ontology/w3id.htaccess").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(rules) >= 6
    minter = Minter()
    paper = minter.paper("key")
    minted = {
        paper,
        minter.text(paper),
        minter.author(paper, 1),
        *(minter.thing(type_, "key") for type_ in load_ontology().entity_types),
        minter.repository("https://github.com/a/b"),
        minter.page("https://a.org/b"),
        minter.mention("m"),
        minter.result("r"),
        minter.listing("ab" * 32),
        minter.build("b"),
        minter.dataset,
        DEFAULT_BASE,
        ONTOLOGY.removesuffix("#"),
        f"{ONTOLOGY.removesuffix('#')}/{load_ontology().version}",
        SHAPES.removesuffix("#"),
        *load_vocabulary().concepts,
        *(f"{CONCEPTS}{type_.lower()}" for type_ in load_ontology().entity_types),
    }
    for iri in minted:
        assert any(re.search(rule, iri.removeprefix(DEFAULT_BASE)) for rule in rules), iri


def test_every_way_of_minting_is_redirected() -> None:
    kinds = {name for name, value in vars(Minter).items() if inspect.isfunction(value) or isinstance(value, property)}
    assert {name for name in kinds if not name.startswith("_")} == {
        *("paper", "text", "author", "thing", "repository", "page", "mention", "result", "listing", "build", "dataset"),
    }


def test_the_header_names_ontology_version_prefix_and_licence() -> None:
    header = {
        triple.predicate.value for triple in statements() if triple.subject == ox.NamedNode(ONTOLOGY.removesuffix("#"))
    }
    dcterms, vann = PREFIXES["dcterms"], "http://purl.org/vocab/vann/"
    assert header >= {OWL + "versionIRI", OWL + "versionInfo", vann + "preferredNamespacePrefix"}
    assert header >= {
        vann + "preferredNamespaceUri",
        *(dcterms + name for name in ("title", "description", "creator", "license")),
    }


# ------------------------------------------------------------------------------------------------ reasoner


@pytest.fixture(autouse=True)
def reasoner_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Owlready2 does not delete its temporary file when the ontology is inconsistent.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_ontology_and_facts_as_the_seeds_make_them_are_consistent() -> None:
    check_consistency(facts(SEED_LIKE))


@pytest.mark.parametrize(
    "contradiction",
    [
        pytest.param(":x a kg:Method, kg:Dataset .", id="a thing of two kinds"),
        pytest.param(":p kg:uses :cifar .", id="a dataset that is used"),
        pytest.param(":relu kg:introduces :m .", id="a method that introduces"),
        pytest.param(
            ":q kg:hasResult :result . :q a kg:Paper . :p owl:differentFrom :q .", id="a result of two papers"
        ),
        pytest.param(":result kg:value 81 .", id="a result of two values"),
        pytest.param(':page kg:pageKind "blog" .', id="a page of an unknown kind"),
    ],
)
def test_a_contradiction_is_found(contradiction: str) -> None:
    with pytest.raises(DataFileError, match="contradict"):
        check_consistency(facts(f"@prefix owl: <{OWL}> .\n{SEED_LIKE}\n{contradiction}"))


def test_a_class_that_can_have_no_instance_is_found() -> None:
    with pytest.raises(DataFileError, match=f"nothing can be a {ONTOLOGY}Paper"):
        check_consistency(facts("kg:Paper rdfs:subClassOf kg:Listing ."))
