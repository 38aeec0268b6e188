# `make demo` sets everything up and makes the sheets of a made-up child; `make test` runs the tests.
# Everything goes into .venv and out/; native libraries come by apt-get where that needs no password.
#
# Libraries come in the versions of LOCK, each held against its digest; `make test LOCK=` takes the newest instead.
# `VENV=folder` installs elsewhere, PYTHON=... chooses a Python, TESTS=... some tests; STRICT=1 makes every warning an error.

VENV ?= .venv
BIN := $(VENV)/bin
LOCK ?= locks/lock.txt
TESTS ?=
STRICT ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) -qq install $(if $(LOCK),-c $(LOCK),--upgrade --upgrade-strategy eager)
OPEN := $(if $(filter Darwin,$(shell uname)),open,xdg-open)
CHILD := --protocol aall1331 --id P001 --name "Made-up Child" --born 2019-05-12 --sex female --height 112 \
	--weight 19.4 --measured 2026-11-30 --cns cns2 --risk low --arm D --start 2026-12-01 --timezone America/New_York

# What `make demo` makes. The key is made anew with the record: the address is that of both.
REMOVE := rm -rf out/site out/site.key out/site.yaml out/p001.yaml out/p001.yaml.last out/plan.csv out/plan.json \
	out/roadmap.pdf out/calendar.pdf out/plan.ics out/drugs.csv

# `$(APT) NAME...` installs Debian packages if nobody needs to be asked, and else does nothing.
APT := apt() { command -v apt-get >/dev/null || return 0; \
	[ "$$(id -u)" = 0 ] && sudo= || sudo="sudo -n"; $$sudo true 2>/dev/null || return 0; \
	echo "apt-get install $$*"; $$sudo apt-get update -qq >/dev/null || true; \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$@" >/dev/null || true; }; apt

.PHONY: help demo test browser check matrix lock bench gallery schema messages mutants seeded soak clean FORCE
.DELETE_ON_ERROR:

help:
	@echo "make demo      set up, and make the roadmaps, feed and lists of a made-up child on Arm D in out/"
	@echo "make test      run the tests"
	@echo "make browser   try the family's page in Chromium"
	@echo "make matrix    run the tests with the lowest and the newest libraries, and with each Python at hand"
	@echo "make lock      write anew which libraries are installed (locks/)"
	@echo "make check     lint, format and types"
	@echo "make soak      try the verbs in ever new orders, layouts of records, and hostile inputs of every kind, for hours"
	@echo "make bench     measure speed against the targets"
	@echo "make gallery   print every kind of page as a picture into docs/gallery/"
	@echo "make schema    write the JSON Schemas that editors use"
	@echo "make messages  collect the words to be translated"
	@echo "make mutants   change the code of doses, dates and feeds in small ways: the tests must notice (hours)"
	@echo "make seeded    make fifty mistakes in the planner: the second count must catch each"
	@echo "make clean     remove what was made here"

demo: $(VENV)/native $(VENV)/serve
	@mkdir -p out
	@$(REMOVE)
	@$(BIN)/protocal new out/p001.yaml $(CHILD)
	@printf 'format: 1\naddress: http://127.0.0.1:8000/\nsite key: site.key\n' >out/site.yaml
	@$(BIN)/protocal site init out/site.key 2>/dev/null
	@$(BIN)/protocal plan out/p001.yaml --format csv >out/plan.csv
	@$(BIN)/protocal plan out/p001.yaml --format json >out/plan.json
	@$(BIN)/protocal roadmap out/p001.yaml -o out/roadmap.pdf
	@$(BIN)/protocal calendar out/p001.yaml -o out/calendar.pdf
	@$(BIN)/protocal feed out/p001.yaml -o out/plan.ics
	@$(BIN)/protocal drugs out/p001.yaml --format csv >out/drugs.csv
	@$(BIN)/protocal link out/p001.yaml --for family --settings out/site.yaml >/dev/null 2>&1
	@$(BIN)/protocal publish out/p001.yaml --to out/site --settings out/site.yaml
	@echo
	@echo "A made-up child on Arm D of AALL1331 (the definition is unverified: not for care):"
	@echo "  out/roadmap.pdf  what the ward prints      $(OPEN) out/roadmap.pdf"
	@echo "  out/calendar.pdf what hangs on the fridge  $(OPEN) out/calendar.pdf"
	@echo "  out/plan.ics     what the family imports   $(OPEN) out/plan.ics"
	@echo "  out/drugs.csv    what the pharmacy checks  $(OPEN) out/drugs.csv"
	@echo "  out/plan.csv     every line of the plan    $(OPEN) out/plan.csv"
	@echo "  out/plan.json    the same for programs"
	@echo "  out/p001.yaml    the record it all comes from; try: $(BIN)/protocal plan out/p001.yaml --course block-1"
	@echo
	@echo "The family's page, with the calendar to subscribe to: run"
	@echo "  $(BIN)/protocal serve out/site"
	@echo "and open $$($(BIN)/protocal link out/p001.yaml --for family --settings out/site.yaml 2>/dev/null | head -n 1)"

test: $(VENV)/native $(VENV)/test
	@$(BIN)/pytest -n auto --dist worksteal $(if $(STRICT),-W error) $(TESTS)

# The family's page in Chromium: frozen days, keyboard, axe, offline.
browser: $(VENV)/native $(VENV)/browser
	@PYTHONPATH=tests $(BIN)/pytest -n auto --dist worksteal $(if $(STRICT),-W error) tests/browser/page_in_browser.py

# The lowest libraries with the oldest Python at hand, and the newest with each; what is at hand is on the PATH or pyenv's.
matrix:
	@rows=lowest; failed=; \
	for version in 3.11 3.12 3.13 3.14; do \
		found=; \
		for python in python$$version $${PYENV_ROOT:-$$HOME/.pyenv}/versions/$$version.*/bin/python$$version; do \
			[ -n "$$found" ] || ! $$python -c 'import ensurepip, venv' 2>/dev/null || found=$$python; done; \
		[ -n "$$found" ] || { echo "=== Python $$version is not at hand: skipped"; continue; }; \
		for row in $$rows newest; do \
			lock=; [ $$row = newest ] || lock=locks/$$row.txt; \
			echo "=== Python $$version, the $$row libraries"; \
			$(MAKE) --no-print-directory test VENV=build/matrix/$$version-$$row PYTHON=$$found LOCK=$$lock \
				|| failed="$$failed $$version-$$row"; done; \
		rows=; done; \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

# For every Python and system at once (--universal), with the digests of all files and the address of none.
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml

lock: $(BIN)/python
	@$(PIP) -qq install 'pip>=26.1' && $(PIP) -qq install --group lock
	@$(COMPILE) -o locks/lock.txt --all-extras $(addprefix --group ,build lock test readers browser dev mutants)
	@$(COMPILE) -o locks/lowest.txt --all-extras $(addprefix --group ,build test) --resolution lowest-direct

check: $(VENV)/dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

bench: $(VENV)/native $(VENV)/dev
	@$(BIN)/python benchmarks/bench.py

gallery: $(VENV)/native $(VENV)/browser
	@$(BIN)/python docs/gallery/make.py

soak: $(VENV)/native $(VENV)/test
	@PROTOCAL_SOAK=$(or $(HOURS),2) $(BIN)/pytest tests/test_state_machine.py tests/test_record_layouts.py \
		tests/test_fuzz_records.py tests/test_fuzz_definitions.py tests/test_fuzz_words.py tests/test_pairs.py \
		tests/test_serve.py tests/test_serve_sockets.py tests/test_publish_hostile.py

schema: $(VENV)/ready
	@mkdir -p schedules/schema
	@for name in protocol agents course record signatures; do \
		$(BIN)/protocal schema $$name >schedules/schema/$$name.json || exit 1; done

messages: $(VENV)/dev
	@mkdir -p templates/locale
	@$(BIN)/pybabel -q extract -F pyproject.toml -k say -k say_of:1,2 --project protocal --no-location --sort-output --omit-header \
		-o templates/locale/protocal.pot protocal templates

# docs/mutants/report.py says how; MODULE=protocal.plan.clocks takes one.
mutants: $(VENV)/ready
	@$(INSTALL) --group mutants
	@nice $(BIN)/python docs/mutants/report.py --at-least 95 $(MODULE)

# docs/seeded/seed.py says how.
seeded: $(VENV)/native $(VENV)/test
	@nice $(BIN)/python docs/seeded/seed.py

clean:
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@$(REMOVE)
	@rmdir out 2>/dev/null || true

# The first Python that is new enough and can make environments; PYTHON=... chooses another.
$(BIN)/python:
	@usable() { for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
		then echo $$python; return; fi; done; }; \
	found=$$(usable); \
	[ -n "$$found" ] || { $(APT) python3 python3-venv; found=$$(usable); }; \
	[ -n "$$found" ] || { echo "Python 3.11 or newer with venv is needed:" >&2; \
		echo "  Debian, Ubuntu:  sudo apt-get install -y python3 python3-venv" >&2; \
		echo "  macOS:           brew install python@3.13" >&2; exit 3; }; \
	echo "making $(VENV) with $$($$found --version)"; \
	$$found -m venv $(VENV)

# What was installed from another lock is installed anew.
$(VENV)/lock: FORCE | $(BIN)/python
	@echo '$(LOCK)' | cmp -s - $@ || echo '$(LOCK)' >$@

# A pip that knows groups comes first, from the lock too: the one that Python brings may be too old to read it. The
# installation compiles the catalogues (hatch_build.py).
$(VENV)/ready: $(VENV)/lock pyproject.toml $(LOCK) $(wildcard templates/locale/*/LC_MESSAGES/*.po)
	@echo "installing protocal into $(VENV), with $(or $(LOCK),the newest libraries)"
	@$(if $(LOCK),awk '/^pip==/ { on = 1 } on { print } on && !/\\$$/ { exit }' $(LOCK),echo 'pip>=26.1') >$(VENV)/pip.txt
	@$(PIP) -qq install -r $(VENV)/pip.txt
	@$(INSTALL) --group build
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' \
		>$(VENV)/libraries.txt
	@$(INSTALL) -r $(VENV)/libraries.txt
	@$(PIP) -qq install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test: $(VENV)/ready
	@echo "installing what the tests need"
	@$(INSTALL) --group test
	@touch $@

# What `protocal serve` needs.
$(VENV)/serve: $(VENV)/ready
	@$(BIN)/python -c 'import tomllib; \
		print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["serve"], sep="\n")' \
		>$(VENV)/serving.txt
	@$(INSTALL) -r $(VENV)/serving.txt
	@touch $@

# Calendar programs that nobody here wrote, which the feed is read with; without them their tests are skipped.
$(VENV)/readers: $(VENV)/test tests/feed_readers/package-lock.json
	@echo "installing the calendar programs that the feed is read with"
	@$(INSTALL) --group readers
	@npm ci --silent --prefix tests/feed_readers
	@touch $@

# A browser, what drives it, and what says whether a page is accessible; for `make browser`.
$(VENV)/browser: $(VENV)/test tests/browser/package-lock.json
	@echo "installing the browser that the page is tried in"
	@command -v chromium >/dev/null || { $(APT) chromium; }
	@$(INSTALL) --group browser
	@npm ci --silent --prefix tests/browser
	@touch $@

$(VENV)/dev: $(VENV)/ready
	@echo "installing what development needs"
	@$(INSTALL) --group dev
	@touch $@

# The doctor knows which packages this machine lacks.
$(VENV)/native: $(VENV)/ready
	@lacking=$$($(BIN)/protocal doctor | sed -n 's/.*apt-get install -y --no-install-recommends //p'); \
	[ -z "$$lacking" ] || { $(APT) $$lacking; }
	@$(BIN)/protocal doctor >$(VENV)/doctor.txt || { cat $(VENV)/doctor.txt >&2; exit 3; }
	@touch $@
