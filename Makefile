# Two commands are enough for a newcomer: `make book` and `make test`.
PYTHON ?= python3
UV_VERSION := 0.13.9
LIGHTHOUSE_VERSION := 13.5.0

bin := .venv/bin
sources := index.md chapters
site := _build/html/index.html
prove := $(bin)/bce check $(sources)
build := $(bin)/jupyter-book build . -W -n --keep-going

.PHONY: help book test lint check ids verdicts pdf reproducible sphinx links newest new-book release upload lock upgrade \
	arrays fuzz sanitize bench accuracy peers audit clean
.DEFAULT_GOAL := help

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

book: .venv/book.stamp ## Prove every derivation and build the book
	@$(bin)/python -m bce.book.maintain.fresh || { $(prove) && $(build); }
	@echo "The book is built. Open $(CURDIR)/$(site)"

lint: .venv/test.stamp ## Run the linters and check the types
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy

test: lint ## Run everything: linters, types, doctests, tests
	$(bin)/python -m pytest --numprocesses auto --dist loadfile

arrays: .venv/test.stamp ## Install array libraries, without which `make test` skips their tests
	$(bin)/python -m pip install --require-hashes --no-deps -r requirements/arrays.txt
	$(bin)/python -m pip install --no-build-isolation --editable '.[torch]'

pdf: .venv/book.stamp ## Build the book with a PDF edition (needs Chromium: Debian's package chromium)
	$(prove)
	BCE_PDF=1 $(build)

reproducible: .venv/book.stamp ## Build the last commit four times in different surroundings, and compare every byte
	$(bin)/python -m bce.book.maintain.reproducible

sphinx: .venv/book.stamp .venv-sphinx/stamp ## Build the same site with sphinx-build, on the newest Sphinx and MyST-NB
	$(bin)/jupyter-book config sphinx .
	sed "s/'jupyter_book', //" conf.py >conf.new && mv conf.new conf.py
	.venv-sphinx/bin/python -m sphinx -W --keep-going -b html . _build/sphinx/html
	@echo "The pages are in $(CURDIR)/_build/sphinx/html"

ids: .venv/book.stamp ## Add new ids to identifiers.csv; refuse ids that vanished or changed their meaning
	$(bin)/python -m bce.book.maintain.ids

verdicts: .venv/book.stamp ## Renew verdicts.txt, the transcript of all verdicts, and show what changed
	$(bin)/python -m bce.reporting.transcript

check: .venv/book.stamp ## Prove every derivation, without building the book
	@$(bin)/bce check $(sources)

fuzz: .venv/test.stamp ## Try every single edit of every proved step, and random notes and formulas (an hour or two)
	$(bin)/python -m bce.audit $(sources) tests/notation/published.md
	$(bin)/python tests/fuzz.py

bench: .venv/test.stamp ## Print how long the commands, the verifier and the losses take
	$(bin)/python benchmarks/commands.py
	$(bin)/python benchmarks/verifier.py
	$(bin)/python benchmarks/speed.py

accuracy: .venv/test.stamp ## Print how far the losses are from exact values
	$(bin)/python benchmarks/accuracy.py

sanitize: .venv/test.stamp ## Run the compiled kernel under the address and undefined-behaviour sanitizers (needs GCC)
	rm -rf _build/sanitized && mkdir -p _build/sanitized && cp -R bce _build/sanitized/bce
	gcc -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -ffp-contract=fast -Wno-psabi -fPIC -shared \
		-I"$$($(bin)/python -c 'import sysconfig; print(sysconfig.get_path("include"))')" \
		bce/losses/_kernel.c -o _build/sanitized/bce/losses/_kernel.abi3.so
	PYTHONPATH=_build/sanitized BCE_ENGINE=compiled ASAN_OPTIONS=detect_leaks=0 LD_PRELOAD="$$(gcc -print-file-name=libasan.so)" \
		$(bin)/python tests/exercise_kernel.py

peers: ## Record in data/peers.json how far other libraries are from exact values
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --editable '.[peers]'
	.venv-peers/bin/python benchmarks/peers.py

audit: book ## Run Lighthouse on every page of the built book (needs Node.js and Chromium)
	@command -v npm >/dev/null || { echo "make audit needs Node.js 20.19 or newer with npm; on Debian: apt install npm"; exit 1; }
	npm install --prefix _build/audit --no-audit --no-fund --no-save lighthouse@$(LIGHTHOUSE_VERSION)
	node benchmarks/audit.mjs

newest: ## Prove, build and test the book with the newest release of every dependency, in an environment of its own
	$(PYTHON) -m venv --clear .venv-newest
	.venv-newest/bin/python -m pip install --upgrade --editable '.[dev]'
	.venv-newest/bin/bce check $(sources)
	.venv-newest/bin/jupyter-book build . -W -n --keep-going
	.venv-newest/bin/python -m pytest --numprocesses auto --dist loadfile

links: .venv/book.stamp ## Ask every address in the book whether it still leads anywhere (needs a network)
	$(bin)/python -m bce.book.maintain.links

release: .venv/book.stamp ## Make the files of a release from the last commit, in _build/release; publish nothing
	$(bin)/python -m bce.book.maintain.release

new-book: .venv/book.stamp ## Start a book of your own from examples/book: make new-book TO=../my-book
	@test -n "$(TO)" || { echo "Say where: make new-book TO=../my-book"; exit 1; }
	@test ! -e "$(TO)" || { echo "$(TO) is there already; choose another place"; exit 1; }
	cp -R examples/book "$(TO)" && mkdir "$(TO)/package"
	$(bin)/python -c 'import sys, setuptools.build_meta as backend; backend.build_sdist(sys.argv[1])' "$(abspath $(TO))/package"

upload: ## Publish _build/release as the release of the tag that is checked out (needs gh)
	gh release create "$$(git describe --exact-match)" --verify-tag --notes-from-tag _build/release/*

lock: ## Pin what pyproject.toml newly asks for; all other pins stay
	@test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install uv==$(UV_VERSION); }
	$(call compile,dev,test)
	$(call compile,book,book --constraints requirements/test.txt)
	$(call compile,arrays,arrays --constraints requirements/test.txt)

clean: ## Remove everything that was built, and the environment
	rm -rf _build .venv .venv-lock .venv-peers .venv-sphinx .venv-newest conf.py .pytest_cache .mypy_cache .ruff_cache .hypothesis

upgrade: ## Renew all pins
	$(MAKE) lock upgraded=--upgrade

# $(call compile,EXTRA,NAME [OPTIONS]): pins for every platform and every Python that the project supports.
# Without its header the lock records no path; uv writes no index or link address into it.
compile = .venv-lock/bin/uv pip compile pyproject.toml --extra $(1) --universal --python-version 3.11 $(upgraded) \
	--generate-hashes --no-header --quiet \
	--output-file requirements/$(firstword $(2)).txt $(wordlist 2,9,$(2))

# Whatever is newest, on purpose: not pinned.
.venv-sphinx/stamp: pyproject.toml
	$(PYTHON) -m venv .venv-sphinx
	.venv-sphinx/bin/python -m pip install --upgrade --upgrade-strategy eager --editable '.[sphinx]'
	@touch $@

.venv/%.stamp: requirements/%.txt pyproject.toml $(wildcard bce/losses/_kernel*.[ch])
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)'
	@test -x $(bin)/python || $(PYTHON) -m venv .venv
	$(bin)/python -m pip install --require-hashes --no-deps -r $<
	$(bin)/python -m pip install --no-build-isolation --no-deps --editable .
	@touch $@
