"""What witnesses find is the same with span groups and without."""

from __future__ import annotations

from kg.extract.marks import Mark, marks
from kg.extract.pipeline import create_pipeline, make_doc
from kg.model import Paper

PAPER = Paper(
    title="TinyFox: Image and Text Classification with Small Networks",
    abstract="We propose TinyFox (TF), a transformer. Unlike BERT-large, it reaches 91.5% accuracy on CIFAR-10/100.",
)


def test_a_doc_without_span_groups_holds_the_same_marks() -> None:
    nlp = create_pipeline()
    full, plain = (make_doc(nlp, PAPER, span_groups=wanted) for wanted in (True, False))
    for _, component in nlp.pipeline:
        component(full)
        component(plain)
    assert not plain.spans
    assert full.spans.keys() == marks(plain).keys() >= {"kg_phrases", "kg_candidates", "kg_relations"}
    for group, spans in full.spans.items():
        found = [Mark(span.start, span.end, span.label_, span.id_, span.kb_id_) for span in spans]
        assert found == list(marks(plain)[group])
        assert found or group in ("kg_context", "kg_enumerations", "kg_outcomes")
    for key in ("kg_entities", "kg_links", "kg_results"):
        assert full.user_data[key] == plain.user_data[key]
