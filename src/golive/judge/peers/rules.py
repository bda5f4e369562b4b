"""Every peer by name, in the order in which tables show them."""

from golive.judge.peers import argo, fixed, flagger, kayenta, ztest
from golive.judge.peers.ruling import Rule

PEERS: tuple[tuple[str, Rule], ...] = (
    ("Kayenta, once", kayenta.once),
    ("Kayenta, every 5 min", kayenta.growing),
    ("Flagger, 10 checks", flagger.iterated),
    ("Flagger, whole watch", flagger.watched),
    ("Argo, documented", argo.documented),
    ("Argo, strict", argo.strict),
    ("z-test each minute", ztest.judge),
    ("exact test at the end", fixed.judge),
)
