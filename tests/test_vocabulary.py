"""The vocabulary: what is refused, and what every concept that ships must satisfy."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from spacy.tokens import Doc

from kg.errors import DataFileError
from kg.extract.pipeline import create_pipeline
from kg.iris import CONCEPTS
from kg.names import fold
from kg.ontology import load_ontology
from kg.vocabulary import Concept, Vocabulary, load_vocabulary, read_vocabulary

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
AT_LEAST = {"Method": 400, "Model": 350, "Dataset": 350, "Task": 150, "Metric": 60}

PREFIXES = """
@prefix kg: <https://w3id.org/paper-kg/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix method: <https://w3id.org/paper-kg/concept/method/> .
@prefix concept: <https://w3id.org/paper-kg/concept/> .
"""
SGD = (
    "method:sgd a kg:Method, skos:Concept ; skos:inScheme concept:method ;"
    ' skos:prefLabel "SGD"@en ; skos:altLabel "stochastic gradient descent"@en .\n'
)
ADAM = SGD.replace("sgd", "adam").replace("SGD", "Adam").replace("stochastic gradient descent", "adaptive moments")


def read(folder: Path, *texts: str) -> Vocabulary:
    paths = [folder / f"{number}.ttl" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(PREFIXES + text, encoding="utf-8")
    return read_vocabulary(paths)


def test_a_concept_is_read_with_its_labels_and_broader_concepts(tmp_path: Path) -> None:
    vocabulary = read(tmp_path, SGD, ADAM.replace(" .\n", " ; skos:broader method:sgd .\n"))
    assert vocabulary.concepts[CONCEPTS + "method/adam"] == Concept(
        iri=CONCEPTS + "method/adam",
        type="Method",
        pref_label="Adam",
        alt_labels=("adaptive moments",),
        broader=(CONCEPTS + "method/sgd",),
    )


def test_ancestors_are_given_nearest_first_and_once(tmp_path: Path) -> None:
    block = 'method:{0} a kg:Method, skos:Concept ; skos:inScheme concept:method ; skos:prefLabel "{0}"@en{1} .\n'
    links = {"a": "bc", "b": "d", "c": "d", "d": ""}
    text = "".join(
        block.format(name, "".join(f" ; skos:broader method:{above}" for above in broader))
        for name, broader in links.items()
    )
    vocabulary = read(tmp_path, text)
    assert [iri[-1] for iri in vocabulary.ancestors(CONCEPTS + "method/a")] == ["b", "c", "d"]
    assert vocabulary.ancestors(CONCEPTS + "method/d") == ()


def test_labels_of_one_concept_may_differ_in_case_alone(tmp_path: Path) -> None:
    text = SGD.replace('"SGD"', '"Stochastic Gradient Descent"')
    (concept,) = read(tmp_path, text).concepts.values()
    assert concept.labels == ("Stochastic Gradient Descent", "stochastic gradient descent")


def test_what_is_no_concept_is_passed_over(tmp_path: Path) -> None:
    assert len(read(tmp_path, 'concept:method a skos:ConceptScheme ; skos:prefLabel "Methods"@en .', SGD).concepts) == 1


REFUSED = [
    ("no Turtle", "method:sgd a", r"0\.ttl:6: "),
    ("no label", SGD.replace('skos:prefLabel "SGD"@en ;', ""), r"method/sgd has 0 values of skos:prefLabel"),
    ("two preferred labels", SGD.replace('"SGD"@en', '"SGD"@en, "S.G.D. "@en'), r"2 values of skos:prefLabel"),
    ("no scheme", SGD.replace("skos:inScheme concept:method ;", ""), r"0 values of skos:inScheme"),
    ("another scheme than its type's", SGD.replace("concept:method ;", "concept:model ;"), r"its scheme .* must be"),
    ("an IRI outside its scheme", SGD.replace("method:sgd", "concept:model\\/sgd"), r"the start of its IRI must be"),
    ("no type", SGD.replace("kg:Method, ", ""), r"0 of the types Dataset, Method, Metric, Model, Task"),
    ("a type not in the ontology", SGD.replace("kg:Method", "kg:Optimiser"), r"method/sgd has 0 of the types"),
    ("two types", SGD.replace("kg:Method", "kg:Method, kg:Task"), r"2 of the types"),
    ("a label twice in a scheme", SGD + ADAM.replace('"adaptive moments"', '"Sgd"'), r"'Sgd'.*'SGD'.*share a label"),
    ("labels that fold together", SGD + ADAM.replace('"Adam"', '"S-GD"'), r"share a label"),
    ("an unknown broader concept", SGD.replace(" .\n", " ; skos:broader method:x .\n"), r"which is no concept"),
    (
        "a concept broader than itself",
        SGD.replace(" .\n", " ; skos:broader method:sgd .\n"),
        r"sgd is broader than itself",
    ),
    (
        "a circle",
        SGD.replace(" .\n", " ; skos:broader method:adam .\n") + ADAM.replace(" .\n", " ; skos:broader method:sgd .\n"),
        r"adam is broader than itself\n.*sgd is broader than itself",
    ),
    (
        "a broader concept of another scheme",
        SGD.replace(" .\n", " ; skos:broader <https://w3id.org/paper-kg/concept/task/adam> .\n")
        + ADAM.replace("method:adam", "<https://w3id.org/paper-kg/concept/task/adam>")
        .replace("concept:method", "concept:task")
        .replace("kg:Method", "kg:Task"),
        r"which is of another scheme",
    ),
]


@pytest.mark.parametrize(("text", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataFileError, match=message):
        read(tmp_path, text)


def test_a_concept_in_two_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"1\.ttl: method/sgd is already described in 0\.ttl"):
        read(tmp_path, SGD, SGD)


def test_every_problem_is_listed(tmp_path: Path) -> None:
    with pytest.raises(DataFileError) as caught:
        read(tmp_path, SGD.replace("kg:Method, ", ""), ADAM.replace(" .\n", " ; skos:broader method:x .\n"))
    assert len(caught.value.problems) == 2


def test_the_vocabulary_has_the_concepts_it_promises() -> None:
    counts = Counter(concept.type for concept in load_vocabulary().concepts.values())
    assert counts.keys() == set(load_ontology().entity_types)
    assert {type_: counts[type_] for type_ in AT_LEAST if counts[type_] < AT_LEAST[type_]} == {}


SHARED = {
    "ciou": "the loss CIoU is complete, the metric cIoU cumulative",
    "giou": "the loss GIoU is generalized, the metric gIoU averages over images",
    "mose": "a toolkit, Moses; a dataset, MOSE",
    "pac": "a theory, PAC; a dataset, PACS",
    "ppmi": "positive pointwise mutual information; the Parkinson's Progression Markers Initiative",
}
"""Folded labels of two schemes that name two things."""


def test_one_thing_has_one_type() -> None:
    types: defaultdict[str, set[str]] = defaultdict(set)
    for concept in load_vocabulary().concepts.values():
        for label in concept.labels:
            types[fold(label)].add(concept.type)
    assert {key for key, of_key in types.items() if len(of_key) > 1} == SHARED.keys()


NOT_ONE_THING = """
Dataset: FLORES+ = FLORES-200; SQuAD = SQuAD 2.0; DIHARD II = DIHARD; Gymnasium = OpenAI Gym
Method: BALD = Bayesian active learning; Gumbel-max trick = Gumbel-Softmax; KV cache eviction = KV cache quantization
Method: Laplace smoothing = Kneser-Ney smoothing; PARAFAC = Tucker decomposition; Stanza = Stanford CoreNLP
Method: constraint solver = constraint satisfaction; general linear model = generalized linear model
Method: nuclear norm = nuclear norm minimization; persistence diagram = persistent homology
Metric: ESTOI = STOI; NPMI = topic coherence; TEDS = tree edit distance; citation recall = citation precision
Metric: minADE = average displacement error; minFDE = final displacement error; simple regret = cumulative regret
Model: Co-DINO = Co-DETR; ViT-Giant = ViT-G; general linear model = generalized linear model
Model: predictive coding network = PredNet; random feature model = random neural network
Task: graph-level prediction = graph regression; object re-identification = animal re-identification
"""

NO_KIND = """
Dataset: DBpedia < Wikipedia; Natural Scenes Dataset < MS COCO; VQA v1 < MS COCO; Visual7W < MS COCO
Dataset: Meta-World < MuJoCo; WikiSQL < Wikipedia; WinoGrande < Winograd Schema Challenge
Method: Latin hypercube sampling < statistical inference; SLERP < model merging; iterative refinement < prompting
Method: linear mode connectivity < model merging; multi-agent collaboration < prompting; target network < DQN
Method: population coding < neuromorphic computing; automatic differentiation < backpropagation
Metric: FAD < FID; FVD < FID; hit rate < recall
Model: XGBoost < random forest; OWLv2 < CLIP
Task: multi-agent planning < classical planning; pansharpening < multi-focus image fusion
Task: video segmentation < image segmentation
"""


def _pairs(text: str, between: str) -> list[tuple[str, str, str]]:
    lines = [line.split(": ") for line in text.strip().splitlines()]
    pairs = [(type_, *pair.split(between)) for type_, of_type in lines for pair in of_type.split("; ")]
    return [(type_, first, second) for type_, first, second in pairs]


def _labelled() -> dict[tuple[str, str], str]:
    """Give the concept of each type and label."""
    return {
        (concept.type, label): iri for iri, concept in load_vocabulary().concepts.items() for label in concept.labels
    }


def test_labels_of_one_concept_name_one_thing() -> None:
    labelled = _labelled()
    pairs = _pairs(NOT_ONE_THING, " = ")
    assert len(pairs) == 28
    found = [(labelled.get((type_, first)), labelled.get((type_, second))) for type_, first, second in pairs]
    assert [pair for pair in found if None not in pair and pair[0] == pair[1]] == []


def test_a_broader_concept_is_what_the_narrower_is_a_kind_of() -> None:
    vocabulary, labelled = load_vocabulary(), _labelled()
    pairs = [(labelled[type_, first], labelled[type_, second]) for type_, first, second in _pairs(NO_KIND, " < ")]
    assert len(pairs) == 23
    assert [pair for pair in pairs if pair[1] in vocabulary.ancestors(pair[0])] == []


WITH_A_COMMA = {"Listen, Attend and Spell", "Quick, Draw!"}
"""Labels that are not found, because a comma ends a name everywhere else."""


def test_every_label_is_found_in_a_sentence() -> None:
    nlp = create_pipeline(until="kg_vocabulary")
    labels = sorted((iri, label) for iri, concept in load_vocabulary().concepts.items() for label in concept.labels)
    with nlp.select_pipes(enable="kg_vocabulary"):
        docs = list(nlp.pipe(f"We use {label} here." for _, label in labels))
    found = {label for (iri, label), doc in zip(labels, docs, strict=True) if iri in _concepts(doc)}
    assert {label for _, label in labels} - found == WITH_A_COMMA


def _concepts(doc: Doc) -> set[str]:
    return {span.kb_id_ for span in doc.spans["kg_vocabulary"]}


ONLY_WITH_CAPITALS = """
Animal Kingdom; Attention U-Net; Common Crawl; Common Voice; Deep Speech; Faster R-CNN; Global Vectors;
Human Preference Score; Moments in Time; Open Images; Paraphrase Database; Penn Treebank; Perception Test;
Reason and Act; Segment Anything; Something-Something; The Pile; The Stack; Time-LLM; Universal Dependencies
"""
"""Names that are ordinary words in lower case."""

NEVER_IN_LOWER_CASE = """
A-Softmax; Chan-Vese; Claude 3; Claude 3.7; G-CNN; Gemini 2.5; Gemma 2; Hit@1; Inception-v3; KITTI; Monte Carlo;
Listen, Attend and Spell; OMG-Emotion; One-Billion-Word; P@1; P@10; P@5; Phi-4; Qwen3-8B-Base; R1-Distill; R@1;
ImageNet-A; ScreenSpot-Pro; Self-Refine; Sonnet 4; Stanford Drone; T&T; V2X-Real; ViT-B; ViT-Base; ViT-S;
Yahoo! Answers; Zephyr-7B; Diffusion Planner; Inner Monologue; Matrix-Game; Mobile-Agent; Perceiver Resampler; Point-E;
Pseudo-LiDAR; SAM-Adapter; Spatial-MLLM; Tune-A-Video; YOLOv8-Pose
"""
"""Names whose words in lower case are a slip, or something else (`a softmax`, `ViT's`, `they self-refine`)."""


def _names(text: str) -> set[str]:
    return set(" ".join(text.split()).split("; "))


def test_a_name_that_is_ordinary_words_has_no_label_in_lower_case() -> None:
    labels = {label for concept in load_vocabulary().concepts.values() for label in concept.labels}
    keys = {fold(name) for name in _names(ONLY_WITH_CAPITALS)}
    assert {label for label in labels if fold(label) in keys} == _names(ONLY_WITH_CAPITALS)


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}")
def test_a_name_that_abstracts_write_in_lower_case_has_a_label_in_lower_case() -> None:
    forms: dict[str, bytes] = {}
    for concept in load_vocabulary().concepts.values():
        keys = Counter(fold(label) for label in concept.labels)
        for label in concept.labels:
            words = _words(label).decode().split()
            names = [word for word in words if word not in {"a", "and", "from", "in", "of", "the", "with"}]
            if len(words) > 1 and keys[fold(label)] == 1 and not any(word.islower() for word in names):
                lower = [word.lower() if word.isalpha() and word.istitle() else word for word in words]
                forms[label] = " ".join(lower).encode()
    forms = {label: form for label, form in forms.items() if form != _words(label)}
    papers = _read_corpus()
    index = _index(papers, {word.lower() for form in forms.values() for word in form.split()})
    in_lower_case = {
        label
        for label, form in forms.items()
        if sum(b" %s " % form in papers[n] for n in min((index[word.lower()] for word in form.split()), key=len)) > 1
    }
    assert in_lower_case - _names(ONLY_WITH_CAPITALS) - _names(NEVER_IN_LOWER_CASE) == set()


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}")
def test_most_concepts_occur_in_two_abstracts() -> None:
    concepts = load_vocabulary().concepts
    forms = {iri: [form for label in concept.labels for form in _forms(label)] for iri, concept in concepts.items()}
    papers = _read_corpus()
    index = _index(
        papers, {word.lower() for of_concept in forms.values() for form in of_concept for word in form.split()}
    )
    seldom = [iri for iri, of_concept in forms.items() if not _in_two_papers(of_concept, papers, index)]
    # Names that the field knows and these abstracts, few of them of 2020 to 2024, happen not to name.
    assert "Task" not in {concepts[iri].type for iri in seldom}
    assert len(seldom) < len(concepts) / 3


WORD_CHARACTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+*" + bytes(range(128, 256))
ONLY_WORDS = bytes(byte if byte in WORD_CHARACTERS else ord(" ") for byte in range(256))


def _read_corpus() -> list[bytes]:
    """Give the words of each paper between single spaces."""
    papers = []
    for path in sorted(CORPUS.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                paper = json.loads(line)
                papers.append(b" %s " % _words(f"{paper['title']} {paper['abstract']}"))
    assert len(papers) == 94_442
    return papers


def _words(text: str) -> bytes:
    return b" ".join(text.encode().translate(ONLY_WORDS).split())


def _forms(label: str) -> list[bytes]:
    """Give the ways a label may stand in a text: parts apart or joined, singular or plural.

    A short acronym stands as it is written, because in lower case it may be an ordinary word.
    """
    words = _words(label if label.isupper() and len(label) <= 5 else label.lower())
    return [form + plural for form in {words, words.replace(b" ", b"")} for plural in (b"", b"s")]


def _index(papers: list[bytes], words: set[bytes]) -> dict[bytes, list[int]]:
    """Give for each of the words the papers it stands in, whatever its case."""
    index: dict[bytes, list[int]] = {word: [] for word in words}
    for number, paper in enumerate(papers):
        for word in words.intersection(paper.lower().split()):
            index[word].append(number)
    return index


def _in_two_papers(forms: list[bytes], papers: list[bytes], index: dict[bytes, list[int]]) -> bool:
    found: set[int] = set()
    for form in forms:
        in_lower_case = form.islower()
        for number in min((index[word.lower()] for word in form.split()), key=len):
            if b" %s " % form in (papers[number].lower() if in_lower_case else papers[number]):
                found.add(number)
            if len(found) == 2:
                return True
    return False
