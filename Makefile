# `make demo` and `make test` are the two commands; both install into .venv first. Nothing needs root.
PYTHON ?= python3
BIN := .venv/bin
QUICK ?=

.PHONY: test-observe test-observe-deps peers demo demo-protocol demo-datasette test install lint lock docs picture bench clean

demo: install
	$(BIN)/golive demo

demo-protocol: install
	$(BIN)/python examples/protocol/play.py

demo-datasette: install
	$(BIN)/golive demo --example datasette

test: install lint
	$(BIN)/pytest -n 3 --dist loadfile

# Alerts through a real Prometheus and Alertmanager, with everything on the way broken once.
test-observe: install
	$(BIN)/pytest -n 2 -m observe tests/alerting tests/slo

# Needs root. The services that the packages would start are kept from starting; the tests start their own.
test-observe-deps:
	.ci/quiet-install prometheus prometheus-alertmanager prometheus-blackbox-exporter

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "golive needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version)"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') || true
	touch $@

lint: install
	$(BIN)/ruff format --check src tests benchmarks examples docs scripts
	$(BIN)/ruff check src tests benchmarks examples docs scripts
	$(BIN)/mypy
	$(BIN)/lint-imports

# Exact pins with hashes, without addresses: it works with any registry.
lock:
	$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --upgrade --extra local --extra policy --extra dev \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --upgrade --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file benchmarks/peers.lock benchmarks/peers.in

docs: install
	$(BIN)/python docs/render.py

# The picture in the README, from a real run.
picture: install
	$(BIN)/python docs/record.py

# What the load benchmarks compare with, in a folder of its own; nginx-light and wrk come from the system.
peers: .peers/installed

.peers/installed: benchmarks/peers.lock
	$(PYTHON) -m venv .peers
	.peers/bin/python -m pip install --quiet --require-hashes -r benchmarks/peers.lock
	touch $@

# Every promise with a figure; QUICK=--quick keeps each under 45 s.
bench: install
	for file in benchmarks/startup.py benchmarks/rollback_time.py benchmarks/zero_downtime.py benchmarks/verify_evidence.py benchmarks/parse_protocol.py benchmarks/judge.py benchmarks/judge_cost.py benchmarks/metrics_store.py benchmarks/load_*.py; do $(BIN)/python $$file $(QUICK) || exit 1; done

clean:
	rm -rf .venv .peers .mypy_cache .ruff_cache .hypothesis
