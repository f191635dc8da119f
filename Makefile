# Linli 邻里. `make help` lists what there is. Needs Python ≥3.11, git and make; everything else is fetched by make setup.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PORT ?=
DATA ?=
CITY ?=
ARGS ?=
# PORT=, DATA= and CITY= win over LINLI_PORT … of the environment, which win over the defaults.
SETTINGS = $(if $(PORT),LINLI_PORT='$(PORT)') $(if $(DATA),LINLI_DATA='$(DATA)') $(if $(CITY),LINLI_CITY='$(CITY)')
# uv is quick; pip does the same, slower, where uv cannot reach the package index.
INSTALL = install() { $(BIN)/python -m uv pip install -q "$$@" || $(BIN)/python -m pip install -q "$$@"; }; VIRTUAL_ENV=$(CURDIR)/$(VENV); export VIRTUAL_ENV; install
COMPILE = $(BIN)/python -m uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11

.PHONY: help setup run test lint format bench soak lock docs browser clean
.DEFAULT_GOAL := help

help: ## 列出命令 List the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16
	@echo "  PORT=8000 DATA=data CITY=demo|city|empty LINLI_DATABASE_URL=postgresql://…   ($(BIN)/linli settings)"

setup: $(VENV)/.base $(VENV)/.front $(VENV)/.messages ## 准备运行环境 Prepare the environment only
	@:

run: setup ## 启动，Ctrl-C 停止 Start everything; Ctrl-C stops it
	@$(SETTINGS) exec $(BIN)/linli up

test: setup $(VENV)/.dev browser ## 运行全部测试 Run all tests (ARGS= for pytest)
	@$(BIN)/python -m pytest tests $(ARGS)

lint: setup $(VENV)/.dev ## 检查代码 Check style, types and imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy

format: $(VENV)/.dev ## 整理代码 Format the code
	@$(BIN)/ruff check --fix-only -q . ; $(BIN)/ruff format .

bench: setup ## 性能测试 Measure intake and clocks
	@$(SETTINGS) $(BIN)/linli bench $(ARGS)

soak: setup $(VENV)/.dev browser ## 按完整规模运行保障测试 The safeguards at their full figures (long)
	@LINLI_SOAK=1 $(BIN)/python -m pytest tests -o timeout=0 $(ARGS)

docs: setup $(VENV)/.dev ## 生成文档 Build the documentation into docs/_build
	@$(BIN)/python -m sphinx -q -b html docs docs/_build

lock: $(VENV)/.uv ## 锁定依赖版本 Lock the packages with hashes (UPGRADE=1 for newer ones)
	@for part in base dev node; do \
	  $(COMPILE) $(if $(UPGRADE),--upgrade) requirements/$$part.in -o requirements/$$part.txt; done
	@npm install --package-lock-only --omit-lockfile-registry-resolved=true --no-audit --no-fund

clean: ## 删除运行环境（不删数据） Remove what setup made; data stays
	@rm -rf $(VENV) node_modules linli/web/vendor build

$(VENV)/.uv:
	@test -n "$(PYTHON)" || { \
	  echo "需要 Python 3.11 或更高版本（含 venv）。Debian：apt install python3 python3-venv"; \
	  echo "Python 3.11 or later with venv is needed. Debian: apt install python3 python3-venv"; exit 1; }
	@echo "准备 Python 环境 Preparing the Python environment …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install -q --disable-pip-version-check uv \
	  || echo "uv: pip …"
	@touch $@

$(VENV)/.base: requirements/base.txt pyproject.toml $(VENV)/.uv
	@$(INSTALL) --require-hashes -r requirements/base.txt
	@$(INSTALL) --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.front: package-lock.json linli/site/vendor.py $(VENV)/.base
	@echo "准备前端文件 Preparing the front-end files …"
	@command -v npm >/dev/null 2>&1 || { $(INSTALL) --require-hashes -r requirements/node.txt; }
	@PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@$(BIN)/python -m linli.site.vendor
	@touch $@

$(VENV)/.messages: $(wildcard linli/*/locale/*/*/LC_MESSAGES/django.po) $(VENV)/.base
	@$(BIN)/linli messages
	@touch $@

browser: # for the tests that look at pages; they skip with a reason when there is none
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "安装 chromium 与中文字体 Installing chromium and Chinese fonts …"; \
	  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium fonts-noto-cjk; } \
	    >/dev/null 2>&1 || echo "chromium 没有装上，页面测试将跳过 chromium could not be installed: page tests will be skipped"; \
	else \
	  echo "没有 chromium，页面测试将跳过。请安装 chromium 与 fonts-noto-cjk。"; \
	  echo "There is no chromium, page tests will be skipped. Install chromium and fonts-noto-cjk."; \
	fi
